import { err, ok, type Result } from "@spine/core";
import type { BatchesUntilProblem, RowReader } from "../formats/row-format.ts";
import type { SourceWarning } from "../source-metadata.ts";
import { type DetectedEncoding, detectEncoding } from "../text/encoding.ts";
import type { ReadProblem } from "../text/read-problem.ts";
import { TextDecoding } from "../text/text-decoding.ts";
import { type DelimitedDialect, type DelimitedFormat, delimiterText } from "./dialect.ts";
import type { TextRow } from "./row-factory.ts";
import { sniffDelimiter } from "./sniff-delimiter.ts";
import { TableReader } from "./table-reader.ts";

export interface DelimitedReaderOptions extends DelimitedFormat {
  /** For rejects. */
  readonly locator: string;
  /** The delimiter that the name of the file promises. */
  readonly expectedDelimiter: string | undefined;
}

/** What a reader found out about its text. */
export interface DelimitedFindings {
  readonly encoding: string;
  readonly dialect: DelimitedDialect;
  readonly columns: readonly string[];
  readonly trailer: readonly string[];
  readonly warnings: readonly SourceWarning[];
}

/** How much of a text decides its encoding and delimiter. */
const headBytes = 64 * 1024;

/** What is known once the head has been seen. */
interface Opened {
  readonly encoding: DetectedEncoding;
  readonly delimiter: string;
  readonly decoding: TextDecoding;
  readonly table: TableReader;
}

/**
 * Bytes of a delimited text in, batches of rows out. Pure: it reads nothing itself. The bytes come in any pieces; how they are
 * cut changes no row, no reject and no problem.
 */
export class DelimitedReader implements RowReader<TextRow> {
  readonly #options: DelimitedReaderOptions;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #opened: Opened | undefined;

  constructor(options: DelimitedReaderOptions) {
    this.#options = options;
  }

  /**
   * Takes more bytes, which may be reused afterwards: yields each batch as soon as it is full, so that no more than one is under
   * way. Returns a problem once every row before it has been yielded; nothing may be pushed after that.
   */
  *push(bytes: Uint8Array): BatchesUntilProblem<TextRow> {
    if (this.#opened !== undefined) return yield* feed(this.#opened, bytes);
    this.#heldBytes += bytes.byteLength;
    const isEnough = this.#heldBytes >= headBytes;
    this.#held.push(isEnough ? bytes : Uint8Array.from(bytes));
    return isEnough ? yield* this.#open({ isWhole: false }) : undefined;
  }

  /** Yields what is left. */
  *finish(): BatchesUntilProblem<TextRow> {
    const problem = this.#opened === undefined ? yield* this.#open({ isWhole: true }) : undefined;
    if (problem !== undefined || this.#opened === undefined) return problem;
    const { decoding, table } = this.#opened;
    const cut = decoding.finish();
    const last = cut === undefined ? located(table.finish(), this.#opened) : undecodable(cut, this.#opened);
    yield* table.batches.takeAll();
    return last;
  }

  /** Complete after {@link finish}; undefined when there was not enough text to tell. */
  get findings(): DelimitedFindings | undefined {
    if (this.#opened === undefined) return undefined;
    const { encoding, delimiter, table } = this.#opened;
    const { quote, header } = this.#options;
    return {
      encoding: encoding.name,
      dialect: Object.freeze({ delimiter, quote, header, lineEnd: table.splitter.lineEnd }),
      columns: table.columns,
      trailer: Object.freeze([...table.trailer]),
      warnings: Object.freeze([
        ...(encoding.warning === undefined ? [] : [encoding.warning]),
        ...this.#delimiterWarnings(delimiter),
        ...table.warnings,
      ]),
    };
  }

  *#open({ isWhole }: { readonly isWhole: boolean }): BatchesUntilProblem<TextRow> {
    const held = this.#held;
    this.#held = [];
    const head = Buffer.concat(held).subarray(0, headBytes);
    const encoding = detectEncoding(head, this.#options.encoding);
    if (encoding.isErr()) return encoding.error;
    const delimiter = this.#findDelimiter(head, encoding.value, isWhole);
    if (delimiter.isErr()) return delimiter.error;
    const decoding = new TextDecoding(encoding.value);
    const measure = (text: string): number => decoding.measure(text) ?? Buffer.byteLength(text);
    const table = new TableReader({ ...this.#options, delimiter: delimiter.value, measure });
    this.#opened = { encoding: encoding.value, delimiter: delimiter.value, decoding, table };
    for (const bytes of held) {
      const problem = yield* feed(this.#opened, bytes);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  #findDelimiter(head: Uint8Array, encoding: DetectedEncoding, isWhole: boolean): Result<string, ReadProblem> {
    const { delimiter, quote, comment, expectedDelimiter } = this.#options;
    if (delimiter !== undefined) return ok(delimiter);
    const sample = new TextDecoder(encoding.name).decode(head.subarray(encoding.markBytes));
    const found = sniffDelimiter(sample, { quote, comment, expected: expectedDelimiter, isWhole });
    return found.isErr() ? err({ ...found.error, line: 1, byteOffset: 0 }) : found;
  }

  #delimiterWarnings(delimiter: string): readonly SourceWarning[] {
    const { expectedDelimiter: expected, delimiter: given } = this.#options;
    if (given !== undefined || expected === undefined || expected === delimiter) return [];
    const message = `Its fields are separated by ${delimiterText(delimiter)}, not by ${delimiterText(expected)} as its name says.`;
    return [{ code: "DELIMITER_NOT_AS_EXTENSION", message }];
  }
}

function* feed(opened: Opened, bytes: Uint8Array): BatchesUntilProblem<TextRow> {
  const { decoding, table } = opened;
  for (const piece of decoding.pieces(bytes)) {
    const problem = piece.isErr() ? undecodable(piece.error, opened) : located(table.push(piece.value), opened);
    if (problem !== undefined) {
      yield* table.batches.takeAll();
      return problem;
    }
    yield* table.batches.takeFull();
  }
  return undefined;
}

/** A problem of the rows before comes first. */
function undecodable(problem: ReadProblem, opened: Opened): ReadProblem {
  const earlier = located(opened.table.catchUp(), opened);
  if (earlier !== undefined) return earlier;
  const line = opened.table.splitter.lastLine;
  return { ...problem, what: `on line ${line}, ${problem.what}`, line };
}

/** Adds the byte at which the record begins that the problem is about. */
function located(problem: ReadProblem | undefined, { decoding, table }: Opened): ReadProblem | undefined {
  if (problem === undefined || problem.byteOffset !== undefined) return problem;
  const unreadBytes = decoding.measure(table.splitter.unread);
  if (unreadBytes === undefined) return problem;
  return { ...problem, byteOffset: decoding.offset - unreadBytes };
}
