import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { ConfigError, nearestName, toSpineError } from "@spine/core";
import {
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
} from "hyparquet";
import { compressors as fallbackCompressors } from "hyparquet-compressors";
import type { ByteContent } from "../content/byte-content.ts";
import type { SourceBatch } from "../source.ts";
import type { ReadProblem } from "../text/read-problem.ts";
import { type ExactColumn, exactColumns, exactParsers } from "./parquet-values.ts";
import type { RandomAccessFormat, ReadFindings } from "./row-format.ts";

/** A row of a Parquet file: see {@link parquet} for what its values are. */
export type ParquetRow = Readonly<Record<string, unknown>>;

export interface ParquetOptions {
  /** Columns to read; the others are not even unpacked. @defaultValue all */
  readonly columns?: readonly string[];
  /** Rows in a batch, at most. @defaultValue 1,000 */
  readonly batchSize?: number;
  /** Largest row group, unpacked: one is held at a time. @defaultValue 1 GiB */
  readonly maxGroupBytes?: number;
}

/**
 * Parquet, one row group at a time. Decimals are exact text (`"190.50"`), dates `"2025-06-06"`, timestamps ISO 8601 text with all their
 * digits (without a zone when the file says they have none), 64-bit integers a number when that is exact and else a bigint, bytes without
 * an annotation a Uint8Array. `lineNumber` is the row's number. Throws on options that cannot be meant (`CONFIG_INVALID`).
 */
export function parquet(options: ParquetOptions = {}): RandomAccessFormat<ParquetRow> {
  const { columns, batchSize = 1000, maxGroupBytes = 1024 ** 3 } = options;
  for (const [name, value] of Object.entries({ batchSize, maxGroupBytes })) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new ConfigError(`parquet: ${name} is ${value}, not a whole number from 1 on. Correct the option.`);
  }
  if (columns?.length === 0) throw new ConfigError("parquet: columns is empty. Name one, or leave the option out.");
  return Object.freeze({
    kind: "parquet",
    options: Object.freeze({ batchSize, ...(columns === undefined ? {} : { columns: Object.freeze([...columns]) }) }),
    read: (content: Pick<ByteContent, "sizeBytes" | "slice">) =>
      readParquet(content, { columns, batchSize, maxGroupBytes }),
  });
}

interface ParquetSettings {
  readonly columns: readonly string[] | undefined;
  readonly batchSize: number;
  readonly maxGroupBytes: number;
}

type ParquetReading = AsyncGenerator<SourceBatch<ParquetRow>, ReadProblem | ReadFindings, undefined>;

async function* readParquet(
  content: Pick<ByteContent, "sizeBytes" | "slice">,
  { columns, batchSize, maxGroupBytes }: ParquetSettings,
): ParquetReading {
  const file = {
    byteLength: content.sizeBytes,
    slice: async (start: number, end = content.sizeBytes) => toArrayBuffer(await content.slice(start, end)),
  };
  let rowStart = 0;
  try {
    const metadata = await parquetMetadataAsync(file, { geoparquet: false });
    const names = parquetSchema(metadata).children.map(({ element }) => element.name);
    const unknown = columns?.find((name) => !names.includes(name));
    if (unknown !== undefined) return noColumn(unknown, names);
    const exact = exactColumns(metadata, columns);
    for (const group of metadata.row_groups) {
      const rowEnd = rowStart + Number(group.num_rows);
      const bytes = neededBytes(group, columns);
      if (bytes > maxGroupBytes) return groupTooLarge(bytes, maxGroupBytes);
      const rows = await parquetReadObjects({
        file,
        metadata,
        rowStart,
        rowEnd,
        compressors,
        parsers: exactParsers,
        utf8: false,
        ...(columns === undefined ? {} : { columns: [...columns] }),
      });
      for (let at = 0; at < rows.length; at += batchSize)
        yield toBatch(rows.slice(at, at + batchSize), rowStart + at, exact);
      rowStart = rowEnd;
    }
    return { columns: Object.freeze([...(columns ?? names)]) };
  } catch (thrown) {
    // The library throws plain errors for whatever is wrong with the bytes.
    return {
      code: "PARSE_ERROR",
      what: `it is no whole Parquet file, behind row ${rowStart}: ${toSpineError(thrown).message}`,
      remedy: "Get it again, or have it written by another program.",
    };
  }
}

function toBatch(
  rows: Record<string, unknown>[],
  before: number,
  exact: readonly ExactColumn[],
): SourceBatch<ParquetRow> {
  for (const { name, convert } of exact) {
    for (const row of rows) {
      const value = row[name];
      if (value !== null && value !== undefined) row[name] = convert(value);
    }
  }
  return { rows, lineNumbers: rows.map((_, index) => before + index + 1), rejects: [] };
}

/** Node's own are faster; each may make no more than the file promised. */
const compressors: Compressors = {
  ...fallbackCompressors,
  GZIP: (input, outputLength) => gunzipSync(input, { maxOutputLength: limitOf(outputLength) }),
  ZSTD: (input, outputLength) => zstdDecompressSync(input, { maxOutputLength: limitOf(outputLength) }),
  BROTLI: (input, outputLength) => brotliDecompressSync(input, { maxOutputLength: limitOf(outputLength) }),
};

/** Node takes no limit of 0, which an empty page has. */
function limitOf(outputLength: number): number {
  return Math.max(outputLength, 1);
}

function neededBytes(group: FileMetaData["row_groups"][number], columns: readonly string[] | undefined): number {
  let bytes = 0;
  for (const { meta_data: column } of group.columns) {
    const isNeeded = columns === undefined || columns.includes(column?.path_in_schema[0] ?? "");
    if (isNeeded) bytes += Number(column?.total_uncompressed_size ?? 0n);
  }
  return bytes;
}

function toArrayBuffer(bytes: Uint8Array): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes;
  if (buffer instanceof ArrayBuffer && byteOffset === 0 && byteLength === buffer.byteLength) return buffer;
  return Uint8Array.from(bytes).buffer;
}

function noColumn(name: string, names: readonly string[]): ReadProblem {
  const near = nearestName(name, names);
  const remedy = near === undefined ? `Its columns are ${names.slice(0, 20).join(", ")}.` : `Did you mean "${near}"?`;
  return { code: "HEADER_INVALID", what: `it has no column "${name}"`, remedy };
}

function groupTooLarge(bytes: number, maxGroupBytes: number): ReadProblem {
  return {
    code: "RECORD_TOO_LONG",
    what: `a row group of it unpacks to ${bytes} bytes, the limit is ${maxGroupBytes}`,
    remedy: "Have it written with smaller row groups, name the columns you need, or raise maxGroupBytes.",
  };
}
