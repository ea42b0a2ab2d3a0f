import type { Capture } from "../captures/capture.ts";
import { ok } from "../result.ts";
import type { OwnerStore } from "../store/owners.ts";
import { type Clock, instantOfMs } from "../time.ts";
import type { Access } from "./access.ts";
import type { LedgerTables, MemoryState } from "./state.ts";

export function createOwnerStore(state: MemoryState, access: Access, clock: Clock): OwnerStore {
  const { owners } = state;
  return Object.freeze<OwnerStore>({
    // Neither waits for a transaction: a heartbeat that did would let the lease of a healthy process run out.
    beat: ({ owner, place, pid, leaseMs }) =>
      access.read(() => {
        const nowMs = clock.nowMs();
        const startedAtMs = owners.get(owner)?.startedAtMs ?? nowMs;
        owners.set(owner, { owner, place, pid, startedAtMs, leaseUntilMs: nowMs + leaseMs });
        renewCaptures(state.ledger, owner, {
          leaseUntil: instantOfMs(nowMs + leaseMs),
          heartbeatAt: instantOfMs(nowMs),
        });
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

/** Renews the leases of what an owner is writing. */
function renewCaptures(
  { captures, slots }: LedgerTables,
  owner: string,
  lease: Pick<Capture, "leaseUntil" | "heartbeatAt">,
): void {
  for (const { running = "" } of slots.values()) {
    const capture = captures.get(running);
    if (capture?.owner === owner) captures.set(running, Object.freeze({ ...capture, ...lease }));
  }
}

/** Whether an owner's lease has not run out. An owner nobody has heard of has none. */
export function isAlive({ owners }: MemoryState, owner: string, nowMs: number): boolean {
  const record = owners.get(owner);
  return record !== undefined && record.leaseUntilMs > nowMs;
}
