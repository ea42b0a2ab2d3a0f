import { type ItemRecord, type ItemStore, ok, type SerializedError } from "@spine/core";
import { type Selectable, sql } from "kysely";
import { decodeJson, decodeOptionalJson, jsonText } from "../codecs.ts";
import type { MapItemsTable } from "../run-tables.ts";
import type { StoreContext } from "./context.ts";

/** A statement takes no more than this many rows, so that its parameters stay below every engine's limit. */
const rowsAtOnce = 500;

/** The items of map steps. */
export function createItemStore({ attempt, atomic, db }: StoreContext): ItemStore {
  return Object.freeze<ItemStore>({
    add: ({ runId, step, from, items }) =>
      attempt(() =>
        atomic(async (tx) => {
          for (let start = 0; start < items.length; start += rowsAtOnce) {
            await tx
              .insertInto("core_map_items")
              .values(
                items.slice(start, start + rowsAtOnce).map((item, offset) => ({
                  run_id: runId,
                  step_name: step,
                  item_index: from + start + offset,
                  status: "PENDING" as const,
                  item: JSON.stringify(item),
                  attempt: 0,
                })),
              )
              .onConflict((conflict) => conflict.columns(["run_id", "step_name", "item_index"]).doNothing())
              .execute();
          }
          return ok(undefined);
        }),
      ),
    settle: ({ runId, step, owner, fence, settled }) =>
      attempt(() =>
        atomic(async (tx) => {
          const own = await tx
            .updateTable("core_workflow_runs")
            .set((build) => ({ fence: build.ref("fence") }))
            .where("run_id", "=", runId)
            .where("owner", "=", owner)
            .where("fence", "=", fence)
            .where("status", "=", "RUNNING")
            .returning("run_id")
            .executeTakeFirst();
          if (own === undefined) return ok(false);
          for (let start = 0; start < settled.length; start += rowsAtOnce) {
            await tx
              .insertInto("core_map_items")
              .values(
                settled.slice(start, start + rowsAtOnce).map(({ index, status, attempt: tries, output, error }) => ({
                  run_id: runId,
                  step_name: step,
                  item_index: index,
                  status,
                  item: "null",
                  output: jsonText(output),
                  error: jsonText(error),
                  attempt: tries,
                })),
              )
              .onConflict((conflict) =>
                conflict.columns(["run_id", "step_name", "item_index"]).doUpdateSet((build) => ({
                  status: build.ref("excluded.status"),
                  output: build.ref("excluded.output"),
                  error: build.ref("excluded.error"),
                  attempt: build.ref("excluded.attempt"),
                })),
              )
              .execute();
          }
          return ok(true);
        }),
      ),
    page: ({ runId, step, after = -1, limit, statuses }) =>
      attempt(async () => {
        const rows = await db
          .selectFrom("core_map_items")
          .selectAll()
          .where("run_id", "=", runId)
          .where("step_name", "=", step)
          .where("item_index", ">", after)
          .$if(statuses !== undefined, (query) => query.where("status", "in", statuses ?? []))
          .orderBy("item_index")
          .limit(limit)
          .execute();
        return ok(Object.freeze(rows.map(toItem)));
      }),
    tally: ({ runId, step }) =>
      attempt(async () => {
        const counted = (status: string) =>
          sql<number>`count(case when status = ${sql.lit(status)} then 1 end)`.as(status.toLowerCase());
        const row = await db
          .selectFrom("core_map_items")
          .select(({ fn }) => [fn.countAll<number>().as("total"), counted("COMPLETED"), counted("FAILED")])
          .where("run_id", "=", runId)
          .where("step_name", "=", step)
          .executeTakeFirstOrThrow();
        const counts = row as { readonly total: number; readonly completed: number; readonly failed: number };
        return ok(Object.freeze({ total: counts.total, completed: counts.completed, failed: counts.failed }));
      }),
  });
}

function toItem(row: Selectable<MapItemsTable>): ItemRecord {
  return Object.freeze({
    index: row.item_index,
    status: row.status,
    item: decodeJson(row.item),
    output: decodeOptionalJson(row.output),
    error: decodeOptionalJson<SerializedError>(row.error),
    attempt: row.attempt,
  });
}
