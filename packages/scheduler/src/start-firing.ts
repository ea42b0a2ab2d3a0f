import { err, type FiringRecord, type JsonObject, ok, type Result, type SpineError, type Store } from "@spine/core";
import type { Run, Spine } from "@spine/orchestration";
import type { Schedule } from "./schedule.ts";
import { render, templateValues } from "./template.ts";

/** How often a firing whose start fails for a moment is tried; the waits grow from one second to one minute. */
const mostStarts = 10;

/** What a start came to: a run that ended, one that somebody else has, or nothing. */
export type StartOutcome =
  | { readonly kind: "ran"; readonly run: Run }
  | { readonly kind: "elsewhere" }
  | { readonly kind: "given back"; readonly error: SpineError };

/**
 * Starts the run of a claimed firing under the id that was written with it, and waits for its end. An id that is taken says that
 * the run was started before: by a process that died, or by one that was slow.
 */
export async function startFiring(
  firing: FiringRecord,
  schedule: Schedule,
  { spine, store, owner, signal }: StartTools,
): Promise<Result<StartOutcome, SpineError>> {
  const values = templateValues(schedule.name, firing.instant, schedule.trigger.timeZone, schedule.partition);
  const started = await spine.run(schedule.target, {
    runId: firing.runId,
    params: { ...(render(schedule.params, values) as JsonObject), ...firing.params },
    partition: values.partition === "" ? undefined : values.partition,
    triggeredBy: "schedule",
    signal,
  });
  if (started.isOk()) return ok({ kind: "ran", run: started.value });
  const recorded = await store.history.get({ runId: firing.runId });
  if (recorded.isErr()) return err(recorded.error);
  // Recorded, so it is the engine's: it is going on elsewhere, or will be recovered.
  if (recorded.value !== undefined) return ok({ kind: "elsewhere" });
  return giveBack(firing, started.error, { store, owner });
}

export interface StartTools {
  readonly spine: Spine;
  readonly store: Store;
  readonly owner: string;
  readonly signal: AbortSignal;
}

export async function giveBack(
  { schedule, instant, attempt }: FiringRecord,
  error: SpineError,
  { store, owner }: Pick<StartTools, "store" | "owner">,
): Promise<Result<StartOutcome, SpineError>> {
  const retryAfterMs =
    error.retryable && attempt < mostStarts ? Math.min(60_000, 1000 * 2 ** (attempt - 1)) : undefined;
  const given = await store.schedules.giveBack({ schedule, instant, owner, error: error.message, retryAfterMs });
  return given.map(() => ({ kind: "given back", error }));
}
