import {
  closedError,
  doomedError,
  err,
  type Result,
  type ResultAsync,
  resultAsync,
  savepointOpenError,
  type SpineError,
} from "@spine/core";

/** What one handle of a transaction may still do: the transaction's own, or that of a savepoint inside it. */
export interface Scope {
  /** Runs what the handle was asked for, or says why it cannot be; a failure dooms the scope. */
  attempt<T>(work: () => PromiseLike<Result<T, SpineError>>): ResultAsync<T, SpineError>;
  openInner(): Scope;
  closeInner(): void;
  /** Why nothing of it can be kept, if so. */
  unfinished(): SpineError | undefined;
  isClosed(): boolean;
  /** @param reason what later uses fail with; default `TX_CLOSED` */
  close(reason?: SpineError): void;
  /** How many savepoints are around it. */
  readonly depth: number;
}

export function createScope(outer?: Scope): Scope {
  let failure: SpineError | undefined;
  let inner: Scope | undefined;
  let closed = false;
  let closedFor: SpineError | undefined;

  const isClosed = (): boolean => closed || outer?.isClosed() === true;

  /** Why the handle cannot be used now, if so. */
  function refusal(): SpineError | undefined {
    if (isClosed()) return closedFor ?? closedError();
    if (failure !== undefined) return doomedError(failure);
    if (inner !== undefined) failure = savepointOpenError();
    return failure;
  }

  return {
    attempt: (work) =>
      resultAsync(async () => {
        const refused = refusal();
        if (refused !== undefined) return err(refused);
        const result = await work();
        if (result.isOk()) return result;
        // What a statement that was cut off has to say is less than why it was.
        if (isClosed()) return err(closedFor ?? closedError());
        failure ??= result.error;
        return result;
      }),
    openInner() {
      inner = createScope(this);
      return inner;
    },
    closeInner() {
      inner = undefined;
    },
    unfinished() {
      if (failure !== undefined) return doomedError(failure);
      return inner === undefined ? undefined : doomedError(savepointOpenError());
    },
    isClosed,
    close(reason) {
      closed = true;
      closedFor = reason;
    },
    depth: outer === undefined ? 0 : outer.depth + 1,
  };
}
