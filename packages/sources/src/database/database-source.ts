import {
  ConfigError,
  err,
  ok,
  type Result,
  resultAsync,
  type Schema,
  SourceError,
  type SpineError,
  systemClock,
  toSpineError,
} from "@spine/core";
import { type AliasableExpression, type Kysely, sql } from "kysely";
import { readReplay } from "../archive/read-replay.ts";
import { isAborted, readAborted } from "../content/content-hash.ts";
import { defineSource } from "../define-source.ts";
import type { SchemaRow } from "../file/file-source.ts";
import { applyRowSchema } from "../row-schema.ts";
import type { ReadOptions, Source, SourceBatch, SourceDescription, SourceParams } from "../source.ts";
import type { SourceMetadata, SourceVersion } from "../source-metadata.ts";
import type { BatchReader } from "../source-stream.ts";
import { resolveRowOptions } from "../content/row-options.ts";
import { ndjson } from "../formats/ndjson.ts";
import { RowLines } from "../content/row-lines.ts";
import { boundValue, checkWatermark, resolveWindow, type WatermarkOptions, type WatermarkWindow } from "./watermark.ts";

export interface DatabaseQueryContext<DB> {
  readonly db: Kysely<DB>;
  /** What the reader passes. */
  readonly params: SourceParams;
}

/** A query of kysely, or one in SQL (``sql<Row>`select …` ``). Values go in as parameters, never as text. */
export type DatabaseQuery<DB, Row> = (context: DatabaseQueryContext<DB>) => AliasableExpression<Row>;

export interface DatabaseSourceOptions<DB, Row, RowSchema extends Schema | undefined = undefined> {
  /** Words joined by `.` or `/`: `acme.trades`. @defaultValue "database" */
  readonly name?: string;
  readonly domain?: string;
  /**
   * Yours to open and to close. On PostgreSQL its dialect needs `cursor: Cursor` of the package pg-cursor. A dialect of one connection,
   * such as SQLite's, is taken by a reading until it ends.
   */
  readonly db: Kysely<DB>;
  readonly query: DatabaseQuery<DB, Row>;
  /** Reads on from where the `previous` reading ended. @defaultValue all rows, each time */
  readonly watermark?: WatermarkOptions;
  /** Rows fetched and handed out at once. @defaultValue 1000 */
  readonly batchSize?: number;
  /** Any Standard Schema. Gets each row as the dialect has it; a row it refuses becomes a reject. */
  readonly schema?: RowSchema;
  /** For people: which database it is. Without secrets. @defaultValue "query" */
  readonly locator?: string;
}

export interface DatabaseSource<Row> extends Source<Row> {
  readonly type: "database";
}

/**
 * The rows of a query, streamed by cursor. Its content is its rows as NDJSON; the hash is over that. With a `watermark` a reading ends
 * `lag` before now, its metadata says where (`watermark`), and as `previous` lets the next one begin there. Without one, `previous` runs
 * the query twice when the rows are others: once to compare, once to deliver.
 *
 * Throws on options that cannot be meant (`CONFIG_INVALID`, `KEY_INVALID`). Reading fails as the database does, and with
 * `CONFIG_INVALID` (the query cannot be made, the dialect cannot stream) and `CANCELLED`.
 * @example
 * const trades = databaseSource({
 *   name: "acme.trades",
 *   db,
 *   query: ({ db, params }) => db.selectFrom("trades").selectAll().where("venue", "=", String(params["venue"])),
 *   watermark: { column: "written_at", lagMs: 60_000 },
 * });
 */
