import { ok, type SignalRecord, type SignalStore } from "@spine/core";
import type { Selectable } from "kysely";
import { decodeJson } from "../codecs.ts";
import type { SignalsTable } from "../run-tables.ts";
import type { StoreContext } from "./context.ts";
import { wakeRun } from "./wake-run.ts";

/** Messages to runs. */
export function createSignalStore({ attempt, atomic, clock, db }: StoreContext): SignalStore {
  return Object.freeze<SignalStore>({
    send: ({ id, runId, name, payload }) =>
      attempt(() =>
        atomic(async (tx) => {
          if (!(await wakeRun(tx, clock, runId))) return ok<SignalRecord | undefined>(undefined);
          await tx
            .insertInto("core_signals")
            .values({ id, run_id: runId, name, payload: JSON.stringify(payload), sent_at: clock.now() })
            .onConflict((conflict) => conflict.column("id").doNothing())
            .execute();
          const row = await tx.selectFrom("core_signals").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
          return ok<SignalRecord | undefined>(toSignal(row));
        }),
      ),
    list: ({ runId }) =>
      attempt(async () => {
        const rows = await db
          .selectFrom("core_signals")
          .selectAll()
          .where("run_id", "=", runId)
          .orderBy("sequence")
          .execute();
        return ok(Object.freeze(rows.map(toSignal)));
      }),
  });
}

function toSignal(row: Selectable<SignalsTable>): SignalRecord {
  return Object.freeze({
    sequence: row.sequence,
    runId: row.run_id,
    name: row.name,
    payload: decodeJson(row.payload),
    sentAt: row.sent_at,
  });
}
