import { DatabaseError } from "../errors/families.ts";
import type { SpineError } from "../errors/spine-error.ts";
import { err, ok, type Result, ResultAsync } from "../result.ts";
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

export function closedError(): DatabaseError {
  return new DatabaseError("The transaction has ended, and its handle was used after that. Await everything inside.", {
    code: "TX_CLOSED",
  });
}

export function tooLongError(deadlineMs: number): DatabaseError {
  return new DatabaseError(
    `The transaction ran past its deadline of ${deadlineMs} ms and was rolled back. Compute before it, write inside it, await only its handle.`,
    { code: "TX_TOO_LONG", context: { deadlineMs } },
  );
}

function doomedError(cause: SpineError): DatabaseError {
  return new DatabaseError(
    `Nothing of the transaction is kept, because a statement in it failed: ${cause.message} Use \`tx.savepoint\` to try things.`,
    { code: "TX_DOOMED", cause },
  );
}

function savepointOpenError(): DatabaseError {
  return new DatabaseError("A savepoint of this transaction is open. Await it, and use its own handle inside.", {
    code: "TX_NESTED",
  });
}
