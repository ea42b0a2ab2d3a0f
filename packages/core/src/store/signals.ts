import type { SpineError } from "../errors/spine-error.ts";
import type { Json } from "../json.ts";
import type { ResultAsync } from "../result.ts";
import type { Instant } from "../time.ts";

/** A message to a run (`core_signals`): kept until the run looks, also when it comes before anybody waits for it. */
export interface SignalRecord {
  /** Grows with every signal of the store. */
  readonly sequence: number;
  readonly runId: string;
  readonly name: string;
  readonly payload: Json;
  readonly sentAt: Instant;
}

export interface SignalStore {
  /**
   * Keeps a signal and makes the run, and the runs it is a child of, due at once where they are WAITING and not paused. Resolves to
   * undefined when there is no such run. The same `id` twice is one signal.
   */
  send(signal: {
    readonly id: string;
    readonly runId: string;
    readonly name: string;
    readonly payload: Json;
  }): ResultAsync<SignalRecord | undefined, SpineError>;
  /** The signals of a run, oldest first. */
  list(run: { readonly runId: string }): ResultAsync<readonly SignalRecord[], SpineError>;
}
