import { encodeJson, type Json, type JsonObject } from "../json.ts";
import type { ErrorCategory } from "./codes.ts";
import { SpineError, type ErrorContext } from "./spine-error.ts";
import { valueText } from "./value-text.ts";

/** An error as it is stored in history, sent in events and printed by `--json`. Absent facts have no key. */
export interface SerializedError {
  readonly name: string;
  readonly code: string;
  readonly category: ErrorCategory;
  readonly message: string;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
  readonly context?: JsonObject;
  /** Text of each cause, outermost first, at most 8. */
  readonly causes?: readonly string[];
  readonly stack?: string;
}

/** An error as JSON. The stack is kept for errors that were not foreseen (categories INTERNAL and UNKNOWN) only. */
export function serializeError(error: SpineError): SerializedError {
  const context = encodeContext(error.context);
  const causes = causeTexts(error);
  const stack = error.category === "INTERNAL" || error.category === "UNKNOWN" ? stackOf(error) : undefined;
  return {
    name: error.name,
    code: error.code,
    category: error.category,
    message: error.message,
    retryable: error.retryable,
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    ...(context === undefined ? {} : { context }),
    ...(causes.length === 0 ? {} : { causes }),
    ...(stack === undefined ? {} : { stack }),
  };
}

/** The stored form as an error again: same code, category, text and context; the class is SpineError. */
export function deserializeError(stored: SerializedError): SpineError {
  const error = new SpineError(stored.code, stored.message, {
    category: stored.category,
    retryable: stored.retryable,
    ...(stored.retryAfterMs === undefined ? {} : { retryAfterMs: stored.retryAfterMs }),
    ...(stored.context === undefined ? {} : { context: stored.context }),
    cause: causeOf(stored.causes ?? []),
  });
  error.name = stored.name;
  return error;
}

function encodeContext(context: ErrorContext): JsonObject | undefined {
  const entries = Object.entries(context).flatMap(([key, value]): [string, Json][] => {
    if (value === undefined) return [];
    return [[key, encodeJson(value).unwrapOr(valueText(value))]];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function causeTexts(error: Error): readonly string[] {
  const texts: string[] = [];
  let cause = error.cause;
  while (cause !== undefined && cause !== null && texts.length < 8) {
    texts.push(cause instanceof Error ? `${cause.name}: ${cause.message}` : valueText(cause));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return texts;
}

/** The chain that {@link causeTexts} told; its innermost link may have been a value that is no error. */
function causeOf(texts: readonly string[]): unknown {
  return texts.reduceRight<unknown>((inner, text) => {
    const [, name, message] = /^(\w+): (.*)$/s.exec(text) ?? [];
    if (name === undefined && inner === undefined) return text;
    const error = new Error(message ?? text, inner === undefined ? undefined : { cause: inner });
    error.name = name ?? "Error";
    return error;
  }, undefined);
}

function stackOf(error: Error): string | undefined {
  return error.cause instanceof Error ? error.cause.stack : error.stack;
}
