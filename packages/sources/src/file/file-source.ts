import { fileURLToPath } from "node:url";
import {
  ConfigError,
  err,
  type Instant,
  type InstantInput,
  type JsonObject,
  ok,
  parseInstant,
  type Result,
  resultAsync,
  type Schema,
  type SchemaOutput,
  type SpineError,
} from "@spine/core";
import { defineSource } from "../define-source.ts";
import { type DelimitedFormat, type DelimitedOptions, resolveDelimitedOptions } from "../delimited/dialect.ts";
import type { TextRow } from "../delimited/row-factory.ts";
import type { ReadOptions, Source, SourceParams } from "../source.ts";
import type { SourceVersion } from "../source-metadata.ts";
import type { BatchReader } from "../source-stream.ts";
import { hasContentOf } from "./file-content.ts";
import { openFile } from "./open-file.ts";
import { readDelimitedFile } from "./read-delimited-file.ts";

export interface FileSourceOptions<
  Column extends string = string,
  RowSchema extends Schema | undefined = Schema | undefined,
> extends DelimitedOptions<Column> {
  /** Words joined by `.` or `/`: `finra.otc.weekly`. @defaultValue "file" */
  readonly name?: string;
  readonly domain?: string;
  /** Path, `file:` URL, or a function of the reader's `params`. Relative paths start at the working directory. */
  readonly path: string | URL | ((params: SourceParams) => string | URL);
  /** Any Standard Schema. Gets each row as strings, makes it what it should be; a row it refuses becomes a reject. */
  readonly schema?: RowSchema;
  /** When the source published the file, if its path tells. */
  readonly publishedAt?: (path: string) => InstantInput | undefined;
}

/** What the rows of a file are: what the schema makes of them, else strings by column. */
export type FileRow<Column extends string, RowSchema extends Schema | undefined> = RowSchema extends Schema
  ? SchemaOutput<RowSchema>
  : TextRow<Column>;

export interface FileSource<Row = TextRow> extends Source<Row> {
  readonly type: "file";
}

/**
 * A delimited file as a source: CSV, PSV, TSV or semicolons. Needs no more than the path; then the delimiter is found in the content,
 * the first record is the header and the text is strict UTF-8. Fields stay strings; types are the schema's business.
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
  const { name = "file", path, schema } = options;
  const format = resolveDelimitedOptions(options);
  if (typeof path === "string" && path === "") throw badPath(name, "is empty");

  async function* read(readOptions: ReadOptions): BatchReader<Row> {
    const located = locate(options, name, readOptions.params);
    if (located.isErr()) return err(located.error);
    return yield* readDelimitedFile<Row>(
      { ...located.value, sourceName: name, format, schema: schema as Schema<unknown, Row> | undefined },
      readOptions,
    );
  }

  const source = defineSource<Row>({
    name,
    domain: options.domain,
    type: "file",
    read,
    describe: () => ({
      name,
      domain: options.domain,
      type: "file",
      locator: typeof path === "function" ? undefined : pathText(path),
      options: describeFormat(format),
    }),
    hasChanged: (previous: SourceVersion, readOptions) =>
      resultAsync(async () => {
        const located = locate(options, name, readOptions.params);
        if (located.isErr()) return err(located.error);
        const subject = { sourceName: name, sourceType: "file", locator: located.value.path };
        const opened = await openFile(subject);
        if (opened.isErr()) return err(opened.error);
        try {
          const same = await hasContentOf(opened.value, previous, { subject, signal: readOptions.signal });
          return same.map((isSame) => !isSame);
        } finally {
          await opened.value.close();
        }
      }),
  });
  return Object.freeze({ ...source, type: "file" as const });
}

/** Where the file is and when it was published, by the functions the options have for that. */
function locate(
  { path, publishedAt }: Pick<FileSourceOptions, "path" | "publishedAt">,
  name: string,
  params: SourceParams = {},
): Result<{ readonly path: string; readonly publishedAt: Instant | undefined }, SpineError> {
  try {
    const text = pathText(typeof path === "function" ? path(params) : path);
    const published = publishedAt?.(text);
    if (published === undefined) return ok({ path: text, publishedAt: undefined });
    return parseInstant(published).map((instant) => ({ path: text, publishedAt: instant }));
  } catch (thrown) {
    return err(badPath(name, "cannot be made of the parameters", thrown));
  }
}

function pathText(path: string | URL): string {
  const text = typeof path === "string" ? path : fileURLToPath(path);
  if (typeof text !== "string" || text === "") throw new TypeError("The path is not a text.");
  return text;
}

function badPath(name: string, why: string, cause?: unknown): ConfigError {
  const detail = cause instanceof Error ? `: ${cause.message}` : ".";
  return new ConfigError(`Source "${name}": its path ${why}${detail}`, {
    context: { sourceName: name },
    cause,
  });
}

function describeFormat(format: DelimitedFormat): JsonObject {
  const entries = Object.entries(format).filter(([, value]) => value !== undefined);
  const texts = entries.map(([key, value]) => [key, value instanceof RegExp ? String(value) : value]);
  return Object.freeze({ format: "delimited", ...Object.fromEntries(texts) });
}
