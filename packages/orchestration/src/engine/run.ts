import {
  failureOf,
  type Instant,
  type Json,
  type RunKind,
  type RunStatus,
  SpineError,
  type StepCounts,
  type StepSettlement,
} from "@spine/core";

/** How one step of a run ended. */
export type StepSummary = Pick<
  StepSettlement,
  "step" | "kind" | "position" | "status" | "attempt" | "durationMs" | "output" | "reason" | "error" | "quality"
>;

/**
 * A run as its caller gets it. `Ok(run)` says that the run was recorded, not that it succeeded: look at `status`, or use
 * `orThrow`, which also throws on FAILED and CANCELLED (design 4.7).
 */
export interface Run<Outputs = Readonly<Record<string, Json>>> {
  readonly runId: string;
  readonly kind: RunKind;
  readonly name: string;
  readonly status: RunStatus;
  /** By step; a step that did not run has none. */
  readonly outputs: Outputs;
  /** In the order in which they ended, steps of this execution only. */
  readonly steps: readonly StepSummary[];
  readonly counts: StepCounts;
  /** The first failure, also of a PARTIAL run. */
  readonly error: SpineError | undefined;
  readonly errorStep: string | undefined;
  readonly startedAt: Instant;
  readonly completedAt: Instant | undefined;
  readonly durationMs: number;
  /** When a WAITING run goes on; without it, it waits for a signal or to be resumed. */
  readonly dueAt: Instant | undefined;
  readonly batchId: string | undefined;
  readonly traceId: string;
  readonly [failureOf]: SpineError | undefined;
}

export function createRun(fields: Omit<Run, typeof failureOf>): Run {
  const { status, name, runId, error, errorStep } = fields;
  const failure =
    status === "FAILED" || status === "CANCELLED"
      ? new SpineError(
          status === "FAILED" ? "RUN_FAILED" : "RUN_CANCELLED",
          `Run ${runId} of "${name}" ended ${status}${errorStep === undefined ? "" : ` at step "${errorStep}"`}${error === undefined ? "" : `: ${error.message}`}`,
          {
            ...(error === undefined ? {} : { category: error.category, retryable: error.retryable, cause: error }),
            context: { runId, ...(errorStep === undefined ? {} : { step: errorStep }), remedy: `spine show ${runId}` },
          },
        )
      : undefined;
  return Object.freeze({ ...fields, [failureOf]: failure });
}
