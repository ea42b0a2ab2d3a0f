import { err, ok, type Result, type SpineError, type SqlExecutor, ValidationError } from "@spine/core";
import type { SqlTraits } from "../traits.ts";

/** What a comparison of two captures must know of a data table. */
export interface TableShape {
  readonly table: string;
  /** The primary key without `capture_id`. */
  readonly key: readonly string[];
  /** What may change of a row: neither its key nor where it comes from. */
  readonly values: readonly { readonly name: string; readonly asText: boolean }[];
}

/** Columns that say of a row what it was computed from. */
const provenance = new Set(["input_min_capture_id", "input_max_capture_id"]);

/** Reads a table's shape; fails with `VALIDATION_FAILED` when it is gone, or its rows cannot be told apart within a capture. */
export async function readTableShape(
  executor: SqlExecutor,
  traits: SqlTraits,
  table: string,
): Promise<Result<TableShape, SpineError>> {
  const key = await executor.execute<{ readonly name: string }>(traits.primaryKey, [table]);
  if (key.isErr()) return err(key.error);
  const columns = await executor.execute<{ readonly name: string; readonly as_text: number }>(traits.columns, [table]);
  if (columns.isErr()) return err(columns.error);
  if (columns.value.rows.length === 0) {
    return err(new ValidationError(`Table "${table}" is not there any more.`, { context: { table } }));
  }
  const keyNames = key.value.rows.map(({ name }) => name);
  const ownKey = keyNames.filter((name) => name !== "capture_id");
  if (!keyNames.includes("capture_id") || ownKey.length === 0) {
    return err(
      new ValidationError(
        `Rows of table "${table}" cannot be compared: its primary key must be capture_id and what tells the rows of a capture apart.`,
        { context: { table, primaryKey: keyNames } },
      ),
    );
  }
  const values = columns.value.rows
    .filter(({ name }) => !keyNames.includes(name) && !provenance.has(name))
    .map(({ name, as_text }) => ({ name, asText: as_text === 1 }));
  return ok({ table, key: ownKey, values });
}
