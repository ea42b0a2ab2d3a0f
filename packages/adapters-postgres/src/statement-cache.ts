import type { SqlValue } from "@spine/core";
import { type NumberedStatement, numberPlaceholders } from "@spine/sql";

/** A statement as the server takes it, under a name by which a connection can keep it prepared. */
export interface Statement extends NumberedStatement {
  readonly name: string;
}

/** Finds the statement of a text; each text is taken apart once. */
export type StatementCache = (sql: string, params: readonly SqlValue[]) => Statement;

const maxStatements = 1000;

export function createStatementCache(): StatementCache {
  const known = new Map<string, Statement>();
  let made = 0;
  return (sql, params) => {
    // Without parameters a ? can only be an operator.
    const key = params.length === 0 ? `0 ${sql}` : sql;
    const found = known.get(key);
    if (found !== undefined) return found;
    if (known.size >= maxStatements) known.clear();
    made += 1;
    const numbered = params.length === 0 ? { text: sql, count: undefined } : numberPlaceholders(sql);
    const statement = { ...numbered, name: `spine_${made}` };
    known.set(key, statement);
    return statement;
  };
}
