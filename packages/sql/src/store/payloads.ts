import {
  captureInUse,
  captureNotFound,
  captureNotRunning,
  err,
  ok,
  type PayloadStore,
  quoteIdentifier,
  type Result,
  type SpineError,
  type SqlExecutor,
  type SqlRow,
  type SqlResult,
} from "@spine/core";
import { type ManifestRow, toCapture } from "./capture-rows.ts";
import type { StoreContext } from "./context.ts";
import type { Query } from "./statement.ts";

type Write = Parameters<PayloadStore["write"]>[0];
type Removal = Parameters<PayloadStore["remove"]>[0];

/** The rows of captures in data tables. */
export function createPayloadStore({ attempt, atomic, prepared, statements, traits }: StoreContext): PayloadStore {
  const sql = statements.payloads;

  async function write(tx: SqlExecutor, { captureId, table, rows }: Write): Promise<Result<number, SpineError>> {
    const found = await query<ManifestRow>(tx, sql.writing({ capture_id: captureId }));
    if (found.isErr()) return err(found.error);
    const [row] = found.value.rows;
    if (row === undefined) return err(captureNotFound(captureId));
    if (row.status !== "RUNNING") return err(captureNotRunning(toCapture(row)));
    if (rows.length === 0) return ok(0);
    const registered = await query(tx, sql.register({ capture_id: captureId, table }));
    if (registered.isErr()) return err(registered.error);
    return tx.insert(
      table,
      rows.map((values) => ({ ...values, capture_id: captureId })),
    );
  }

  async function remove(tx: SqlExecutor, { captureId, limit }: Removal): Promise<Result<Removed, SpineError>> {
    const found = await query<ManifestRow & { readonly present_id: string | null }>(
      tx,
      sql.removing({ capture_id: captureId }),
    );
    if (found.isErr()) return err(found.error);
    const [row] = found.value.rows;
    if (row === undefined) return err(captureNotFound(captureId));
    if (row.status === "RUNNING" || row.present_id === captureId) return err(captureInUse(toCapture(row)));
    if (row.removal_begun_at === null) {
      const begun = await query(tx, sql.removalBegun({ capture_id: captureId }));
      if (begun.isErr()) return err(begun.error);
    }
    const tables = await query<{ readonly table_name: string }>(tx, sql.tables({ capture_id: captureId }));
    if (tables.isErr()) return err(tables.error);
    let removed = 0;
    for (const { table_name: table } of tables.value.rows) {
      const gone = await removeFrom(tx, table, { captureId, limit: limit - removed });
      if (gone.isErr()) return err(gone.error);
      removed += gone.value;
      // There may be more of it: whether, only the next look can tell.
      if (removed >= limit) return ok({ removed, done: false });
    }
    if (row.payload_removed_at !== null) return ok({ removed, done: true });
    return (await query(tx, sql.removed({ capture_id: captureId }))).map(() => ({ removed, done: true }));
  }

  /** At most `limit` rows of a capture in one table; none when the table itself is gone. */
  async function removeFrom(
    tx: SqlExecutor,
    table: string,
    { captureId, limit }: Removal,
  ): Promise<Result<number, SpineError>> {
    const columns = await tx.execute(traits.columns, [table]);
    if (columns.isErr()) return err(columns.error);
    if (columns.value.rows.length === 0) return ok(0);
    const key = await tx.execute<{ readonly name: string }>(traits.primaryKey, [table]);
    if (key.isErr()) return err(key.error);
    const names = key.value.rows.map(({ name }) => quoteIdentifier(name));
    const address = names.length === 0 ? traits.rowAddress : names.join(", ");
    const name = quoteIdentifier(table);
    const deleted = await tx.execute(
      `delete from ${name} where capture_id = ? and (${address}) in (select ${address} from ${name} where capture_id = ? limit ?)`,
      [captureId, captureId, limit],
    );
    return deleted.map(({ rowsAffected }) => rowsAffected);
  }

  return Object.freeze<PayloadStore>({
    write: (payload) => attempt(() => atomic((_, tx) => write(tx, payload))),
    tables: ({ captureId }) =>
      attempt(async () => {
        const found = await prepared<{ readonly table_name: string }>(sql.tables({ capture_id: captureId }));
        return found.map(({ rows }) => Object.freeze(rows.map(({ table_name }) => table_name)));
      }),
    leftovers: ({ limit }) =>
      attempt(async () => {
        const found = await prepared<{ readonly capture_id: string }>(sql.leftovers({ limit }));
        return found.map(({ rows }) => Object.freeze(rows.map(({ capture_id }) => capture_id)));
      }),
    remove: (payload) => attempt(() => atomic((_, tx) => remove(tx, payload))),
  });
}

type Removed = Awaited<ReturnType<PayloadStore["remove"]>> extends Result<infer T, unknown> ? T : never;

async function query<Row = SqlRow>(
  tx: SqlExecutor,
  { sql, params }: Query,
): Promise<Result<SqlResult<Row>, SpineError>> {
  return tx.execute<Row>(sql, params);
}
