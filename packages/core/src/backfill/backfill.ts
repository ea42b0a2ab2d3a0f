import type { JsonObject } from "../json.ts";
import type { Instant } from "../time.ts";

/**
 * Which partitions a backfill takes: those that are `missing`, whose last capture `failed`, whose capture is `stale`, or `all` of the range
 * (which captures again, by force).
 */
export type BackfillMode = "missing" | "failed" | "stale" | "all";
export type BackfillDirection = "forward" | "backward";
export type BackfillStatus = "PLANNED" | "RUNNING" | "PAUSED" | "COMPLETED" | "PARTIAL" | "FAILED" | "CANCELLED";
export type BackfillItemStatus = "PENDING" | "RUNNING" | "COMPLETED" | "SKIPPED" | "FAILED" | "CANCELLED";

export interface BackfillCounts {
  readonly total: number;
  readonly pending: number;
  readonly running: number;
  readonly completed: number;
  /** Their run said there was nothing to do. */
  readonly skipped: number;
  readonly failed: number;
  readonly cancelled: number;
}

/** A plan over partitions that is frozen when it is made and worked off durably. */
export interface Backfill {
  readonly backfillId: string;
  /** The expectation whose partitions it fills. */
  readonly expectation: string;
  /** The workflow, group or pipeline it runs for each of them. */
  readonly target: string;
  readonly mode: BackfillMode;
  readonly direction: BackfillDirection;
  /** How many partitions may run at once, over all processes. */
  readonly maxParallel: number;
  readonly reason: string;
  readonly createdBy: string;
  readonly status: BackfillStatus;
  readonly counts: BackfillCounts;
  readonly createdAt: Instant;
  readonly startedAt: Instant | undefined;
  readonly completedAt: Instant | undefined;
}

/** One partition of a backfill. */
export interface BackfillItem {
  readonly backfillId: string;
  /** Its place in the order, from 0. */
  readonly position: number;
  readonly partition: string;
  readonly params: JsonObject;
  readonly status: BackfillItemStatus;
  /** The run that does it: chosen before the run begins, so that a second try finds the first. */
  readonly runId: string | undefined;
  /** How often it was begun, by whatever process. */
  readonly attempt: number;
  readonly error: string | undefined;
  readonly startedAt: Instant | undefined;
  readonly completedAt: Instant | undefined;
}

export type NewBackfill = Omit<Backfill, "status" | "counts" | "createdAt" | "startedAt" | "completedAt"> & {
  readonly items: readonly Pick<BackfillItem, "partition" | "params">[];
};
