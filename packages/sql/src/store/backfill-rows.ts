import type { Backfill, BackfillCounts, BackfillItem, BackfillItemStatus } from "@spine/core";
import type { Selectable } from "kysely";
import { decodeJsonObject, optional } from "../codecs.ts";
import type { BackfillItemsTable, BackfillsTable } from "../tables.ts";

export type BackfillRow = Selectable<BackfillsTable>;
export type ItemRow = Selectable<BackfillItemsTable>;

export interface CountRow {
  readonly status: BackfillItemStatus;
  readonly count: number;
}

export function toCounts(rows: readonly CountRow[]): BackfillCounts {
  const count = (status: BackfillItemStatus): number => rows.find((row) => row.status === status)?.count ?? 0;
  return Object.freeze({
    total: rows.reduce((total, row) => total + row.count, 0),
    pending: count("PENDING"),
    running: count("RUNNING"),
    completed: count("COMPLETED"),
    skipped: count("SKIPPED"),
    failed: count("FAILED"),
    cancelled: count("CANCELLED"),
  });
}

export function toBackfill(row: BackfillRow, counts: BackfillCounts): Backfill {
  return Object.freeze<Backfill>({
    backfillId: row.backfill_id,
    expectation: row.expectation,
    target: row.target,
    mode: row.mode,
    direction: row.direction,
    maxParallel: row.max_parallel,
    reason: row.reason,
    createdBy: row.created_by,
    status: row.status,
    counts,
    createdAt: row.created_at,
    startedAt: optional(row.started_at),
    completedAt: optional(row.completed_at),
  });
}

export function toItem(row: ItemRow): BackfillItem {
  return Object.freeze<BackfillItem>({
    backfillId: row.backfill_id,
    position: row.position,
    partition: row.partition_key,
    params: decodeJsonObject(row.params),
    status: row.status,
    runId: optional(row.run_id),
    attempt: row.attempt,
    error: optional(row.error),
    startedAt: optional(row.started_at),
    completedAt: optional(row.completed_at),
  });
}
