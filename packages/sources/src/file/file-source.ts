import { err, ok, type Result, resultAsync, type Schema, type SchemaOutput, type SpineError } from "@spine/core";
import { readReplay } from "../archive/read-replay.ts";
import { hasContentOf } from "../content/content-hash.ts";
import { readContent } from "../content/read-content.ts";
import { describeRowSettings, resolveRowOptions, type RowOptions } from "../content/row-options.ts";
import { defineSource } from "../define-source.ts";
import type { TextRow } from "../delimited/row-factory.ts";
import type { RowFormat } from "../formats/row-format.ts";
import type { ReadOptions, Source, SourceDescription } from "../source.ts";
import type { SourceVersion } from "../source-metadata.ts";
import type { BatchReader } from "../source-stream.ts";
import { type FileLocation, type FileLocationOptions, fixedPath, locateFile } from "./file-location.ts";
import { type OpenFile, openFile } from "./open-file.ts";
import { awaitSettled, type SettleOptions } from "./settled-file.ts";

export interface FileSourceOptions<
  Column extends string = string,
  RowSchema extends Schema | undefined = Schema | undefined,
>
  extends RowOptions<Column, RowSchema>, FileLocationOptions, SettleOptions {
  /** Words joined by `.` or `/`: `finra.otc.weekly`. @defaultValue "file" */
  readonly name?: string;
  readonly domain?: string;
}

/** What the rows of a source are: what the schema makes of them, else what the format does. */
export type SchemaRow<RowSchema extends Schema | undefined, Row> = RowSchema extends Schema
  ? SchemaOutput<RowSchema>
  : Row;

/** Options that leave no doubt that the rows are text. */
export type DelimitedChoice<Column extends string> =
  | { readonly format: "delimited" }
  | { readonly delimiter: string; readonly format?: "delimited" }
  | { readonly columns: readonly Column[]; readonly format?: "delimited" };

export interface FileSource<Row = TextRow> extends Source<Row> {
  readonly type: "file";
}

/**
 * A file as a source. Needs no more than the path: compression and format are found in the content, and of a delimited file (CSV, PSV, TSV,
 * semicolons) the delimiter; the first record is the header and the text is strict UTF-8. Fields of text stay strings; types are
 * the schema's business. Without a schema, a row is typed when `format`, `delimiter` or `columns` say what it is.
 *
 * Throws on options that cannot be meant (`CONFIG_INVALID`, `KEY_INVALID`). Reading fails with `SOURCE_NOT_FOUND`,
 * `FILE_ACCESS_DENIED`, `SOURCE_ERROR`, `SOURCE_UNAVAILABLE` (it changes), `CANCELLED`, and by what is in it with
 * `COMPRESSION_INVALID`, `CONTENT_TOO_LARGE`, `ZIP_MEMBER_NOT_FOUND`, `DELIMITER_AMBIGUOUS`, `HEADER_INVALID`, `ENCODING_INVALID`,
 * `ROW_RAGGED`, `QUOTE_UNTERMINATED`, `RECORD_TOO_LONG` and `PARSE_ERROR`. Rows before a failure have been delivered.
 * @example
 * const weekly = fileSource({ name: "finra.otc.weekly", path: "otc.csv", ragged: "reject", schema: weeklyRow });
 * const read = await weekly.stream({ signal }).forEachBatch(async ({ rows, rejects }) => {
 *   await capture.reject(rejects);
 *   return capture.insert("raw", rows);
 * });
 */
export function fileSource<const Column extends string = string, RowSchema extends Schema | undefined = undefined>(
  options: FileSourceOptions<Column, RowSchema> & DelimitedChoice<Column>,
): FileSource<SchemaRow<RowSchema, TextRow<Column>>>;
export function fileSource<Row, RowSchema extends Schema | undefined = undefined>(
  options: FileSourceOptions<string, RowSchema> & { readonly format: RowFormat<Row> },
): FileSource<SchemaRow<RowSchema, Row>>;
export function fileSource<RowSchema extends Schema | undefined = undefined>(
  options: FileSourceOptions<string, RowSchema>,
): FileSource<SchemaRow<RowSchema, Readonly<Record<string, unknown>>>>;
export function fileSource(options: FileSourceOptions): FileSource<unknown> {
  const { name = "file", domain } = options;
  const settings = resolveRowOptions(options);
  const description: SourceDescription = Object.freeze({
    name,
    domain,
    type: "file",
    locator: fixedPath(options.path),
    options: describeRowSettings(settings),
  });

  async function open(readOptions: ReadOptions): Promise<Result<FileLocation & { file: OpenFile }, SpineError>> {
    const location = locateFile(options, name, readOptions.params);
    if (location.isErr()) return err(location.error);
    const subject = { sourceName: name, sourceType: "file", locator: location.value.path };
    const settled = await awaitSettled(subject, options, readOptions);
    if (settled.isErr()) return err(settled.error);
    const file = await openFile(subject);
    return file.isErr() ? err(file.error) : ok({ ...location.value, file: file.value });
  }

  async function* read(readOptions: ReadOptions): BatchReader<unknown> {
    const { replay } = readOptions;
    if (replay !== undefined) {
      const locator = description.locator ?? replay.parts[0]?.locator ?? name;
      const subject = { sourceName: name, sourceType: "file", locator };
      return yield* readReplay(replay, { settings, subject }, readOptions);
    }
    const opened = await open(readOptions);
    if (opened.isErr()) return err(opened.error);
    const { file, publishedAt } = opened.value;
    try {
      return yield* readContent(file, { settings, publishedAt }, readOptions);
    } finally {
      await file.close();
    }
  }

  async function hasChanged(previous: SourceVersion, readOptions: ReadOptions): Promise<Result<boolean, SpineError>> {
    const opened = await open(readOptions);
    if (opened.isErr()) return err(opened.error);
    try {
      return (await hasContentOf(opened.value.file, previous, readOptions.signal)).map((isSame) => !isSame);
    } finally {
      await opened.value.file.close();
    }
  }

  const source = defineSource({
    name,
    domain,
    type: "file",
    describe: () => description,
    read,
    hasChanged: (previous, readOptions) => resultAsync(() => hasChanged(previous, readOptions)),
  });
  return Object.freeze({ ...source, type: "file" as const });
}
