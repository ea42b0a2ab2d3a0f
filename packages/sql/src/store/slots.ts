import { ok, type SlotStore } from "@spine/core";
import type { Kysely } from "kysely";
import type { CoreTables } from "../tables.ts";
import type { StoreContext } from "./context.ts";
import { wakeRun } from "./wake-run.ts";

/** Limits on how many runs hold a key at once. */
export function createSlotStore({ attempt, atomic, clock }: StoreContext): SlotStore {
  return Object.freeze<SlotStore>({
    acquire: ({ key, limit, runId }) => attempt(() => atomic(async (tx) => ok(await acquire(tx, key, limit, runId)))),
    release: ({ runId }) =>
      attempt(() =>
        atomic(async (tx) => {
          const freed = await tx.deleteFrom("core_slots").where("run_id", "=", runId).returning("slot_key").execute();
          for (const { slot_key } of freed) {
            const first = await firstInQueue(tx, slot_key).executeTakeFirst();
            if (first !== undefined) await wakeRun(tx, clock, first.run_id);
          }
          return ok(undefined);
        }),
      ),
  });
}

/** A slot that nobody has is taken by inserting it; one whose run has ended, by taking it from that run. */
async function acquire(tx: Kysely<CoreTables>, key: string, limit: number, runId: string): Promise<boolean> {
  const slots = await tx
    .selectFrom("core_slots")
    .leftJoin("core_workflow_runs as run", "run.run_id", "core_slots.run_id")
    .select(["core_slots.slot", "core_slots.run_id", "run.status"])
    .where("slot_key", "=", key)
    .where("slot", "<", limit)
    .execute();
  if (slots.some(({ run_id }) => run_id === runId)) return true;
  const bySlot = new Map(slots.map((slot) => [slot.slot, slot]));
  for (let slot = 0; slot < limit; slot += 1) {
    const held = bySlot.get(slot);
    if (held?.status === "RUNNING" || held?.status === "WAITING") continue;
    const taken =
      held === undefined
        ? await tx
            .insertInto("core_slots")
            .values({ slot_key: key, slot, run_id: runId })
            .onConflict((conflict) => conflict.doNothing())
            .returning("slot")
            .executeTakeFirst()
        : await tx
            .updateTable("core_slots")
            .set({ run_id: runId })
            .where("slot_key", "=", key)
            .where("slot", "=", slot)
            .where("run_id", "=", held.run_id)
            .returning("slot")
            .executeTakeFirst();
    if (taken !== undefined) return true;
  }
  return false;
}

/** The most urgent, then the oldest, of the runs that wait for a slot of the key. */
function firstInQueue(tx: Kysely<CoreTables>, key: string) {
  return tx
    .selectFrom("core_workflow_runs as run")
    .leftJoin("core_slots as own", (join) => join.onRef("own.run_id", "=", "run.run_id").on("own.slot_key", "=", key))
    .select("run.run_id")
    .where("run.concurrency_key", "=", key)
    .where("run.status", "=", "WAITING")
    .where("run.requested", "is", null)
    .where("own.slot", "is", null)
    .orderBy("run.priority", "desc")
    .orderBy("run.run_id")
    .limit(1);
}
