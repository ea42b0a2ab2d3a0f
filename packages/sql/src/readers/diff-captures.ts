import {
  type Capture,
  captureNotFound,
  ConfigError,
  err,
  ok,
  type Result,
  type ResultAsync,
  resultAsync,
  slotText,
  type SpineError,
  type SqlExecutor,
  type SqlRow,
  ValidationError,
} from "@spine/core";
import { kyselyOf, traitsOf } from "../kysely-of.ts";
import { type ManifestRow, toCapture } from "../store/capture-rows.ts";
import type { CoreTables } from "../tables.ts";
import { diffTable } from "./diff-table.ts";
import { payloadGone } from "./payload-gone.ts";
import { readTableShape } from "./table-shape.ts";

export interface DiffCaptures {
  /** The older capture, as a rule. */
  readonly from: string;
  readonly to: string;
  /** @defaultValue every table in which one of them has rows */
  readonly table?: string | undefined;
  /** Examples of each kind and table. @defaultValue 10 */
  readonly limit?: number | undefined;
}

/** A row that both captures have, with what differs. */
export interface ChangedRow {
  readonly key: SqlRow;
  readonly columns: Readonly<Record<string, { readonly before: unknown; readonly after: unknown }>>;
}

/** How the rows of two captures differ in one table. */
export interface TableDiff {
  readonly table: string;
  /** Columns that tell the rows of a capture apart. */
  readonly key: readonly string[];
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly unchanged: number;
  /** The first few of each by key: whole rows, or what changed of them. */
  readonly examples: {
    readonly added: readonly SqlRow[];
    readonly removed: readonly SqlRow[];
    readonly changed: readonly ChangedRow[];
  };
}

export interface CaptureDiff {
  readonly from: Capture;
  readonly to: Capture;
  /** By name. */
  readonly tables: readonly TableDiff[];
}

/**
 * Compares the rows of two captures of one domain and stage: two versions of a slot, or two partitions. Rows are matched by their table's
 * primary key without `capture_id`; where a row comes from (`input_min_capture_id`, `input_max_capture_id`) is no difference. The database
 * compares, so memory holds no more than the examples. Fails with `CAPTURE_NOT_FOUND`, `CAPTURE_PAYLOAD_GONE`, and
 * `VALIDATION_FAILED` for captures that are not COMPLETE or of different stages, and for tables whose rows cannot be told apart.
 */
export function diffCaptures(executor: SqlExecutor, options: DiffCaptures): ResultAsync<CaptureDiff, SpineError> {
  return resultAsync(async () => {
    const traits = traitsOf(executor);
    if (traits === undefined)
      return err(new ConfigError("This store has no SQL. Use sqlite() or postgres().", { code: "SQL_UNAVAILABLE" }));
    const pair = await readPair(executor, options);
    if (pair.isErr()) return err(pair.error);
    const names = await tablesOf(executor, options);
    if (names.isErr()) return err(names.error);
    const tables: TableDiff[] = [];
    for (const name of names.value) {
      const shape = await readTableShape(executor, traits, name);
      if (shape.isErr()) return err(shape.error);
      const { from, to, limit = 10 } = options;
      const compared = await diffTable(executor, shape.value, { from, to, limit });
      if (compared.isErr()) return err(compared.error);
      tables.push(compared.value);
    }
    // What was removed while rows were compared looks like a difference.
    const still = await readPair(executor, options);
    return still.map(({ from, to }) => Object.freeze({ from, to, tables: Object.freeze(tables) }));
  });
}

interface Pair {
  readonly from: Capture;
  readonly to: Capture;
}

async function readPair(executor: SqlExecutor, { from, to }: DiffCaptures): Promise<Result<Pair, SpineError>> {
  const rows: readonly ManifestRow[] = await kyselyOf<CoreTables>(executor)
    .selectFrom("core_manifest")
    .selectAll()
    .where("capture_id", "in", [from, to])
    .execute();
  const found: Capture[] = [];
  for (const captureId of [from, to]) {
    const row = rows.find(({ capture_id }) => capture_id === captureId);
    if (row === undefined) return err(captureNotFound(captureId));
    if (row.removal_begun_at !== null) return err(payloadGone(row));
    if (row.status !== "COMPLETE") return err(notWhole(toCapture(row)));
    found.push(toCapture(row));
  }
  const [older, newer] = found;
  if (older === undefined || newer === undefined) return err(captureNotFound(from));
  if (older.domain !== newer.domain || older.stage !== newer.stage) {
    return err(
      new ValidationError(
        `Captures ${from} (${slotText(older)}) and ${to} (${slotText(newer)}) are of different stages, whose rows have nothing in common. Compare captures of one domain and stage.`,
        { context: { from, to } },
      ),
    );
  }
  return ok({ from: older, to: newer });
}

function notWhole({ captureId, status, sameAs, ...slot }: Capture): ValidationError {
  const other = sameAs === undefined ? "" : `, such as ${sameAs}, whose content it has`;
  return new ValidationError(
    `Capture "${captureId}" of ${slotText(slot)} is ${status}, so that what rows it has are not the whole. Compare captures that are COMPLETE${other}.`,
    { context: { captureId, status } },
  );
}

async function tablesOf(
  executor: SqlExecutor,
  { from, to, table }: DiffCaptures,
): Promise<Result<readonly string[], SpineError>> {
  const rows = await kyselyOf<CoreTables>(executor)
    .selectFrom("core_capture_tables")
    .select("table_name")
    .distinct()
    .where("capture_id", "in", [from, to])
    .orderBy("table_name")
    .execute();
  const names = rows.map(({ table_name }) => table_name);
  if (table === undefined) return ok(names);
  if (names.includes(table)) return ok([table]);
  const known = names.length === 0 ? "no table" : names.join(", ");
  return err(
    new ValidationError(`Neither capture has rows in table "${table}". They have rows in ${known}.`, {
      context: { table, tables: names },
    }),
  );
}
