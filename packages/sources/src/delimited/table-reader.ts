import { BatchBuilder } from "../batch-builder.ts";
import type { SourceWarning } from "../source-metadata.ts";
import type { ReadProblem } from "../text/read-problem.ts";
import { type DelimitedFormat, whyNotNames } from "./dialect.ts";
import type { RawRecord } from "./record-cursor.ts";
import { RecordSplitter } from "./record-splitter.ts";
import { createRowFactory, type TextRow } from "./row-factory.ts";
import {
  badHeader,
  countText,
  misshapenRow,
  misshapeOf,
  noHeader,
  rowBehindTrailer,
  splitProblem,
} from "./table-problems.ts";

export interface TableOptions extends DelimitedFormat {
  readonly delimiter: string;
  readonly locator: string;
  /** Bytes of a text in the encoding of the source. */
  readonly measure: (text: string) => number;
}

/** Trailer lines that are kept; a file that is all trailer must not fill the memory. */
const maxTrailerLines = 16;

/** Makes rows of records: names their fields by the header, deals with those of another shape, tells trailer from data. */
export class TableReader {
  readonly batches: BatchBuilder<TextRow>;
  readonly splitter: RecordSplitter;
  readonly #options: TableOptions;
  readonly #trailer: string[] = [];
  #columns: readonly string[] = [];
  /** Fields of a row; 0 while the header is to come. */
  #width = 0;
  #makeRow: (fields: readonly string[]) => TextRow = () => ({});
  #problem: ReadProblem | undefined;
  #trailerLine: number | undefined;
  #paddedCount = 0;
  #paddedLine = 0;

  constructor(options: TableOptions) {
    this.#options = options;
    this.batches = new BatchBuilder(options.batchSize);
    this.splitter = new RecordSplitter(options, (record) => this.#take(record));
    if (!options.header && options.columns !== undefined) this.#nameColumns(options.columns);
  }

  get columns(): readonly string[] {
    return this.#columns;
  }

  get trailer(): readonly string[] {
    return this.#trailer;
  }

  /** Takes more text; the rows it completes are in {@link batches}, those before a problem too. */
  push(text: string): ReadProblem | undefined {
    return this.splitter.push(text) ? undefined : this.#whatEnded();
  }

  /** Takes what {@link push} may have put off, when nothing good follows. */
  catchUp(): ReadProblem | undefined {
    return this.splitter.catchUp() ? undefined : this.#whatEnded();
  }

  finish(): ReadProblem | undefined {
    if (!this.splitter.finish()) return this.#whatEnded();
    return this.#options.header && this.#width === 0 ? noHeader() : undefined;
  }

  get warnings(): readonly SourceWarning[] {
    const { blankLines, lineEnd } = this.splitter;
    const warnings: SourceWarning[] = [];
    if (lineEnd === "mixed") {
      const message = "Its lines end in more than one way; LF, CRLF and CR each counted as one end.";
      warnings.push({ code: "LINE_ENDS_MIXED", message });
    }
    if (blankLines > 0) {
      const message = `Skipped ${countText(blankLines, "empty line")} between records.`;
      warnings.push({ code: "BLANK_LINES_SKIPPED", message });
    }
    if (this.#paddedCount > 0) {
      const message = `Filled ${countText(this.#paddedCount, "short row")} with empty fields.`;
      warnings.push({ code: "ROWS_PADDED", message, lineNumber: this.#paddedLine });
    }
    return warnings;
  }

  #take(record: RawRecord): boolean {
    if (this.#options.trailer !== undefined) {
      if (this.#isTrailer(record)) return true;
      if (this.#trailerLine !== undefined) return this.#end(rowBehindTrailer(record.line, this.#trailerLine));
    }
    if (this.#width === 0) {
      if (this.#options.header) return this.#takeHeader(record);
      this.#nameColumns(Array.from({ length: record.fieldCount }, (_, at) => `column_${at + 1}`));
    }
    if (record.fieldCount !== this.#width || record.malformed) return this.#takeMisshapen(record);
    this.batches.add(this.#makeRow(record.fields), record.line, record.length);
    return true;
  }

  #isTrailer(record: RawRecord): boolean {
    const { trailer } = this.#options;
    const text = record.text();
    const matches = typeof trailer === "string" ? text.startsWith(trailer) : trailer?.test(text);
    if (matches !== true) return false;
    this.#trailerLine ??= record.line;
    if (this.#trailer.length < maxTrailerLines) this.#trailer.push(text);
    return true;
  }

  #takeHeader(record: RawRecord): boolean {
    const names = record.fields.slice(0, record.fieldCount);
    const why = record.malformed ? "text follows a closing quote" : this.#whyNotHeader(names);
    if (why !== undefined) return this.#end(badHeader(why, record.line));
    this.#nameColumns(this.#options.columns ?? names);
    return true;
  }

  #whyNotHeader(names: readonly string[]): string | undefined {
    const { columns } = this.#options;
    if (columns === undefined) return whyNotNames(names);
    if (columns.length === names.length) return undefined;
    return `it has ${countText(names.length, "name")}, columns has ${columns.length}`;
  }

  #nameColumns(names: readonly string[]): void {
    this.#columns = Object.freeze([...names]);
    this.#width = names.length;
    this.#makeRow = createRowFactory(names);
  }

  #takeMisshapen(record: RawRecord): boolean {
    const { ragged, locator } = this.#options;
    const misshape = misshapeOf(record, this.#width);
    if (ragged === "error") return this.#end(misshapenRow(misshape, record.line));
    if (ragged === "pad" && !record.malformed && record.fieldCount < this.#width) {
      return this.#takeShort(record);
    }
    this.batches.reject(
      { ...misshape, record: record.text(), sourceLocator: locator, lineNumber: record.line },
      record.length,
    );
    return true;
  }

  #takeShort(record: RawRecord): boolean {
    const present = record.fields.slice(0, record.fieldCount);
    const absent = Array.from({ length: this.#width - record.fieldCount }, () => "");
    this.batches.add(this.#makeRow([...present, ...absent]), record.line, record.length);
    if (this.#paddedCount === 0) this.#paddedLine = record.line;
    this.#paddedCount += 1;
    return true;
  }

  #end(problem: ReadProblem): boolean {
    this.#problem = problem;
    return false;
  }

  #whatEnded(): ReadProblem | undefined {
    const { failure } = this.splitter;
    if (failure === undefined) return this.#problem;
    return splitProblem(failure, this.#options.maxRecordBytes);
  }
}
