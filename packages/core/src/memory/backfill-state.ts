import type {
  Backfill,
  BackfillCounts,
  BackfillItem,
  BackfillItemStatus,
  BackfillStatus,
  NewBackfill,
} from "../backfill/backfill.ts";
import type { SpineError } from "../errors/spine-error.ts";
import { encodeJsonObject } from "../json.ts";
import { collect, type Result } from "../result.ts";
import type { Instant } from "../time.ts";

/** An item with whoever has it. */
export type ItemState = BackfillItem & { readonly owner: string | undefined };

/** A backfill as the memory store keeps it: changed in place, its items frozen. */
export interface BackfillState {
  readonly given: Omit<NewBackfill, "items">;
  readonly createdAt: Instant;
  /** By position. */
  readonly items: ItemState[];
  status: BackfillStatus;
  startedAt: Instant | undefined;
  completedAt: Instant | undefined;
}

export function newBackfillState(
  { items, ...given }: NewBackfill,
  createdAt: Instant,
): Result<BackfillState, SpineError> {
  const encoded = items.map(({ partition, params }, position) =>
    encodeJsonObject(params).map((json) =>
      Object.freeze<ItemState>({
        backfillId: given.backfillId,
        position,
        partition,
        params: json,
        status: "PENDING",
        runId: undefined,
        attempt: 0,
        error: undefined,
        startedAt: undefined,
        completedAt: undefined,
        owner: undefined,
      }),
    ),
  );
  return collect(encoded).map((frozen) => ({
    given,
    createdAt,
    items: [...frozen],
    status: "PLANNED",
    startedAt: undefined,
    completedAt: undefined,
  }));
}

export function toBackfill(state: BackfillState): Backfill {
  const { given, status, createdAt, startedAt, completedAt } = state;
  return Object.freeze({ ...given, status, counts: countsOf(state), createdAt, startedAt, completedAt });
}

export function toItem(state: ItemState): BackfillItem {
  const { owner: _, ...item } = state;
  return Object.freeze(item);
}

export function countsOf({ items }: BackfillState): BackfillCounts {
  const count = (status: BackfillItemStatus): number => items.filter((item) => item.status === status).length;
  return Object.freeze({
    total: items.length,
    pending: count("PENDING"),
    running: count("RUNNING"),
    completed: count("COMPLETED"),
    skipped: count("SKIPPED"),
    failed: count("FAILED"),
    cancelled: count("CANCELLED"),
  });
}

export function changeItem({ items }: BackfillState, item: ItemState, change: Partial<ItemState>): ItemState {
  const changed = Object.freeze<ItemState>({ ...item, ...change });
  items[item.position] = changed;
  return changed;
}
