import { err, msOf, ok, type Result, type RunRecord, sleep, type SpineError } from "@spine/core";
import type { Run } from "./run.ts";
import { runOfHistory } from "./run-setup.ts";
import type { EngineEnvironment } from "./scope.ts";

/** A run that waits may be signalled from another process, or woken by it: the store is asked so often. */
const lookMs = 1000;

/** Gives a run that waits some time: wakes it when it is due, and hands it out when it has ended or the time is over. */
export async function waitWithin(
  started: Promise<Result<Run, SpineError>>,
  options: {
    readonly environment: EngineEnvironment;
    readonly signal: AbortSignal | undefined;
    readonly waitMs: number;
  },
  wake: (record: RunRecord) => Promise<Result<Run, SpineError>>,
): Promise<Result<Run, SpineError>> {
  const { environment, signal, waitMs } = options;
  const { clock, store } = environment;
  let run = await started;
  if (waitMs <= 0 || store === undefined) return run;
  const untilMs = clock.monotonicMs() + waitMs;
  while (run.isOk() && (run.value.status === "WAITING" || run.value.status === "RUNNING")) {
    const { runId } = run.value;
    const found = await store.history.get({ runId });
    if (found.isErr()) return err(found.error);
    const record = found.value;
    if (record === undefined) return run;
    if (record.status !== "WAITING" && record.status !== "RUNNING") {
      const steps = await store.history.steps({ runId });
      return steps.map((records) => runOfHistory(record, records));
    }
    const nowMs = clock.nowMs();
    if (record.status === "WAITING" && record.dueAt !== undefined && msOf(record.dueAt) <= nowMs) {
      const woken = await wake(record);
      // Somebody else was quicker; what becomes of it is seen below.
      run = woken.isErr() && woken.error.code === "RUN_OWNED" ? ok(run.value) : woken;
      if (woken.isOk()) continue;
      if (woken.error.code !== "RUN_OWNED") return woken;
    }
    const leftMs = untilMs - clock.monotonicMs();
    if (leftMs <= 0 || signal?.aborted === true) return run;
    const dueInMs = record.dueAt === undefined ? lookMs : Math.max(0, msOf(record.dueAt) - nowMs);
    await sleep(clock, Math.min(leftMs, lookMs, Math.max(1, dueInMs)), signal);
  }
  return run;
}