export function databaseSource<DB, Row, RowSchema extends Schema | undefined = undefined>(
  options: DatabaseSourceOptions<DB, Row, RowSchema>,
): DatabaseSource<SchemaRow<RowSchema, Row>> {
  const { name = "database", domain, locator = "query", watermark, batchSize = 1000 } = options;
  checkWatermark(watermark);
  if (!(batchSize >= 1)) throw new ConfigError(`batchSize is ${batchSize}, not 1 or more. Correct the option.`);
  const subject = { sourceName: name, sourceType: "database", locator };
  const archivedRows = resolveRowOptions({ format: ndjson({ batchSize }), schema: options.schema });
  const description: SourceDescription = Object.freeze({
    name,
    domain,
    type: "database",
    locator,
    options: Object.freeze({ batchSize, ...(watermark === undefined ? {} : { watermark: { ...watermark } }) }),
  });

  async function* read(readOptions: ReadOptions): BatchReader<SchemaRow<RowSchema, Row>> {
    const { clock = systemClock, params = {}, previous, signal } = readOptions;
    const startedMs = clock.monotonicMs();
    if (isAborted(signal)) return err(readAborted(subject, signal));
    if (readOptions.replay !== undefined)
      return yield* readReplay(readOptions.replay, { settings: archivedRows, subject }, readOptions) as BatchReader<
        SchemaRow<RowSchema, Row>
      >;
    try {
      const rows = await prepare(options, { params, previous, clock });
      const finish = (reading: Partial<SourceMetadata> & Pick<SourceMetadata, "contentHash">): SourceMetadata =>
        metadataOf(subject, {
          ...(rows.window === undefined ? {} : { watermark: rows.window.until }),
          durationMs: clock.monotonicMs() - startedMs,
          ...reading,
        });
      if (rows.isEmpty)
        return ok(
          finish({
            contentHash: new RowLines().digest(),
            unchanged: true,
            ...(previous?.watermark === undefined ? {} : { watermark: previous.watermark }),
          }),
        );
      if (watermark === undefined && previous?.contentHash !== undefined) {
        const lines = new RowLines();
        for await (const chunk of rows.stream(batchSize)) {
          if (isAborted(signal)) return err(readAborted(subject, signal));
          lines.add(chunk);
        }
        const contentHash = lines.digest();
        if (contentHash === previous.contentHash)
          return ok(finish({ contentHash, sizeBytes: lines.sizeBytes, unchanged: true }));
      }
      const delivered = yield* deliver(rows, readOptions);
      return delivered.map(({ isEmpty, ...found }) =>
        finish({ ...found, unchanged: watermark !== undefined && isEmpty }),
      );
    } catch (thrown) {
      return err(queryError(thrown));
    }
  }

  async function* deliver(
    rows: PreparedQuery<Row>,
    { signal, tee }: ReadOptions,
  ): AsyncGenerator<SourceBatch<SchemaRow<RowSchema, Row>>, Result<Delivered, SpineError>, undefined> {
    const lines = new RowLines();
    let columns: readonly string[] = [];
    let number = 0;
    let rowCount = 0;
    let rejectedCount = 0;
    const archived = await tee?.open(locator);
    try {
      for await (const chunk of rows.stream(batchSize)) {
        if (number === 0) columns = Object.keys(chunk[0] ?? {});
        const bytes = lines.add(chunk);
        await archived?.write(bytes);
        const first = number + 1;
        number += chunk.length;
        const batch = { rows: chunk, lineNumbers: chunk.map((_, index) => first + index), rejects: [] };
        const { schema } = options;
        const typed = schema === undefined ? batch : await applyRowSchema(batch, schema, locator);
        rowCount += typed.rows.length;
        rejectedCount += typed.rejects.length;
        yield typed as SourceBatch<SchemaRow<RowSchema, Row>>;
        if (isAborted(signal)) return err(readAborted(subject, signal));
      }
      const contentHash = lines.digest();
      await archived?.keep(contentHash);
      const { sizeBytes } = lines;
      return ok({ contentHash, sizeBytes, columns, rowCount, rejectedCount, isEmpty: number === 0 });
    } finally {
      await archived?.close();
    }
  }

  async function hasChanged(previous: SourceVersion, readOptions: ReadOptions): Promise<Result<boolean, SpineError>> {
    const reader = read({ ...readOptions, previous });
    const step = await reader.next();
    if (step.done === true) return step.value.map(({ unchanged }) => !unchanged);
    await reader.return(err(readAborted(subject, AbortSignal.abort())));
    return ok(true);
  }

  function queryError(thrown: unknown): SpineError {
    const { code, message } = toSpineError(thrown, "SOURCE_ERROR");
    const cannotStream = /`cursor` is not present|streaming is not supported|doesn't support streaming/i.test(message);
    if (cannotStream) {
      const remedy = "Pass `cursor` to its dialect: Cursor of the package pg-cursor for PostgreSQL.";
      const text = `Source "${name}": its dialect cannot stream. ${remedy}`;
      return new ConfigError(text, { context: { ...subject, remedy }, cause: thrown });
    }
    return new SourceError(`Could not read ${locator} of source "${name}": ${message}.`, {
      code,
      context: subject,
      cause: thrown,
    });
  }

  const source = defineSource({
    name,
    domain,
    type: "database",
    describe: () => description,
    read,
    hasChanged: (previous, readOptions) => resultAsync(() => hasChanged(previous, readOptions)),
  });
  return Object.freeze({ ...source, type: "database" as const });
}

