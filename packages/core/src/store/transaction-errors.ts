import { DatabaseError } from "../errors/families.ts";
import type { SpineError } from "../errors/spine-error.ts";

/** `TX_CLOSED`: a handle was used after its transaction ended. */
export function closedError(): SpineError {
  return new DatabaseError("The transaction has ended, and its handle was used after that. Await everything inside.", {
    code: "TX_CLOSED",
  });
}

/** `TX_TOO_LONG`: a transaction ran past its deadline, in milliseconds. */
export function tooLongError(deadlineMs: number): SpineError {
  return new DatabaseError(
    `The transaction ran past its deadline of ${deadlineMs} ms and was rolled back. Compute before it, write inside it, await only its handle.`,
    { code: "TX_TOO_LONG", context: { deadlineMs } },
  );
}

/** `TX_DOOMED`: a statement failed, so nothing of the transaction is kept. */
export function doomedError(cause: SpineError): SpineError {
  return new DatabaseError(
    `Nothing of the transaction is kept, because a statement in it failed: ${cause.message} Use \`tx.savepoint\` to try things.`,
    { code: "TX_DOOMED", cause },
  );
}

/** `TX_NESTED`: the handle around an open savepoint was used. */
export function savepointOpenError(): SpineError {
  return new DatabaseError("A savepoint of this transaction is open. Await it, and use its own handle inside.", {
    code: "TX_NESTED",
  });
}

/** `TX_NESTED`: the store was used by code inside one of its own transactions. */
export function nestedError(): SpineError {
  return new DatabaseError(
    "The store was used inside its own transaction, which would wait for itself. Use the transaction's handle.",
    { code: "TX_NESTED" },
  );
}
