import { type Backfill, type BackfillStatus, type Clock, msOf, orThrow, type Store } from "@spine/core";
import { judgeRuns } from "../runs/truth.ts";

/** A backfill as people are told it: one that is RUNNING and nobody works on is not. */
export interface BackfillTruth {
  readonly status: BackfillStatus | "INTERRUPTED";
  /** The command that goes on with it, of one that has more to do and nobody works on. */
  readonly resume: string | undefined;
}

/** How long a partition may be between its claim and the beginning of its run. */
const beginningMs = 60_000;

export async function judgeBackfill(store: Store, backfill: Backfill, clock: Clock): Promise<BackfillTruth> {
  const { backfillId, status } = backfill;
  const resume = `spine backfill run ${backfillId}`;
  if (status === "PLANNED" || status === "PAUSED") return { status, resume };
  if (status !== "RUNNING") return { status, resume: undefined };
  const isWorkedOn = await hasWorkers(store, backfill, clock);
  return isWorkedOn ? { status, resume: undefined } : { status: "INTERRUPTED", resume };
}

/** Whether a partition of it has a run that somebody works on, or is just about to get one. */
async function hasWorkers(store: Store, { backfillId }: Backfill, clock: Clock): Promise<boolean> {
  const items = await orThrow(store.backfills.items({ backfillId, status: "RUNNING", limit: 1000 }));
  for (const { runId = "", startedAt } of items) {
    const run = await orThrow(store.history.get({ runId }));
    if (run === undefined) {
      if (startedAt !== undefined && clock.nowMs() - msOf(startedAt) < beginningMs) return true;
      continue;
    }
    const [judged] = await judgeRuns(store, [run]);
    if (judged?.truth.status === "RUNNING") return true;
  }
  return false;
}
