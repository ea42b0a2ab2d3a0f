import { expectOk } from "@spine/testkit";
import type { Run, Spine } from "../../src/index.ts";

/** `load COMPLETED`, `review SKIPPED: choice "route" went another way`, in the order in which they ended. */
export function stepLines(run: Pick<Run, "steps">): readonly string[] {
  return run.steps.map(({ step, status, reason }) => lineOf(step, status, reason));
}

/** The same of the stored steps, by position. */
export async function storedStepLines(spine: Spine, runId: string): Promise<readonly string[]> {
  const steps = await expectOk(spine.store.history.steps({ runId }));
  return steps.map(({ step, status, reason }) => lineOf(step, status, reason));
}

/** `load 2 FAILED NETWORK_ERROR`, in the order in which the attempts ended. */
export async function attemptLines(spine: Spine, runId: string): Promise<readonly string[]> {
  const attempts = await expectOk(spine.store.history.attempts({ runId }));
  return attempts.map(({ step, attempt, status, error }) =>
    [step, attempt, status, ...(error === undefined ? [] : [error.code])].join(" "),
  );
}

/** Types of the run's stored events, with the step they are about: `step.completed load`. */
export async function eventLines(spine: Spine, runId: string): Promise<readonly string[]> {
  const events = await expectOk(spine.store.history.events({ runId }));
  return events.map(({ type, step }) => (step === undefined ? type : `${type} ${step}`));
}

function lineOf(step: string, status: string, reason: string | undefined): string {
  return `${step} ${status}${reason === undefined ? "" : `: ${reason}`}`;
}
