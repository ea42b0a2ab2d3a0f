import {
  type ErrorCategory,
  encodeJson,
  encodeJsonObject,
  isResult,
  isSkipped,
  type Json,
  type JsonObject,
  ok,
  type QualityMetrics,
  type Result,
  SpineError,
  toSpineError,
} from "@spine/core";
import type { Outcome } from "../engine/program.ts";

declare const outputType: unique symbol;

export interface StepResultOptions {
  /** Merged into the run's parameters, for all later steps. */
  readonly updates?: Readonly<Record<string, unknown>>;
  readonly quality?: QualityMetrics;
  /** Kept in the run's event log, with the step's name. */
  readonly events?: readonly { readonly type: string; readonly payload?: JsonObject }[];
  /** Name of the step to go on with: it must lie after this one; the steps between are SKIPPED. */
  readonly next?: string;
}

export interface StepFailure extends StepResultOptions {
  /** @defaultValue ORCHESTRATION */
  readonly category?: ErrorCategory;
  /** @defaultValue STEP_FAILED */
  readonly code?: string;
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/** What a step says of itself (seed 000): success or failure, output, updates of the parameters, quality, events, next step. */
export class StepResult<Output = unknown> {
  declare readonly [outputType]: Output;
  readonly success: boolean;
  readonly output: unknown;
  readonly error: SpineError | undefined;
  readonly skipReason: string | undefined;
  readonly options: StepResultOptions;

  private constructor(fields: Pick<StepResult, "success" | "output" | "error" | "skipReason" | "options">) {
    this.success = fields.success;
    this.output = fields.output;
    this.error = fields.error;
    this.skipReason = fields.skipReason;
    this.options = fields.options;
    Object.freeze(this);
  }

  static ok(): StepResult<undefined>;
  static ok<Output>(output: Output, options?: StepResultOptions): StepResult<Output>;
  static ok(output?: unknown, options: StepResultOptions = {}): StepResult {
    return new StepResult({ success: true, output, error: undefined, skipReason: undefined, options });
  }

  static fail(message: string, failure: StepFailure = {}): StepResult<never> {
    const error = new SpineError(failure.code ?? "STEP_FAILED", message, {
      ...(failure.category === undefined ? {} : { category: failure.category }),
      ...(failure.retryable === undefined ? {} : { retryable: failure.retryable }),
      ...(failure.cause === undefined ? {} : { cause: failure.cause }),
    });
    return new StepResult<never>({ success: false, output: undefined, error, skipReason: undefined, options: failure });
  }

  /** Says that there was nothing to do; the step is shown as SKIPPED. */
  static skip(reason: string, options: StepResultOptions = {}): StepResult<undefined> {
    return new StepResult<undefined>({
      success: true,
      output: undefined,
      error: undefined,
      skipReason: reason,
      options,
    });
  }
}

/** What a lambda may return. `true` and `undefined` succeed without output, `false` fails with category VALIDATION (seed 001). */
export type StepReturn = StepResult | Result<unknown, unknown> | boolean | undefined | void | object;

/** The output type of a step that returns `R`. */
export type OutputOfReturn<R> =
  Awaited<R> extends infer V
    ? V extends StepResult<infer O>
      ? O
      : V extends Result<infer O, unknown>
        ? OutputOfReturn<O>
        : V extends boolean | undefined | void
          ? never
          : V
    : never;

/** Turns whatever user code returned into an outcome; what JSON cannot keep fails the step with the path. */
export function outcomeOf(step: string, returned: unknown): Outcome {
  if (returned === undefined || returned === true) return completed;
  if (returned === false) {
    return {
      status: "FAILED",
      error: new SpineError("STEP_REJECTED", `Step "${step}" returned false: what it checks does not hold.`, {
        context: { step },
      }),
    };
  }
  if (returned instanceof StepResult) return outcomeOfStepResult(step, returned);
  if (isResult(returned)) {
    return returned.isOk()
      ? outcomeOf(step, returned.value)
      : { status: "FAILED", error: toSpineError(returned.error, "STEP_FAILED") };
  }
  if (isSkipped(returned)) return skippedOutcome(step, returned.reason, returned.output);
  if (typeof returned !== "object" || returned === null) {
    return {
      status: "FAILED",
      error: new SpineError(
        "STEP_RESULT_INVALID",
        `Step "${step}" returned ${returned === null ? "null" : `a ${typeof returned}`}. Return a StepResult, an object, a boolean or nothing.`,
        { context: { step } },
      ),
    };
  }
  return encoded(step, returned).match(
    (output): Outcome => ({ status: "COMPLETED", output }),
    (error): Outcome => ({ status: "FAILED", error }),
  );
}

const completed: Outcome = Object.freeze({ status: "COMPLETED" });

function outcomeOfStepResult(step: string, result: StepResult): Outcome {
  const { quality, events, next } = result.options;
  const updates = result.options.updates === undefined ? ok(undefined) : encodeJsonObject(result.options.updates);
  if (updates.isErr()) return { status: "FAILED", error: inStep(step, "updates", updates.error) };
  const extras = {
    ...(updates.value === undefined ? {} : { updates: updates.value }),
    ...(quality === undefined ? {} : { quality }),
    ...(events === undefined ? {} : { events: events.map(({ type, payload = {} }) => ({ type, step, payload })) }),
    ...(next === undefined ? {} : { next }),
  };
  if (result.error !== undefined) return { status: "FAILED", error: result.error, ...extras };
  if (result.skipReason !== undefined) return { status: "SKIPPED", reason: result.skipReason, ...extras };
  if (result.output === undefined) return { status: "COMPLETED", ...extras };
  return encoded(step, result.output).match(
    (output): Outcome => ({ status: "COMPLETED", output, ...extras }),
    (error): Outcome => ({ status: "FAILED", error }),
  );
}

function skippedOutcome(step: string, reason: string, output: unknown): Outcome {
  if (output === undefined) return { status: "SKIPPED", reason };
  return encoded(step, output).match(
    (json): Outcome => ({ status: "SKIPPED", reason, output: json }),
    (error): Outcome => ({ status: "FAILED", error }),
  );
}

function encoded(step: string, output: unknown): Result<Json, SpineError> {
  return encodeJson(output).mapErr((error) => inStep(step, "output", error));
}

function inStep(step: string, what: string, error: SpineError): SpineError {
  return new SpineError(error.code, `Step "${step}", ${what}: ${error.message}`, {
    context: { ...error.context, step },
    cause: error,
  });
}
