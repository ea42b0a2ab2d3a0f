import type { SpineError } from "./errors/spine-error.ts";
import type { ResultAsync } from "./result.ts";
import { quoteIdentifier, type SqlExecutor, type SqlValue } from "./store/sql.ts";

/**
 * How a write stays right when it happens twice (the earlier system's three levels): `APPEND` leaves it to the reader, `INPUT`
 * skips rows whose hash is there, `STATE` replaces all rows of a logical key.
 */
export type IdempotencyLevel = "APPEND" | "INPUT" | "STATE";

/** The parts that name a thing in a table, in a fixed order: `{ week_ending: "2025-11-14", tier: "OTC" }`. */
export type LogicalKey = Readonly<Record<string, string | number>>;

/** Whether a row with this hash is there. */
export function hashExists(
  sql: SqlExecutor,
  table: string,
  column: string,
  hash: string,
): ResultAsync<boolean, SpineError> {
  const text = `select 1 from ${quoteIdentifier(table)} where ${quoteIdentifier(column)} = ? limit 1`;
  return sql.execute(text, [hash]).map(({ rows }) => rows.length > 0);
}

/** All hashes of a table's column, for skipping rows that are there (level INPUT). Holds them in memory. */
export function existingHashes(
  sql: SqlExecutor,
  table: string,
  column: string,
): ResultAsync<ReadonlySet<string>, SpineError> {
  const text = `select distinct ${quoteIdentifier(column)} as hash from ${quoteIdentifier(table)}`;
  return sql.execute<{ hash: string }>(text).map(({ rows }) => new Set(rows.map(({ hash }) => hash)));
}

/**
 * Deletes the rows of a logical key, before they are written again (level STATE); both in one transaction. Resolves to how
 * many went. Tables under captures need none of this: their versions live side by side.
 */
export function deleteForKey(sql: SqlExecutor, table: string, key: LogicalKey): ResultAsync<number, SpineError> {
  const { where, values } = whereKey(key);
  return sql
    .execute(`delete from ${quoteIdentifier(table)} where ${where}`, values)
    .map(({ rowsAffected }) => rowsAffected);
}

/** A logical key as a condition and its parameters, in the order of its parts. An empty key matches nothing. */
export function whereKey(key: LogicalKey): { readonly where: string; readonly values: readonly SqlValue[] } {
  const parts = Object.entries(key);
  if (parts.length === 0) return { where: "1 = 0", values: [] };
  return {
    where: parts.map(([name]) => `${quoteIdentifier(name)} = ?`).join(" and "),
    values: parts.map(([, value]) => value),
  };
}
