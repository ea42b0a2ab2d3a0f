import { DatabaseError, err, ok, type Result, type SpineError } from "@spine/core";

/** Words a statement may begin with that would end or open a transaction behind the store's back. */
const control =
  /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/|;)*(begin|start\s+transaction|commit|end|rollback|abort|savepoint|release|prepare\s+transaction)\b/i;

/** Refuses `begin`, `commit` and their like with `QUERY_INVALID`: transactions are the store's. */
export function refuseTransactionControl(sql: string): Result<void, SpineError> {
  const word = control.exec(sql)?.[1];
  if (word === undefined) return ok(undefined);
  return err(
    new DatabaseError(
      `Could not run "${word.toLowerCase()}": transactions are the store's. Use store.transaction, or tx.savepoint inside one.`,
      { code: "QUERY_INVALID" },
    ),
  );
}
