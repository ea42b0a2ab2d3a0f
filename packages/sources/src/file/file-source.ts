import {
  err,
  type JsonObject,
  type Result,
  resultAsync,
  type Schema,
  type SchemaOutput,
  type SpineError,
} from "@spine/core";
import { defineSource } from "../define-source.ts";
import { type DelimitedFormat, type DelimitedOptions, resolveDelimitedOptions } from "../delimited/dialect.ts";
import type { TextRow } from "../delimited/row-factory.ts";
import type { ReadOptions, Source, SourceDescription } from "../source.ts";
import type { SourceVersion } from "../source-metadata.ts";
import type { BatchReader } from "../source-stream.ts";
import { hasContentOf } from "./file-content.ts";
import { type FileLocationOptions, fixedPath, locateFile } from "./file-location.ts";
import { openFile } from "./open-file.ts";
import { readDelimitedFile } from "./read-delimited-file.ts";

export interface FileSourceOptions<
  Column extends string = string,
  RowSchema extends Schema | undefined = Schema | undefined,
>
  extends DelimitedOptions<Column>, FileLocationOptions {
  /** Words joined by `.` or `/`: `finra.otc.weekly`. @defaultValue "file" */
  readonly name?: string;
  readonly domain?: string;
  /** Any Standard Schema. Gets each row as strings and makes it what it should be; a row it refuses becomes a reject. */
  readonly schema?: RowSchema;
}

/** What the rows of a file are: what the schema makes of them, else strings by column. */
export type FileRow<Column extends string, RowSchema extends Schema | undefined> = RowSchema extends Schema
  ? SchemaOutput<RowSchema>
  : TextRow<Column>;

export interface FileSource<Row = TextRow> extends Source<Row> {
  readonly type: "file";
}

/**
 * A delimited file as a source: CSV, PSV, TSV or semicolons. Needs no more than the path; then the delimiter is found in the
 * content, the first record is the header and the text is strict UTF-8. Fields stay strings; types are the schema's business.
 *
 * Throws on options that cannot be meant (`CONFIG_INVALID`, `KEY_INVALID`). Reading fails with `SOURCE_NOT_FOUND`,
 * `FILE_ACCESS_DENIED`, `SOURCE_ERROR`, `SOURCE_UNAVAILABLE` (it changed meanwhile), `CANCELLED`, and by what is in it with
 * `DELIMITER_AMBIGUOUS`, `HEADER_INVALID`, `ENCODING_INVALID`, `ROW_RAGGED`, `QUOTE_UNTERMINATED`, `RECORD_TOO_LONG` and
 * `PARSE_ERROR`. Rows before a failure have been delivered.
 * @example
 * const weekly = fileSource({ name: "finra.otc.weekly", path: "otc.csv", ragged: "reject", schema: weeklyRow });
 * const read = await weekly.stream({ signal }).forEachBatch(async ({ rows, rejects }) => {
 *   await capture.reject(rejects);
 *   return capture.insert("raw", rows);
 * });
 */
export function fileSource<const Column extends string = string, RowSchema extends Schema | undefined = undefined>(
  options: FileSourceOptions<Column, RowSchema>,
): FileSource<FileRow<Column, RowSchema>> {
  type Row = FileRow<Column, RowSchema>;
  const { name = "file", domain } = options;
  const format = resolveDelimitedOptions(options);
  // By its generic type TypeScript cannot see that the schema's output is the row.
  const schema = options.schema as Schema<unknown, Row> | undefined;
  const description: SourceDescription = Object.freeze({
    name,
    domain,
    type: "file",
    locator: fixedPath(options.path),
    options: describeFormat(format),
  });

  async function* read(readOptions: ReadOptions): BatchReader<Row> {
    const location = locateFile(options, name, readOptions.params);
    if (location.isErr()) return err(location.error);
    return yield* readDelimitedFile({ ...location.value, sourceName: name, format, schema }, readOptions);
  }

  async function hasChanged(
    previous: SourceVersion,
    { params, signal }: ReadOptions,
  ): Promise<Result<boolean, SpineError>> {
    const location = locateFile(options, name, params);
    if (location.isErr()) return err(location.error);
    const subject = { sourceName: name, sourceType: "file", locator: location.value.path };
    const file = await openFile(subject);
    if (file.isErr()) return err(file.error);
    try {
      return (await hasContentOf(file.value, previous, { subject, signal })).map((isSame) => !isSame);
    } finally {
      await file.value.close();
    }
  }

  const source = defineSource<Row>({
    name,
    domain,
    type: "file",
    describe: () => description,
    read,
    hasChanged: (previous, readOptions) => resultAsync(() => hasChanged(previous, readOptions)),
  });
  return Object.freeze({ ...source, type: "file" as const });
}

function describeFormat(format: DelimitedFormat): JsonObject {
  const entries = Object.entries(format).filter(([, value]) => value !== undefined);
  const texts = entries.map(([key, value]) => [key, value instanceof RegExp ? String(value) : value]);
  return Object.freeze({ format: "delimited", ...Object.fromEntries(texts) });
}
