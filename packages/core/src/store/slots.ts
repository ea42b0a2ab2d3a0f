import type { SpineError } from "../errors/spine-error.ts";
import type { ResultAsync } from "../result.ts";

/**
 * Limits on how many runs hold a key at once (`core_slots`). A key has numbered slots; a unique key of the table decides who gets
 * one, never a look before. A slot whose run has ended is free.
 */
export interface SlotStore {
  /** Takes a slot for a run that holds none of this key yet. Resolves to whether it has one now. */
  acquire(slot: {
    readonly key: string;
    readonly limit: number;
    readonly runId: string;
  }): ResultAsync<boolean, SpineError>;
  /** Frees the slots of a run, and makes the first of the runs that queue for each of them due at once. */
  release(run: { readonly runId: string }): ResultAsync<void, SpineError>;
}
