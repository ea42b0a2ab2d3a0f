import { ok } from "../result.ts";
import type { OwnerStore } from "../store/owners.ts";
import { type Clock, instantOfMs } from "../time.ts";
import type { Access } from "./access.ts";
import type { MemoryState } from "./state.ts";

export function createOwnerStore({ owners }: MemoryState, access: Access, clock: Clock): OwnerStore {
  return Object.freeze<OwnerStore>({
    // Neither waits for a transaction: a heartbeat that did would let the lease of a healthy process run out.
    beat: ({ owner, place, pid, leaseMs }) =>
      access.read(() => {
        const nowMs = clock.nowMs();
        const startedAtMs = owners.get(owner)?.startedAtMs ?? nowMs;
        owners.set(owner, { owner, place, pid, startedAtMs, leaseUntilMs: nowMs + leaseMs });
        return ok(undefined);
      }),
    retire: ({ owner }) =>
      access.read(() => {
        owners.delete(owner);
        return ok(undefined);
      }),
    list: () =>
      access.read(() => {
        const nowMs = clock.nowMs();
        const records = [...owners.values()].map(({ owner, place, pid, startedAtMs, leaseUntilMs }) =>
          Object.freeze({
            owner,
            place,
            pid,
            startedAt: instantOfMs(startedAtMs),
            leaseUntil: instantOfMs(leaseUntilMs),
            alive: leaseUntilMs > nowMs,
          }),
        );
        return ok(Object.freeze(records));
      }),
  });
}
