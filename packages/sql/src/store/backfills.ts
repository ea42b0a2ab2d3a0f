import {
  type Backfill,
  type BackfillStore,
  collect,
  err,
  type NewBackfill,
  ok,
  type Result,
  type SpineError,
  type SqlExecutor,
} from "@spine/core";
import type { Kysely } from "kysely";
import { encodeJsonText, plainText } from "../codecs.ts";
import type { CoreTables } from "../tables.ts";
import { type BackfillRow, type CountRow, toBackfill, toCounts, toItem } from "./backfill-rows.ts";
import { changeBackfill, claimItem, retryFailedItems, settleItem } from "./backfill-scripts.ts";
import type { StoreContext } from "./context.ts";

/** Backfills and their partitions. */
export function createBackfillStore({ attempt, atomic, clock, db, script, statements }: StoreContext): BackfillStore {
  const sql = statements.backfills;

  async function create(
    tx: Kysely<CoreTables>,
    executor: SqlExecutor,
    { items, ...given }: NewBackfill,
  ): Promise<Result<Backfill, SpineError>> {
    const rows = collect(
      items.map(({ partition, params }, position) =>
        encodeJsonText(params).map((text) => ({
          backfill_id: given.backfillId,
          position,
          partition_key: partition,
          params: text,
          status: "PENDING" as const,
        })),
      ),
    );
    if (rows.isErr()) return err(rows.error);
    const row = await tx
      .insertInto("core_backfills")
      .values({
        backfill_id: given.backfillId,
        expectation: given.expectation,
        target: given.target,
        mode: given.mode,
        direction: given.direction,
        max_parallel: given.maxParallel,
        reason: plainText(given.reason) ?? "",
        created_by: plainText(given.createdBy) ?? "",
        status: "PLANNED",
        created_at: clock.now(),
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    const counts = toCounts([{ status: "PENDING", count: items.length }]);
    return executor.insert("core_backfill_items", rows.value).map(() => toBackfill(row, counts));
  }

  /** Backfills with the counts of their items. */
  async function counted(rows: readonly BackfillRow[]): Promise<readonly Backfill[]> {
    if (rows.length === 0) return Object.freeze([]);
    const counts = await db
      .selectFrom("core_backfill_items")
      .select(({ fn }) => ["backfill_id", "status", fn.countAll<number>().as("count")])
      .where(
        "backfill_id",
        "in",
        rows.map(({ backfill_id }) => backfill_id),
      )
      .groupBy(["backfill_id", "status"])
      .execute();
    const countsOf = new Map<string, CountRow[]>();
    for (const row of counts) countsOf.set(row.backfill_id, [...(countsOf.get(row.backfill_id) ?? []), row]);
    return Object.freeze(rows.map((row) => toBackfill(row, toCounts(countsOf.get(row.backfill_id) ?? []))));
  }

  return Object.freeze<BackfillStore>({
    create: (backfill) => attempt(() => atomic((tx, executor) => create(tx, executor, backfill))),
    get: ({ backfillId }) =>
      attempt(async () => {
        const rows = await db.selectFrom("core_backfills").selectAll().where("backfill_id", "=", backfillId).execute();
        return ok((await counted(rows))[0]);
      }),
    list: ({ status, limit = 100 }) =>
      attempt(async () => {
        const rows = await db
          .selectFrom("core_backfills")
          .selectAll()
          .$if(status !== undefined, (query) => query.where("status", "=", status ?? "PLANNED"))
          .orderBy("created_at", "desc")
          .orderBy("backfill_id", "desc")
          .limit(limit)
          .execute();
        return ok(await counted(rows));
      }),
    items: ({ backfillId, status, after = -1, limit }) =>
      attempt(async () => {
        const rows = await db
          .selectFrom("core_backfill_items")
          .selectAll()
          .where("backfill_id", "=", backfillId)
          .where("position", ">", after)
          .$if(status !== undefined, (query) => query.where("status", "=", status ?? "PENDING"))
          .orderBy("position")
          .$if(limit !== undefined, (query) => query.limit(limit ?? 0))
          .execute();
        return ok(Object.freeze(rows.map(toItem)));
      }),
    change: (change) => attempt(() => script(() => changeBackfill(sql, change))),
    claim: (claim) => attempt(() => script(() => claimItem(sql, claim))),
    settle: (item) => attempt(() => script(() => settleItem(sql, item))),
    retryFailed: (backfill) => attempt(() => script(() => retryFailedItems(sql, backfill))),
  });
}
