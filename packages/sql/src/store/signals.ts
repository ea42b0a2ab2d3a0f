import { ok, type SignalRecord, type SignalStore } from "@spine/core";
import type { Selectable } from "kysely";
import { decodeJson } from "../codecs.ts";
import type { SignalsTable } from "../tables.ts";
import type { StoreContext } from "./context.ts";

/** Messages to runs. */
export function createSignalStore({ attempt, atomic, clock, db }: StoreContext): SignalStore {
  return Object.freeze<SignalStore>({
    send: ({ id, runId, name, payload }) =>
      attempt(() =>
        atomic(async (tx) => {
          // Every row is locked whatever its status, so that a run that is being parked now is found WAITING, or finds the signal.
          for (let woken: string | null = runId; woken !== null;) {
            const run: { parent_run_id: string | null } | undefined = await tx
              .updateTable("core_workflow_runs")
              .set((build) => ({
                due_at: build
                  .case()
                  .when(
                    build.and([
                      build("status", "=", "WAITING"),
                      build.or([build("requested", "is", null), build("requested", "!=", "pause")]),
                    ]),
                  )
                  .then(clock.now())
                  .else(build.ref("due_at"))
                  .end(),
              }))
              .where("run_id", "=", woken)
              .returning("parent_run_id")
              .executeTakeFirst();
            if (run === undefined && woken === runId) return ok<SignalRecord | undefined>(undefined);
            woken = run?.parent_run_id ?? null;
          }
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
