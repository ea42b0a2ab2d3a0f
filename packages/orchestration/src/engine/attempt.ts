import { type Clock, type Logger, SpineError, toSpineError } from "@spine/core";
import type { WorkflowContext } from "../workflows/context.ts";
import type { ExecutableStep } from "./executable.ts";
import type { Outcome, StepOutcome } from "./program.ts";
import type { StepScope } from "./scope.ts";

/** How long an aborted attempt may take to stop by itself before it is abandoned. */
export const graceMs = 5000;

/**
 * One try of a step: the one place where what user code throws becomes an outcome. Never rejects.
 */
export async function attemptStep(
  step: ExecutableStep,
  context: WorkflowContext,
  scope: StepScope,
): Promise<StepOutcome> {
  try {
    return await step.execute(context, scope);
  } catch (thrown) {
    return { status: "FAILED", error: toSpineError(thrown, "STEP_THREW", { step: step.name }) };
  }
}

/**
 * {@link attemptStep} under an abort signal: once it is aborted (time-out, cancel) the attempt has a grace period to stop by
 * itself, then it is abandoned: whatever it returns later is dropped and logged, and its `commit` fails.
 */
export async function attemptAbortable(
  step: ExecutableStep,
  context: WorkflowContext,
  scope: StepScope,
  options: { readonly signal: AbortSignal; readonly clock: Clock; readonly logger: Logger },
): Promise<StepOutcome> {
  const { signal, clock, logger } = options;
  const work = attemptStep(step, context, scope);
  let cancelGrace: () => void = () => undefined;
  let onAbort: () => void = () => undefined;
  const abandoned = new Promise<Outcome>((resolve) => {
    onAbort = () => {
      cancelGrace = clock.setTimer(graceMs, () => resolve(abortedOutcome(step, signal)));
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
  let settled = false;
  void work.then(() => {
    if (settled)
      logger.warn("An abandoned attempt ended after all; what it returned was dropped.", { step: step.name });
  });
  const outcome = await Promise.race([work, abandoned]);
  settled = true;
  cancelGrace();
  signal.removeEventListener("abort", onAbort);
  // A step that was told to stop and failed for that reason failed because of the abort, whatever it threw.
  return signal.aborted && outcome.status === "FAILED" ? abortedOutcome(step, signal, outcome.error) : outcome;
}

function abortedOutcome(step: ExecutableStep, signal: AbortSignal, cause?: SpineError): Outcome {
  const reason: unknown = signal.reason;
  const error =
    reason instanceof SpineError
      ? reason
      : new SpineError("CANCELLED", `Step "${step.name}" was cancelled.`, {
          context: { step: step.name },
          cause: cause ?? reason,
        });
  return { status: "FAILED", error };
}
