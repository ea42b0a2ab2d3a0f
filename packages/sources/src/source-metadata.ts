import type { Instant } from "@spine/core";
import type { DelimitedDialect } from "./delimited/dialect.ts";

/** What is remembered of a reading to tell whether the next one would bring anything new. {@link SourceMetadata} is one. */
export interface SourceVersion {
  /** sha256 of the raw bytes, 64 hex characters. */
  readonly contentHash?: string | undefined;
  readonly sizeBytes?: number | undefined;
  readonly modifiedAt?: Instant | undefined;
  readonly etag?: string | undefined;
  /** How far an incremental source has read: an instant, or a number. */
  readonly watermark?: string | number | undefined;
}

/** Something a person should know about a source that was read all the same. */
export interface SourceWarning {
  /**
   * `DELIMITER_NOT_AS_EXTENSION`, `FORMAT_NOT_AS_EXTENSION`, `LINE_ENDS_MIXED`, `BLANK_LINES_SKIPPED`, `ROWS_PADDED`,
   * `ENCODING_NOT_AS_GIVEN`, `FILES_UNSETTLED`.
   */
  readonly code: string;
  readonly message: string;
  /** First line it is about. */
  readonly lineNumber?: number;
}

/** One of the contents a reading is made of: a page, a file of several. */
export interface SourcePart {
  /** Path, or address without secrets. */
  readonly locator: string;
  readonly contentHash: string;
  readonly sizeBytes: number;
  readonly rowCount: number;
  readonly rejectedCount: number;
}

/** What one reading of a source was. Frozen JSON. */
export interface SourceMetadata extends SourceVersion {
  readonly sourceName: string;
  readonly sourceType: string;
  /** Path, or address without secrets. */
  readonly locator: string;
  /** sha256 of the raw bytes, taken while they were parsed; of several parts, over the hashes of all of them in their order. */
  readonly contentHash: string;
  /** Raw bytes read. */
  readonly sizeBytes: number;
  /** Rows delivered. With `rejectedCount` it makes all records of the source. */
  readonly rowCount: number;
  readonly rejectedCount: number;
  readonly modifiedAt: Instant | undefined;
  /** When the source says it was published. */
  readonly publishedAt: Instant | undefined;
  /** `delimited`, `ndjson`, `json`, `fixed-width`, `parquet`, `rows` of a query; undefined when nothing was parsed. */
  readonly format: string | undefined;
  /** How the bytes were packed: `gzip`, `zstd`, `brotli`, `zip`. */
  readonly compression: string | undefined;
  /** WHATWG name: `utf-8`, `windows-1252`. */
  readonly encoding: string | undefined;
  readonly dialect: DelimitedDialect | undefined;
  /** Names of the fields of a row before any schema, in order. */
  readonly columns: readonly string[];
  /** Lines recognised as trailer, as they stand in the source; at most 16. */
  readonly trailer: readonly string[];
  /** From the first batch asked for to the end, what the reader did in between included. */
  readonly durationMs: number;
  /** True when the content is that of `previous`; then nothing was parsed and the counts are 0. */
  readonly unchanged: boolean;
  readonly warnings: readonly SourceWarning[];
  /** Pages, or files of several, in the order of their rows; empty when the source is one content. */
  readonly parts: readonly SourcePart[];
}