type Delivered = Pick<SourceMetadata, "contentHash" | "sizeBytes" | "columns" | "rowCount" | "rejectedCount"> & {
  readonly isEmpty: boolean;
};

interface PreparedQuery<Row> {
  readonly window: WatermarkWindow | undefined;
  /** Known before it is asked. */
  readonly isEmpty: boolean;
  stream(batchSize: number): AsyncGenerator<readonly Row[], void, undefined>;
}

type AnyTables = Record<string, Record<string, unknown>>;

async function prepare<DB, Row>(
  { db, query, watermark }: DatabaseSourceOptions<DB, Row, Schema | undefined>,
  {
    params,
    previous,
    clock,
  }: Required<Pick<ReadOptions, "params" | "clock">> & { readonly previous: SourceVersion | undefined },
): Promise<PreparedQuery<Row>> {
  const tables = db as unknown as Kysely<AnyTables>;
  const inner = query({ db, params });
  // What is written in SQL has no brackets of its own.
  const aliasable = isStreamable(inner) ? inner : sql<Row>`(${inner})`;
  const from = tables.selectFrom(aliasable.as("source") as unknown as "source").selectAll();
  if (watermark === undefined)
    return {
      window: undefined,
      isEmpty: false,
      // A query of kysely's own keeps its order only when it is not put into another one.
      stream: (batchSize) => inBatches((isStreamable(inner) ? inner : from) as Streamable<Row>, batchSize),
    };
  const window = await resolveWindow(watermark, { db: tables, from: aliasable, previous: previous?.watermark, clock });
  const column = sql.ref<string | number | bigint>(watermark.column);
  let bounded = from.orderBy(column);
  if (window !== undefined) bounded = bounded.where(column, "<=", boundValue(window.until, watermark));
  if (window?.after !== undefined) bounded = bounded.where(column, ">", boundValue(window.after, watermark));
  return {
    window,
    isEmpty: window === undefined,
    stream: (batchSize) => inBatches(bounded as unknown as Streamable<Row>, batchSize),
  };
}

interface Streamable<Row> {
  stream(chunkSize: number): AsyncIterableIterator<Row>;
}

function isStreamable(query: object): boolean {
  return "stream" in query && typeof query.stream === "function";
}

async function* inBatches<Row>(
  query: Streamable<Row>,
  batchSize: number,
): AsyncGenerator<readonly Row[], void, undefined> {
  let batch: Row[] = [];
  for await (const row of query.stream(batchSize)) {
    batch.push(row);
    if (batch.length < batchSize) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function metadataOf(
  subject: Pick<SourceMetadata, "sourceName" | "sourceType" | "locator">,
  found: Partial<SourceMetadata> & Pick<SourceMetadata, "contentHash">,
): SourceMetadata {
  const { contentHash, sizeBytes = 0, rowCount = 0, rejectedCount = 0, columns = [], durationMs = 0 } = found;
  return Object.freeze({
    ...subject,
    contentHash,
    sizeBytes,
    rowCount,
    rejectedCount,
    modifiedAt: undefined,
    publishedAt: undefined,
    ...(found.watermark === undefined ? {} : { watermark: found.watermark }),
    format: found.unchanged === true ? undefined : "rows",
    compression: undefined,
    encoding: undefined,
    dialect: undefined,
    columns,
    trailer: [],
    durationMs,
    unchanged: found.unchanged ?? false,
    warnings: [],
    parts: [],
  });
}
