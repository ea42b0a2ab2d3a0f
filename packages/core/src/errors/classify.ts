import type { ErrorCategory, ErrorCode } from "./codes.ts";
import { codeOfHttpStatus, SQL_STATES, SYSTEM_CODES } from "./foreign.ts";
import { SpineError, type ErrorContext } from "./spine-error.ts";
import { valueText } from "./value-text.ts";

/**
 * Any thrown value as a SpineError: its own is returned as it is, a foreign one is classified by one table (Node system
 * errors, HTTP status, SQLSTATE, SQLite codes, DOMException names) and kept as `cause`.
 * @param fallback the code when no row of the table fits; default `UNKNOWN`
 */
export function toSpineError(thrown: unknown, fallback: ErrorCode = "UNKNOWN", context?: ErrorContext): SpineError {
  // Who made the error knew better what it is about than who passes it on.
  if (thrown instanceof SpineError)
    return context === undefined ? thrown : thrown.withContext({ ...context, ...thrown.context });
  const code = classify(thrown) ?? fallback;
  const retryAfterMs = retryAfterOf(thrown);
  return new SpineError(code, textOf(thrown), {
    cause: thrown,
    ...(context === undefined ? {} : { context }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** The code a foreign error stands for, or undefined when the table has no row for it. */
export function classify(thrown: unknown): ErrorCode | undefined {
  for (const error of causesOf(thrown)) {
    const code = classifyOne(error);
    if (code !== undefined) return code;
  }
  return undefined;
}

/** Whether trying again may help, of any thrown value (seed 002 §2). */
export function isRetryable(thrown: unknown): boolean {
  return toSpineError(thrown).retryable;
}

/** How long the other side asked to wait, in milliseconds, if it did. */
export function getRetryAfterMs(thrown: unknown): number | undefined {
  return toSpineError(thrown).retryAfterMs;
}

export function categorize(thrown: unknown): ErrorCategory {
  return toSpineError(thrown).category;
}

function classifyOne(error: object): ErrorCode | undefined {
  const { code, name, status, statusCode, errcode } = error as Record<string, unknown>;
  if (typeof code === "string") {
    const known = SYSTEM_CODES[code] ?? codeOfSqlite(code) ?? codeOfSqlState(code);
    if (known !== undefined) return known;
  }
  if (typeof errcode === "string") {
    const known = codeOfSqlite(errcode);
    if (known !== undefined) return known;
  }
  const http = typeof status === "number" ? status : statusCode;
  if (typeof http === "number") return codeOfHttpStatus(http);
  if (name === "AbortError") return "CANCELLED";
  if (name === "TimeoutError") return "TIMEOUT";
  return undefined;
}

/** Extended SQLite codes such as SQLITE_BUSY_SNAPSHOT fall back on their primary code. */
function codeOfSqlite(code: string): ErrorCode | undefined {
  const primary = /^SQLITE_[A-Z]+/.exec(code);
  return primary === null ? undefined : SYSTEM_CODES[primary[0]];
}

function codeOfSqlState(code: string): ErrorCode | undefined {
  if (!/^[0-9A-Z]{5}$/.test(code)) return undefined;
  return SQL_STATES[code] ?? SQL_STATES[code.slice(0, 2)];
}

/** The error, then its causes and the members of an AggregateError, outermost first; at most 16, so a loop ends. */
function* causesOf(thrown: unknown): Generator<object> {
  const queue: unknown[] = [thrown];
  for (let seen = 0; queue.length > 0 && seen < 16; seen += 1) {
    const current = queue.shift();
    if (typeof current !== "object" || current === null) continue;
    yield current;
    if ("cause" in current) queue.push(current.cause);
    if ("errors" in current && Array.isArray(current.errors)) queue.push(...current.errors);
  }
}

function retryAfterOf(thrown: unknown): number | undefined {
  if (typeof thrown !== "object" || thrown === null || !("retryAfterMs" in thrown)) return undefined;
  const { retryAfterMs } = thrown;
  return typeof retryAfterMs === "number" && retryAfterMs >= 0 ? retryAfterMs : undefined;
}

function textOf(thrown: unknown): string {
  if (thrown instanceof Error) {
    // Node's connection errors to a host with two addresses have an empty text and the real ones inside.
    if (thrown.message === "" && thrown instanceof AggregateError) return thrown.errors.map(textOf).join("; ");
    return thrown.message === "" ? thrown.name : thrown.message;
  }
  if (typeof thrown === "string") return thrown;
  if (typeof thrown === "object" && thrown !== null && "message" in thrown && typeof thrown.message === "string") {
    return thrown.message;
  }
  return `A value that is not an error was thrown: ${valueText(thrown)}`;
}
