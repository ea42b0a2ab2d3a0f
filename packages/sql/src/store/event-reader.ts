import { type EventRecord, ok, type Result, type RunHistory, type SpineError } from "@spine/core";
import { sql } from "kysely";
import type { StoreContext } from "./context.ts";
import { toEvent } from "./history-rows.ts";

type EventFilter = Parameters<RunHistory["events"]>[0];
type Read = (filter: EventFilter) => Promise<Result<readonly EventRecord[], SpineError>>;

/** Older events than this have no transaction in flight that could still put one before them. */
const settledAfterMs = 10 * 60_000;

/**
 * Reads the event log in order. Where numbers are given out before commits, a number can become visible after a higher one; a
 * reader with a cursor would lose it. So the whole log is read only up to the first number that a transaction in flight may yet fill.
 */
export function createEventReader({ db, clock, traits }: StoreContext): Read {
  const { snapshot } = traits;
  /** Gaps that were seen, with the transaction from which on nobody can fill them. */
  const gaps = new Map<number, bigint>();

  function query({ runId, after = 0, limit }: EventFilter) {
    return db
      .selectFrom("core_workflow_events")
      .selectAll()
      .where("sequence", ">", after)
      .$if(runId !== undefined, (build) => build.where("run_id", "=", runId ?? ""))
      .$if(runId !== undefined && traits.runEvents === "span", (build) => {
        const run = db.selectFrom("core_workflow_runs").where("run_id", "=", runId ?? "");
        return build
          .where("sequence", ">=", run.select("first_event"))
          .where(({ eb, or }) =>
            or([
              eb("sequence", "<=", run.select("last_event")),
              eb.not(eb.exists(run.select("run_id").where("last_event", "is not", null))),
            ]),
          );
      })
      .orderBy("sequence")
      .$if(limit !== undefined, (build) => build.limit(limit ?? 0));
  }

  /** Whether a number that is not there will never be. */
  function isGone(sequence: number, text: string): boolean {
    const [oldest = 0n, next = 0n] = text.split(":", 2).map(BigInt);
    const until = gaps.get(sequence) ?? next;
    if (oldest >= until) {
      gaps.delete(sequence);
      return true;
    }
    gaps.set(sequence, until);
    return false;
  }

  return async (filter) => {
    if (filter.runId !== undefined || snapshot === undefined) {
      return ok(Object.freeze((await query(filter).execute()).map(toEvent)));
    }
    const rows = await query(filter)
      .select([sql<string>`${sql.raw(snapshot)}`.as("snapshot"), clock.now().as("present")])
      .execute();
    const events: EventRecord[] = [];
    let expected = (filter.after ?? 0) + 1;
    for (const row of rows) {
      const isRecent = Date.parse(row.present) - Date.parse(row.occurred_at) < settledAfterMs;
      if (row.sequence > expected && isRecent && !isGone(expected, row.snapshot)) break;
      expected = row.sequence + 1;
      events.push(toEvent(row));
    }
    return ok(Object.freeze(events));
  };
}
