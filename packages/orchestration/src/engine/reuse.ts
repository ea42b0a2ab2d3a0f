import {
  didYouMean,
  err,
  ok,
  OrchestrationError,
  type Result,
  type RunRecord,
  type SpineError,
  type StepRecord,
  type StepSettlement,
  type Store,
} from "@spine/core";
import type { Executable } from "./executable.ts";
import { historyOf } from "./resume.ts";
import type { Durable } from "./run-log.ts";
import { type Rerun, storedContext } from "./run-setup.ts";
import type { EngineEnvironment } from "./scope.ts";

/** The steps of an earlier run that a rerun need not do again. Fails with `STEP_NOT_FOUND`. */
export async function reusedSteps(
  executable: Executable,
  { of, from }: Rerun,
  store: Store,
): Promise<Result<readonly StepRecord[], SpineError>> {
  const positions = new Map(executable.steps.map(({ name }, position) => [name, position]));
  const first = positions.get(from);
  if (first === undefined) {
    return err(
      new OrchestrationError(
        `"${executable.name}" has no step "${from}" to run from.${didYouMean(from, positions.keys())}`,
        {
          code: "STEP_NOT_FOUND",
          context: { name: executable.name, step: from },
        },
      ),
    );
  }
  const redone = executable.redoneWith?.(first);
  const isKept = (position: number): boolean => (redone === undefined ? position < first : !redone.has(position));
  const steps = await store.history.steps({ runId: of });
  return steps.map((records) =>
    records.filter(({ step, status, attempt }) => {
      const position = positions.get(step);
      const isBehind = status === "COMPLETED" || (status === "SKIPPED" && attempt > 0);
      return isBehind && position !== undefined && isKept(position);
    }),
  );
}

/** Gives a rerun what it begins with, in one commit; done once, also when its process ends before it is done. */
export async function reuseSteps(
  executable: Executable,
  { runId, rerunOf, rerunFrom }: RunRecord,
  { store, recorder, owner, fence }: Durable,
  environment: EngineEnvironment,
): Promise<Result<void, SpineError>> {
  if (rerunOf === undefined || rerunFrom === undefined) return ok(undefined);
  const present = await store.history.steps({ runId });
  if (present.isErr()) return err(present.error);
  if (present.value.length > 0) return ok(undefined);
  const [source, reused] = [
    await store.history.get({ runId: rerunOf }),
    await reusedSteps(executable, { of: rerunOf, from: rerunFrom }, store),
  ];
  if (source.isErr()) return err(source.error);
  if (reused.isErr()) return err(reused.error);
  if (source.value === undefined || reused.value.length === 0) return ok(undefined);
  const { counter } = historyOf(executable, reused.value, storedContext(source.value, environment));
  await recorder.record({
    runId,
    owner,
    fence,
    settled: reused.value.map(settlementOf),
    started: [],
    attempts: [],
    events: [{ type: "run.reused", payload: { of: rerunOf, from: rerunFrom, steps: reused.value.length } }],
    counts: { ...counter },
  });
  return ok(undefined);
}

function settlementOf(record: StepRecord): StepSettlement {
  const {
    step,
    kind,
    position,
    status,
    attempt,
    order = 0,
    durationMs,
    output,
    updates,
    reason,
    quality,
    next,
  } = record;
  return {
    step,
    kind,
    position,
    status: status === "SKIPPED" ? status : "COMPLETED",
    attempt,
    order,
    durationMs,
    output,
    updates,
    reason,
    quality,
    next,
  };
}
