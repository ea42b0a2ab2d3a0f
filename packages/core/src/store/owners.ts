import type { SpineError } from "../errors/spine-error.ts";
import type { ResultAsync } from "../result.ts";
import type { Instant } from "../time.ts";

/** A process that owns runs. One lease for all of them, so that a heartbeat is one row whatever it runs. */
export interface OwnerRecord {
  readonly owner: string;
  /** Where it runs, so that a process on the same machine can see at once that it is gone. */
  readonly place: string;
  readonly pid: number;
  readonly startedAt: Instant;
  readonly leaseUntil: Instant;
  /** Whether the lease has not run out, by the store's clock. */
  readonly alive: boolean;
}

export interface OwnerStore {
  /** Registers an owner or renews its lease, and with it that of every capture it is writing. */
  beat(owner: {
    readonly owner: string;
    readonly place: string;
    readonly pid: number;
    readonly leaseMs: number;
  }): ResultAsync<void, SpineError>;
  /** Forgets an owner: runs it left are free at once. */
  retire(owner: { readonly owner: string }): ResultAsync<void, SpineError>;
  list(): ResultAsync<readonly OwnerRecord[], SpineError>;
}
