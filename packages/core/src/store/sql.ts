import type { SpineError } from "../errors/spine-error.ts";
import type { ResultAsync } from "../result.ts";

/** What a statement's parameters may be. Instants and dates are text, JSON is JSON text. */
export type SqlValue = string | number | bigint | boolean | null | Uint8Array;

export type SqlRow = Readonly<Record<string, unknown>>;

export interface SqlResult<Row = SqlRow> {
  readonly rows: readonly Row[];
  /** Rows inserted, updated or deleted; 0 for a read. */
  readonly rowsAffected: number;
}

/**
 * Runs one statement. Parameters are `?` on every engine, in order; a `?` inside quotes or comments is text. Nothing is ever
 * put into the statement's text. For typed queries see `kyselyOf` of `@spine/sql`.
 */
export interface SqlExecutor {
  execute<Row = SqlRow>(sql: string, params?: readonly SqlValue[]): ResultAsync<SqlResult<Row>, SpineError>;
  /** Inserts rows in as few statements as the engine allows; all rows have the columns of the first one. Resolves to their number. */
  insert(table: string, rows: readonly Readonly<Record<string, SqlValue>>[]): ResultAsync<number, SpineError>;
}

/** A table or column name as SQL text, on every engine. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
