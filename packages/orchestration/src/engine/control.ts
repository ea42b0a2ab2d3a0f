import {
  type Clock,
  err,
  type Json,
  type Result,
  type ResultAsync,
  type RunRecord,
  serializeError,
  SpineError,
  type StepSettlement,
} from "@spine/core";
import { claimRun, type DurableParts, storedRun } from "./durable-parts.ts";
import type { Run } from "./run.ts";
import { endEvent } from "./transitions.ts";

/** What may be said to a run from outside, wherever it is being worked on. */
export interface RunControl {
  /**
   * Ends a run CANCELLED, and the runs it has started. In this process, at once (attempts have 5 s to stop by themselves); one that
   * waits or was abandoned, at once; of one that another process works on, that process is asked, and the run is handed out as it
   * stands. Fails with `RUN_NOT_FOUND`, `RUN_ENDED`.
   */
  cancel(runId: string): ResultAsync<Run, SpineError>;
  /** Lets steps under way end and begins no further one; `resume` goes on. Fails with `RUN_NOT_FOUND`, `RUN_ENDED`. */
  pause(runId: string): ResultAsync<Run, SpineError>;
  /** Sends a signal, which is kept until a step takes it. Fails with `RUN_NOT_FOUND`, `RUN_ENDED`. */
  signal(runId: string, name: string, payload?: Json): ResultAsync<void, SpineError>;
}

/** Cancels a run that this process does not work on. */
export async function cancelRecorded(
  parts: DurableParts,
  record: RunRecord,
  clock: Clock,
): Promise<Result<Run, SpineError>> {
  const { store, owner, recorder } = parts;
  const { runId, name } = record;
  const claimed = await claimRun(parts, record, { statuses: ["RUNNING", "WAITING"] });
  // A living process has it, and will see that it is asked to.
  if (claimed.isErr()) return claimed.error.code === "RUN_OWNED" ? storedRun(parts, record) : err(claimed.error);
  const children = await store.history.list({ parentRunId: runId, limit: 1000 });
  if (children.isErr()) return err(children.error);
  for (const child of children.value) {
    if (child.status !== "RUNNING" && child.status !== "WAITING") continue;
    const cancelled = await cancelRecorded(parts, child, clock);
    if (cancelled.isErr()) return cancelled;
  }
  const steps = await store.history.steps({ runId });
  if (steps.isErr()) return err(steps.error);
  const error = serializeError(
    new SpineError("CANCELLED", `Run ${runId} of "${name}" was cancelled.`, {
      context: { runId, remedy: `spine resume ${runId}` },
    }),
  );
  const open = steps.value.filter(({ status }) => status === "RUNNING" || status === "WAITING");
  const last = Math.max(0, ...steps.value.map(({ order = 0 }) => order));
  const settled = open.map(({ step, kind, position, attempt }, index): StepSettlement => ({
    step,
    kind,
    position,
    attempt,
    status: "FAILED",
    order: last + index + 1,
    error,
  }));
  const { counts, fence, startedAt } = claimed.value;
  const durationMs = clock.nowMs() - Date.parse(startedAt);
  const end = { status: "CANCELLED", durationMs, error } as const;
  await recorder.record({
    runId,
    owner: owner.id,
    fence,
    settled,
    started: [],
    attempts: [],
    events: [endEvent(end, name)],
    counts: { ...counts, failed: counts.failed + open.length },
    end,
  });
  if (record.concurrencyKey !== undefined) {
    const released = await store.slots.release({ runId });
    if (released.isErr()) return err(released.error);
  }
  const ended = await store.history.get({ runId });
  if (ended.isErr()) return err(ended.error);
  return storedRun(parts, ended.value ?? record);
}
