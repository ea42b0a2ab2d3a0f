import {
  type ItemRecord,
  type ItemSettlement,
  type ItemStatus,
  type ItemTally,
  type Json,
  SpineError,
} from "@spine/core";
import type { StepScope } from "../../engine/scope.ts";

/** The items of one map step, wherever they are kept. */
export interface Items {
  /** Whether they outlive the process. */
  readonly isDurable: boolean;
  add(from: number, items: readonly Json[]): Promise<void>;
  settle(settled: readonly ItemSettlement[]): Promise<void>;
  page(after: number, limit: number, statuses?: readonly ItemStatus[]): Promise<readonly ItemRecord[]>;
  tally(): Promise<ItemTally>;
}

/** Rejects with the store's errors, and with `RUN_FENCED` when the run is somebody else's now. */
export function itemsOf({ environment, ownership, step }: StepScope): Items {
  const { store } = environment;
  if (store === undefined || ownership === undefined) return localItems();
  const at = { runId: ownership.runId, step };
  return {
    isDurable: true,
    async add(from, items) {
      const added = await store.items.add({ ...at, from, items });
      if (added.isErr()) throw added.error;
    },
    async settle(settled) {
      const kept = await store.items.settle({ ...at, ...ownership, settled });
      if (kept.isErr()) throw kept.error;
      if (!kept.value)
        throw new SpineError("RUN_FENCED", `Run ${at.runId} belongs to another process now.`, { context: at });
    },
    async page(after, limit, statuses) {
      const page = await store.items.page({ ...at, after, limit, statuses });
      if (page.isErr()) throw page.error;
      return page.value;
    },
    async tally() {
      const tally = await store.items.tally(at);
      if (tally.isErr()) throw tally.error;
      return tally.value;
    },
  };
}

/** In a run that is not recorded, items live as long as the step. */
function localItems(): Items {
  const records: ItemRecord[] = [];
  return {
    isDurable: false,
    async add(from, items) {
      for (const [offset, item] of items.entries()) {
        const index = from + offset;
        records[index] ??= { index, status: "PENDING", item, output: undefined, error: undefined, attempt: 0 };
      }
    },
    async settle(settled) {
      for (const { index, status, attempt, output, error } of settled) {
        const before = records[index];
        if (before !== undefined) records[index] = { ...before, status, attempt, output, error };
      }
    },
    async page(after, limit, statuses) {
      const behind = records.slice(after + 1);
      return behind.filter(({ status }) => statuses?.includes(status) !== false).slice(0, limit);
    },
    async tally() {
      const count = (wanted: ItemStatus): number => records.filter(({ status }) => status === wanted).length;
      return { total: records.length, completed: count("COMPLETED"), failed: count("FAILED") };
    },
  };
}
