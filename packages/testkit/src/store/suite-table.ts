import type { SqlExecutor, SqlValue } from "@spine/core";
import { expectOk } from "../expect-result.ts";

/** Has a column of each kind; its DDL is understood by all engines. */
export const suiteTable = `create table suite_values (
  id integer primary key, name text not null, flag boolean, big bigint, price double precision, bytes bytea, note text
)`;

/** The column `text` of what a query gives. */
export async function texts(
  sql: SqlExecutor,
  statement: string,
  params: readonly SqlValue[] = [],
): Promise<readonly unknown[]> {
  return (await expectOk(sql.execute<{ text: unknown }>(statement, params))).rows.map(({ text }) => text);
}

export async function countOf(sql: SqlExecutor): Promise<number> {
  return Number((await texts(sql, "select cast(count(*) as text) as text from suite_values"))[0]);
}
