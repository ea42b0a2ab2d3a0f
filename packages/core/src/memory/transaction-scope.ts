import type { SpineError } from "../errors/spine-error.ts";
import { err, ok, type Result, ResultAsync } from "../result.ts";
import { closedError, doomedError, savepointOpenError } from "../store/transaction-errors.ts";
import { type Access, runSafely } from "./access.ts";
import { type LedgerTables, overlayLedger } from "./state.ts";

/** What one handle of a transaction has written: the transaction's own, or that of a savepoint inside it. */
export interface Scope extends Access {
  readonly tables: LedgerTables;
  openInner(): Result<Scope, SpineError>;
  closeInner(): void;
  /** Why nothing of it can be kept, if so. */
  unfinished(): SpineError | undefined;
  /** Gives what was written to the scope around it, or to the store. */
  fold(): void;
  isClosed(): boolean;
  close(): void;
}

/** @param outer the scope around a savepoint; none for a transaction */
export function createScope(below: LedgerTables, outer?: Scope): Scope {
  const { tables, fold } = overlayLedger(below);
  let failure: SpineError | undefined;
  let inner: Scope | undefined;
  let closed = false;

  const isClosed = (): boolean => closed || outer?.isClosed() === true;

  function attempt<T>(work: () => Result<T, SpineError>): Result<T, SpineError> {
    if (isClosed()) return err(closedError());
    if (failure !== undefined) return err(doomedError(failure));
    const result = inner === undefined ? runSafely(work) : err(savepointOpenError());
    if (result.isErr()) failure = result.error;
    return result;
  }

  const run = <T>(work: () => Result<T, SpineError>): ResultAsync<T, SpineError> =>
    new ResultAsync(Promise.resolve(attempt(work)));

  const scope: Scope = {
    read: run,
    write: run,
    tables,
    openInner: () =>
      attempt(() => {
        inner = createScope(tables, scope);
        return ok(inner);
      }),
    closeInner() {
      inner = undefined;
    },
    unfinished() {
      if (failure !== undefined) return doomedError(failure);
      return inner === undefined ? undefined : doomedError(savepointOpenError());
    },
    fold,
    isClosed,
    close() {
      closed = true;
    },
  };
  return scope;
}
