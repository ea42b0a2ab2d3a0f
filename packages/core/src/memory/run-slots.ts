import { ok } from "../result.ts";
import type { SlotStore } from "../store/slots.ts";
import type { Instant } from "../time.ts";
import type { Access } from "./access.ts";
import { byPriority } from "./runs.ts";
import type { MemoryState } from "./state.ts";
import { wakeRun } from "./wake-run.ts";

export function createSlotStore(state: MemoryState, access: Access, now: () => Instant): SlotStore {
  const isHeld = (holder: string | undefined): boolean => {
    const status = holder === undefined ? undefined : state.runs.get(holder)?.status;
    return status === "RUNNING" || status === "WAITING";
  };
  return Object.freeze<SlotStore>({
    acquire: ({ key, limit, runId }) =>
      access.write(() => {
        const holders = state.slots.get(key) ?? [];
        state.slots.set(key, holders);
        if (holders.slice(0, limit).includes(runId)) return ok(true);
        for (let slot = 0; slot < limit; slot += 1) {
          if (isHeld(holders[slot])) continue;
          holders[slot] = runId;
          return ok(true);
        }
        return ok(false);
      }),
    release: ({ runId }) =>
      access.write(() => {
        for (const [key, holders] of state.slots) {
          const slot = holders.indexOf(runId);
          if (slot < 0) continue;
          holders[slot] = undefined;
          const [first] = [...state.runs.values()]
            .filter(
              (run) =>
                run.status === "WAITING" &&
                run.requested === undefined &&
                run.given.concurrencyKey === key &&
                !holders.includes(run.given.runId),
            )
            .toSorted(byPriority);
          if (first !== undefined) wakeRun(state, first, now());
        }
        return ok(undefined);
      }),
  });
}
