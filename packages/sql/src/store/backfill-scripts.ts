import {
  type Backfill,
  type BackfillCounts,
  type BackfillItem,
  backfillNotEnded,
  backfillNotFound,
  backfillStatusAfter,
  type BackfillStore,
  err,
  isBackfillEnd,
  moveBackfill,
  ok,
} from "@spine/core";
import { plainText } from "../codecs.ts";
import { type BackfillRow, type CountRow, type ItemRow, toBackfill, toCounts, toItem } from "./backfill-rows.ts";
import type { BackfillStatements } from "./backfill-sql.ts";
import { ask, type Script } from "./script.ts";
import type { Query } from "./statement.ts";
import type { SqlResult } from "@spine/core";

type Params<Name extends keyof BackfillStore> = Parameters<BackfillStore[Name]>[0];
type Asking<T> = Generator<Query, T, SqlResult<never>>;

export function* changeBackfill(sql: BackfillStatements, { backfillId, to }: Params<"change">): Script<Backfill> {
  const row = yield* locked(sql, backfillId);
  if (row === undefined) return err(backfillNotFound(backfillId));
  const moved = moveBackfill({ backfillId, status: row.status }, to);
  if (moved.isErr()) return err(moved.error);
  if (moved.value === row.status) return ok(toBackfill(row, yield* countsOf(sql, backfillId)));
  if (to === "CANCELLED") yield* ask(sql.cancelItems({ backfill_id: backfillId }));
  const counts = yield* countsOf(sql, backfillId);
  return ok(yield* move(sql, row, { status: to, counts, isEnded: to === "CANCELLED" && counts.running === 0 }));
}

/** What somebody left behind comes before what nobody has begun. */
export function* claimItem(
  sql: BackfillStatements,
  { backfillId, owner, deadOwners, runId }: Params<"claim">,
): Script<BackfillItem | undefined> {
  const row = yield* locked(sql, backfillId);
  if (row?.status !== "RUNNING") return ok(undefined);
  const values = {
    backfill_id: backfillId,
    owner,
    dead_owners: JSON.stringify(deadOwners),
    max_parallel: row.max_parallel,
  };
  const place =
    (yield* ask<Pick<ItemRow, "position">>(sql.left(values))).rows[0] ??
    (yield* ask<Pick<ItemRow, "position">>(sql.pending(values))).rows[0];
  if (place === undefined) return ok(undefined);
  const [item] = (yield* ask<ItemRow>(
    sql.begin({ backfill_id: backfillId, owner, run_id: runId, position: place.position }),
  )).rows;
  return ok(item === undefined ? undefined : toItem(item));
}

export function* settleItem(
  sql: BackfillStatements,
  { backfillId, position, owner, status, error }: Params<"settle">,
): Script<Backfill | undefined> {
  const row = yield* locked(sql, backfillId);
  if (row === undefined) return ok(undefined);
  // Nobody will take it again.
  const settled = status === "PENDING" && row.status === "CANCELLED" ? "CANCELLED" : status;
  const values = { backfill_id: backfillId, position, owner, status: settled, error: plainText(error) };
  const { rowsAffected } = yield* ask(sql.settle(values));
  if (rowsAffected === 0) return ok(undefined);
  const counts = yield* countsOf(sql, backfillId);
  const isEnded = counts.pending + counts.running === 0;
  if (!isEnded) return ok(toBackfill(row, counts));
  return ok(yield* move(sql, row, { status: backfillStatusAfter(row.status, counts), counts, isEnded }));
}

export function* retryFailedItems(sql: BackfillStatements, { backfillId }: Params<"retryFailed">): Script<number> {
  const row = yield* locked(sql, backfillId);
  if (row === undefined) return err(backfillNotFound(backfillId));
  if (!isBackfillEnd(row.status)) return err(backfillNotEnded({ backfillId, status: row.status }));
  const { rowsAffected } = yield* ask(sql.retryItems({ backfill_id: backfillId }));
  if (rowsAffected > 0) yield* ask(sql.move({ backfill_id: backfillId, status: "PLANNED", ended: 0 }));
  return ok(rowsAffected);
}

function* locked(sql: BackfillStatements, backfillId: string): Asking<BackfillRow | undefined> {
  return (yield* ask<BackfillRow>(sql.locked({ backfill_id: backfillId }))).rows[0];
}

function* countsOf(sql: BackfillStatements, backfillId: string): Asking<BackfillCounts> {
  return toCounts((yield* ask<CountRow>(sql.counts({ backfill_id: backfillId }))).rows);
}

interface Move {
  readonly status: Backfill["status"];
  readonly counts: BackfillCounts;
  readonly isEnded: boolean;
}

function* move(sql: BackfillStatements, row: BackfillRow, { status, counts, isEnded }: Move): Asking<Backfill> {
  const [moved] = (yield* ask<BackfillRow>(sql.move({ backfill_id: row.backfill_id, status, ended: isEnded ? 1 : 0 })))
    .rows;
  return toBackfill(moved ?? row, counts);
}
