import { type Capture, err, ok, type ResultAsync, resultAsync, type SpineError, type SqlExecutor } from "@spine/core";
import { type Kysely, type SelectQueryBuilder, sql } from "kysely";
import { kyselyOf, traitsOf, traitsOfKysely } from "../kysely-of.ts";
import { toCapture } from "../store/capture-rows.ts";
import type { CoreTables } from "../tables.ts";
import { payloadGone } from "./payload-gone.ts";
import { type AsOfFilter, resolvedIds } from "./resolved.ts";

/**
 * The rows of a data table as they stood at an instant, as a query to go on with: those of the one capture that each partition resolves to,
 * whole, so that a row absent from the newer capture is absent. A query cannot tell a capture that never had rows from one whose rows
 * retention has removed: ask {@link resolvedCaptures} first where that matters.
 * @example
 * const prices = await rowsAsOf(kyselyOf<Tables>(sql), "prices", { domain: "prices", stage: "INGEST", asOf })
 *   .where("symbol", "=", "AAPL").selectAll().execute();
 */
export function rowsAsOf<DB, Table extends keyof DB & string>(
  db: Kysely<DB>,
  table: Table,
  filter: AsOfFilter,
): SelectQueryBuilder<DB, Table, object> {
  const rows = db.selectFrom(table) as unknown as SelectQueryBuilder<DB, Table, object>;
  return rows.where(sql<boolean>`${sql.ref(`${table}.capture_id`)} in ${resolvedIds(filter, traitsOfKysely(db))}`);
}

/** The rows readers see now: {@link rowsAsOf} the present. */
export function currentView<DB, Table extends keyof DB & string>(
  db: Kysely<DB>,
  table: Table,
  filter: Omit<AsOfFilter, "asOf" | "clock" | "runId">,
): SelectQueryBuilder<DB, Table, object> {
  const { domain, stage, tier, partitions } = filter;
  return rowsAsOf(db, table, { domain, stage, tier, partitions });
}

/**
 * The captures whose rows {@link rowsAsOf} gives, by partition. Fails with `CAPTURE_PAYLOAD_GONE` when the rows of one of them have been
 * removed, even in part: what is left is no answer.
 */
export function resolvedCaptures(
  executor: SqlExecutor,
  filter: AsOfFilter,
): ResultAsync<readonly Capture[], SpineError> {
  return resultAsync(async () => {
    const rows = await kyselyOf<CoreTables>(executor)
      .selectFrom("core_manifest")
      .selectAll()
      .where(sql<boolean>`capture_id in ${resolvedIds(filter, traitsOf(executor))}`)
      .orderBy("partition_key")
      .execute();
    const gone = rows.find(({ removal_begun_at }) => removal_begun_at !== null);
    if (gone !== undefined) return err(payloadGone(gone));
    return ok(Object.freeze(rows.map(toCapture)));
  });
}
