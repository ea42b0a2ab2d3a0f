import { toSpineError } from "../errors/classify.ts";
import { SpineError } from "../errors/spine-error.ts";
import { err, errAsync, type Result, ResultAsync } from "../result.ts";
import { nestedError } from "../store/transaction-errors.ts";
import type { MemoryState } from "./state.ts";

/** How a port reaches the data: it says what to do, this says when it may be done, or why not. */
export interface Access {
  /** Runs at once and sees what is committed. */
  read<T>(work: () => Result<T, SpineError>): ResultAsync<T, SpineError>;
  /** Runs as one commit, after the transaction that is open now. */
  write<T>(work: () => Result<T, SpineError>): ResultAsync<T, SpineError>;
}

/** A store's own access, until it is closed. Refused to code inside one of the store's transactions, which it would wait for. */
export interface HandleAccess extends Access {
  /** Why the store cannot be used here and now, if so. */
  readonly refusal: () => SpineError | undefined;
  close(): void;
}

export function createHandleAccess(state: MemoryState): HandleAccess {
  let closed = false;

  function refusal(): SpineError | undefined {
    if (closed) return new SpineError("HOST_CLOSED", "The memory store was closed. Open it again.");
    if (state.inside.getStore()?.open !== true) return undefined;
    return nestedError();
  }

  function attempt<T>(work: () => Result<T, SpineError>): Result<T, SpineError> {
    const refused = refusal();
    return refused === undefined ? runSafely(work) : err(refused);
  }

  async function attemptAlone<T>(work: () => Result<T, SpineError>): Promise<Result<T, SpineError>> {
    const release = await state.lock.acquire();
    const result = attempt(work);
    release();
    return result;
  }

  return {
    refusal,
    read: (work) => new ResultAsync(Promise.resolve(attempt(work))),
    write(work) {
      if (!state.lock.held) return new ResultAsync(Promise.resolve(attempt(work)));
      const refused = refusal();
      return refused === undefined ? new ResultAsync(attemptAlone(work)) : errAsync(refused);
    },
    close() {
      closed = true;
    },
  };
}

/** Ports never throw: what throws in here is a bug, or a clock's. */
export function runSafely<T>(work: () => Result<T, SpineError>): Result<T, SpineError> {
  try {
    return work();
  } catch (thrown) {
    return err(toSpineError(thrown, "INTERNAL"));
  }
}
