import type { Backfill, BackfillItem, BackfillItemStatus, BackfillStatus, NewBackfill } from "../backfill/backfill.ts";
import type { SpineError } from "../errors/spine-error.ts";
import type { ResultAsync } from "../result.ts";

/** Backfills and their partitions (`core_backfills`, `core_backfill_items`). Each write is one commit. */
export interface BackfillStore {
  /** Keeps a frozen plan, PLANNED, its items PENDING in their order. */
  create(backfill: NewBackfill): ResultAsync<Backfill, SpineError>;
  get(backfill: { readonly backfillId: string }): ResultAsync<Backfill | undefined, SpineError>;
  /** Newest first. */
  list(filter: {
    readonly status?: BackfillStatus | undefined;
    readonly limit?: number | undefined;
  }): ResultAsync<readonly Backfill[], SpineError>;
  /** By position. */
  items(filter: {
    readonly backfillId: string;
    readonly status?: BackfillItemStatus | undefined;
    /** Only items behind this position. */
    readonly after?: number | undefined;
    readonly limit?: number | undefined;
  }): ResultAsync<readonly BackfillItem[], SpineError>;
  /**
   * Moves a backfill to another status: RUNNING from PLANNED or PAUSED, PAUSED from RUNNING, CANCELLED from any that is not an end; pending
   * items of a cancelled one are CANCELLED too. The same status again changes nothing. Fails with `BACKFILL_NOT_FOUND`,
   * `BACKFILL_STATUS_INVALID`.
   */
  change(backfill: {
    readonly backfillId: string;
    readonly to: "RUNNING" | "PAUSED" | "CANCELLED";
  }): ResultAsync<Backfill, SpineError>;
  /**
   * Gives one item to an owner, while the backfill is RUNNING: first one whose owner's lease has run out or is one of `deadOwners`, with
   * the run id it has; else, while fewer than `maxParallel` items run, the next pending one, with `runId` unless it has one. Each claim
   * counts an attempt. Undefined when there is nothing to be had now.
   */
  claim(claim: {
    readonly backfillId: string;
    readonly owner: string;
    readonly deadOwners: readonly string[];
    readonly runId: string;
  }): ResultAsync<BackfillItem | undefined, SpineError>;
  /**
   * Ends an item that its owner holds; the last one ends the backfill: COMPLETED, PARTIAL or FAILED, or CANCELLED when it was. `PENDING`
   * gives it back, with its run id, for another claim (of a cancelled backfill it is CANCELLED then). Resolves to the backfill, or undefined
   * when the item belongs to somebody else now.
   */
  settle(item: {
    readonly backfillId: string;
    readonly position: number;
    readonly owner: string;
    readonly status: "COMPLETED" | "FAILED" | "SKIPPED" | "PENDING";
    readonly error?: string | undefined;
  }): ResultAsync<Backfill | undefined, SpineError>;
  /** Makes the FAILED items of an ended backfill PENDING again, without their run ids, and the backfill PLANNED. Resolves to how many. */
  retryFailed(backfill: { readonly backfillId: string }): ResultAsync<number, SpineError>;
}
