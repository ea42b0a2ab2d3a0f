import type { Clock, Json, JsonObject, RejectReport, ResultAsync, SpineError } from "@spine/core";
import type { SourceMetadata, SourceVersion } from "./source-metadata.ts";
import type { SourceStream } from "./source-stream.ts";

/** What kind of thing a source reads. Text, so that a team may have its own. */
export type SourceType = "file" | "http" | "database" | "object-store" | (string & {});

/** Values a reader passes to a source that needs some, such as the week in a file's name. */
export type SourceParams = Readonly<Record<string, unknown>>;

export interface ReadOptions {
  /** Ends the reading with `CANCELLED`. */
  readonly signal?: AbortSignal;
  readonly params?: SourceParams;
  /** What was read last time: when the content is still the same, nothing is parsed and `metadata.unchanged` is true. */
  readonly previous?: SourceVersion;
  /** For durations, waits and what is too young to be whole. @defaultValue the machine's clock */
  readonly clock?: Clock;
  /** Gets the raw bytes as they are read: see `withArchive`. */
  readonly tee?: RawSink;
  /** Bytes that were kept, read instead of what is there now: see `RawArchive`. */
  readonly replay?: RawReplay;
}

/** The raw bytes of an earlier reading. */
export interface RawReplay {
  /** What its metadata said. */
  readonly contentHash: string;
  readonly parts: readonly ReplayPart[];
}

export interface ReplayPart {
  /** Where the bytes came from. */
  readonly locator: string;
  /** The file that has them now. */
  readonly path: string;
  readonly contentHash: string;
}

/** Where raw bytes go beside their reader. What it throws ends the reading. */
export interface RawSink {
  /** For one content: a file, a page. */
  open(locator: string): Promise<RawWriter>;
}

export interface RawWriter {
  /** The bytes may be reused when it resolves. */
  write(bytes: Uint8Array): Promise<void>;
  /** They are whole, and this is their sha256. */
  keep(contentHash: string): Promise<void>;
  /** Always called in the end; without {@link keep} before, nothing stays. */
  close(): Promise<void>;
}

/** A record the source could not turn into a row. Fits {@link RejectReport}: pass it to `capture.reject` as it is. */
export interface SourceReject extends RejectReport {
  /** `ROW_RAGGED`, `QUOTE_MALFORMED`, `JSON_INVALID`, `SCHEMA_MISMATCH`. */
  readonly reasonCode: string;
  readonly reasonDetail: string;
  /** The record's own text, or its fields by name when it had the right shape and failed the schema. */
  readonly record: Json;
  readonly sourceLocator: string;
  readonly lineNumber: number;
}

/** Some rows in the order of the source. Never without both rows and rejects. */
export interface SourceBatch<Row> {
  readonly rows: readonly Row[];
  /**
   * Line of each row, by the same index: 1-based, header included; the first one of a row that spans several. Where a source has no
   * lines (an array, Parquet, a query) the number of its row. In a source of several parts they begin again with each.
   */
  readonly lineNumbers: readonly number[];
  /** Records refused since the batch before, in the order of their lines. */
  readonly rejects: readonly SourceReject[];
}

/** Everything a source had, in memory. */
export interface SourceData<Row> extends SourceBatch<Row> {
  readonly metadata: SourceMetadata;
}

/** What a source is, without reading it; JSON, without secrets. */
export interface SourceDescription {
  readonly name: string;
  readonly domain: string | undefined;
  readonly type: SourceType;
  /** Path or masked address; undefined when it depends on parameters. */
  readonly locator: string | undefined;
  readonly options: JsonObject;
}

/**
 * Where rows come from. Whatever goes wrong comes back as a Result with code, position and remedy; neither method throws.
 * {@link defineSource} makes one from a single reading function.
 */
export interface Source<Row = unknown> {
  readonly name: string;
  /** Whose data it is: `finra.otc`. */
  readonly domain: string | undefined;
  readonly type: SourceType;
  /** All rows at once: for what fits into memory several times over. */
  fetch(options?: ReadOptions): ResultAsync<SourceData<Row>, SpineError>;
  /** Rows in batches; nothing is opened before the first one is asked for, and nothing is read ahead of its reader. */
  stream(options?: ReadOptions): SourceStream<Row>;
  describe(): SourceDescription;
  /** Whether the content is another one than that of `previous`. Looks at the content itself: an equal time proves nothing. */
  hasChanged(previous: SourceVersion, options?: ReadOptions): ResultAsync<boolean, SpineError>;
}
