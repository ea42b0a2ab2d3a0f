import { err, instantOfMs, ok, type Result, type RunRecord, type SpineError } from "@spine/core";
import type { Executable } from "./executable.ts";
import type { Run } from "./run.ts";
import type { Durable } from "./run-log.ts";
import { runOfHistory } from "./run-setup.ts";
import type { EngineEnvironment } from "./scope.ts";

/** A queued run is told when a slot is free; should nobody have told it, it looks for itself after this. */
const lookAgainMs = 60_000;

/** Takes a slot for a run that is limited; parks it in the queue, and hands that out, when there is none. */
export async function takeSlot(
  { concurrency }: Executable,
  record: RunRecord,
  { store, recorder, owner, fence }: Durable,
  { clock }: EngineEnvironment,
): Promise<Result<Run | undefined, SpineError>> {
  const { runId, concurrencyKey: key } = record;
  if (concurrency === undefined || key === undefined) return ok(undefined);
  const acquired = await store.slots.acquire({ key, limit: concurrency.limit, runId });
  if (acquired.isErr()) return err(acquired.error);
  if (acquired.value) return ok(undefined);
  const dueAt = instantOfMs(clock.nowMs() + lookAgainMs);
  await recorder.suspend({
    runId,
    owner,
    fence,
    waits: [],
    events: [{ type: "run.queued", payload: { key, limit: concurrency.limit } }],
    // Signals mean nothing to a run that has not begun.
    park: { dueAt, signalsSeen: Number.MAX_SAFE_INTEGER },
  });
  // A slot that became free between the look and the parking was nobody's news: look once more.
  const again = await store.slots.acquire({ key, limit: concurrency.limit, runId });
  if (again.isErr()) return err(again.error);
  if (again.value) await store.signals.send({ id: `${runId}:slot`, runId, name: "spine.slot", payload: null });
  const parked = await store.history.get({ runId });
  if (parked.isErr()) return err(parked.error);
  return ok(runOfHistory(parked.value ?? record, []));
}
