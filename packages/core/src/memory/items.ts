import { ok } from "../result.ts";
import type { ItemRecord, ItemStore } from "../store/items.ts";
import type { Access } from "./access.ts";
import { isOwn } from "./run-state.ts";
import type { MemoryState } from "./state.ts";

export function createItemStore(state: MemoryState, access: Access): ItemStore {
  return Object.freeze<ItemStore>({
    add: ({ runId, step, from, items }) =>
      access.write(() => {
        const known = itemsOf(state, runId, step);
        for (const [offset, item] of items.entries()) {
          known[from + offset] ??= Object.freeze({
            index: from + offset,
            status: "PENDING",
            item,
            output: undefined,
            error: undefined,
            attempt: 0,
          });
        }
        return ok(undefined);
      }),
    settle: (group) => access.write(() => ok(settleItems(state, group))),
    page: ({ runId, step, after = -1, limit, statuses }) =>
      access.read(() => {
        const found: ItemRecord[] = [];
        const known = itemsOf(state, runId, step);
        for (let index = after + 1; index < known.length && found.length < limit; index += 1) {
          const record = known[index];
          if (record !== undefined && statuses?.includes(record.status) !== false) found.push(record);
        }
        return ok(Object.freeze(found));
      }),
    tally: ({ runId, step }) =>
      access.read(() => {
        const tally = { total: 0, completed: 0, failed: 0 };
        for (const { status } of itemsOf(state, runId, step)) {
          tally.total += 1;
          if (status === "COMPLETED") tally.completed += 1;
          else if (status === "FAILED") tally.failed += 1;
        }
        return ok(Object.freeze(tally));
      }),
  });
}

/** Settles items while the run is the owner's. */
export function settleItems(
  state: MemoryState,
  { runId, step, owner, fence, settled }: Parameters<ItemStore["settle"]>[0],
): boolean {
  if (!isOwn(state.runs.get(runId), { owner, fence })) return false;
  const known = itemsOf(state, runId, step);
  for (const { index, status, attempt, output, error } of settled) {
    const before = known[index];
    if (before !== undefined) known[index] = Object.freeze({ ...before, status, attempt, output, error });
  }
  return true;
}

function itemsOf(state: MemoryState, runId: string, step: string): ItemRecord[] {
  const key = JSON.stringify([runId, step]);
  const known = state.items.get(key) ?? [];
  state.items.set(key, known);
  return known;
}
