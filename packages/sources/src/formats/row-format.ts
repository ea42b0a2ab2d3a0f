import type { JsonObject } from "@spine/core";
import type { ByteContent } from "../content/byte-content.ts";
import type { DelimitedDialect } from "../delimited/dialect.ts";
import type { SourceBatch } from "../source.ts";
import type { SourceWarning } from "../source-metadata.ts";
import type { ReadProblem } from "../text/read-problem.ts";

/** Batches one by one; what is returned says why there are no more, unless there may be. */
export type BatchesUntilProblem<Row> = Generator<SourceBatch<Row>, ReadProblem | undefined, undefined>;

/** What a reader found out about its bytes. */
export interface ReadFindings {
  readonly encoding?: string | undefined;
  readonly dialect?: DelimitedDialect | undefined;
  /** Names of the fields of a row, where the format has names of its own. */
  readonly columns?: readonly string[] | undefined;
  readonly trailer?: readonly string[] | undefined;
  readonly warnings?: readonly SourceWarning[] | undefined;
  /** What a JSON document has around its rows, the array itself left empty. */
  readonly envelope?: unknown;
}

/**
 * Bytes in, batches of rows out. Pure: it reads nothing itself. The bytes come in any pieces; how they are cut changes no row,
 * no reject and no problem.
 */
export interface RowReader<Row> {
  /**
   * Takes more bytes, which may be reused afterwards: yields each batch as soon as it is full. Returns a problem once every row
   * before it has been yielded; nothing may be pushed after that.
   */
  push(bytes: Uint8Array): BatchesUntilProblem<Row>;
  /** Yields what is left. */
  finish(): BatchesUntilProblem<Row>;
  /** Complete after {@link finish}; undefined when there were not enough bytes to tell. */
  readonly findings: ReadFindings | undefined;
}

/** What a format is told of the reading it is opened for. */
export interface RowReaderOptions {
  /** For rejects. */
  readonly locator: string;
  /** Name of the content, without the extension of a compression: decides what its own extension promises. */
  readonly fileName: string;
}

interface RowFormatBase {
  /** `delimited`, `ndjson`, `json`, `fixed-width`, `parquet`, or a word of your own. */
  readonly kind: string;
  readonly options: JsonObject;
}

/** A format that is read from the beginning to the end. */
export interface SequentialFormat<Row = unknown> extends RowFormatBase {
  open(options: RowReaderOptions): RowReader<Row>;
}

/** A format whose parts lie anywhere, such as Parquet. */
export interface RandomAccessFormat<Row = unknown> extends RowFormatBase {
  read(
    content: Pick<ByteContent, "sizeBytes" | "slice">,
    options: RowReaderOptions,
  ): AsyncGenerator<SourceBatch<Row>, ReadProblem | ReadFindings, undefined>;
}

/** How bytes become rows. Make one with `ndjson`, `json`, `fixedWidth` or `parquet`, or write your own. */
export type RowFormat<Row = unknown> = SequentialFormat<Row> | RandomAccessFormat<Row>;

export function isProblem(end: ReadProblem | ReadFindings): end is ReadProblem {
  return "code" in end;
}
