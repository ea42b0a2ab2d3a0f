import { ConfigError } from "@spine/core";
import { encodingName } from "../text/encoding.ts";

/** `mixed` when a file has more than one of them; undefined when it has no line end at all. */
export type LineEnd = "\n" | "\r\n" | "\r" | "mixed";

/** How a delimited text is written, as found or as given. */
export interface DelimitedDialect {
  readonly delimiter: string;
  readonly quote: string | false;
  /** Whether the first record names the columns. */
  readonly header: boolean;
  readonly lineEnd: LineEnd | undefined;
}

/**
 * What to do with a record that has not the shape of the header: `error` ends the reading; `reject` keeps it as a reject and goes
 * on; `pad` fills a short one with empty fields (with a warning) and rejects a long one, so that nothing is lost.
 */
export type RaggedPolicy = "error" | "reject" | "pad";

export interface DelimitedOptions<Column extends string = string> {
  /** One character. @defaultValue found in the first 64 KiB: `,`, `|`, tab or `;` */
  readonly delimiter?: string;
  /** One character, doubled inside a quoted field (RFC 4180); `false` when quotes mean nothing. @defaultValue `"` */
  readonly quote?: string | false;
  /** Whether the first record names the columns. @defaultValue true, but false when `columns` are given */
  readonly header?: boolean;
  /** Names of the columns in order; with `header: true` they replace those of the file. */
  readonly columns?: readonly Column[];
  /** @defaultValue "error" */
  readonly ragged?: RaggedPolicy;
  /** Lines that begin with it are skipped: `#`. @defaultValue none */
  readonly comment?: string;
  /**
   * Recognises lines behind the last row, such as `Records: 5328`, by their beginning or a pattern. They are no rows; a row
   * behind one is an error. @defaultValue none
   */
  readonly trailer?: string | RegExp;
  /** A WHATWG label: `windows-1252`, `shift_jis`. A byte order mark wins. @defaultValue strict UTF-8 */
  readonly encoding?: string;
  /** Rows in a batch, at most. @defaultValue 1,000 */
  readonly batchSize?: number;
  /** Longest record in bytes, so that a quote nobody closes cannot swallow a file. @defaultValue 1,048,576 */
  readonly maxRecordBytes?: number;
}

/** {@link DelimitedOptions} with their defaults. */
export interface DelimitedFormat {
  readonly delimiter: string | undefined;
  readonly quote: string | false;
  readonly header: boolean;
  readonly columns: readonly string[] | undefined;
  readonly ragged: RaggedPolicy;
  readonly comment: string | undefined;
  readonly trailer: string | RegExp | undefined;
  readonly encoding: string | undefined;
  readonly batchSize: number;
  readonly maxRecordBytes: number;
}

/** The options with their defaults. Throws `CONFIG_INVALID` for options that cannot be meant. */
export function resolveDelimitedOptions(options: DelimitedOptions): DelimitedFormat {
  const { delimiter, quote = '"', columns, ragged = "error", comment, trailer, encoding } = options;
  const { batchSize = 1000, maxRecordBytes = 1024 * 1024 } = options;
  if (delimiter !== undefined) assertCharacter("delimiter", delimiter);
  if (quote !== false) assertCharacter("quote", quote);
  if (delimiter === quote) throw invalid(`delimiter and quote are both ${JSON.stringify(quote)}`);
  if (columns !== undefined) {
    const why = whyNotNames(columns);
    if (why !== undefined) throw invalid(`columns: ${why}`);
  }
  if (!["error", "reject", "pad"].includes(ragged))
    throw invalid(`ragged is ${JSON.stringify(ragged)}, not "error", "reject" or "pad"`);
  if (comment === "") throw invalid("comment is empty");
  if (trailer === "") throw invalid("trailer is empty");
  if (encoding !== undefined) assertEncoding(encoding);
  assertCount("batchSize", batchSize);
  assertCount("maxRecordBytes", maxRecordBytes);
  return Object.freeze({
    delimiter,
    quote,
    header: options.header ?? columns === undefined,
    columns: columns === undefined ? undefined : Object.freeze([...columns]),
    ragged,
    comment,
    // A pattern with `g` or `y` remembers where it stopped and would miss every other trailer.
    trailer: trailer instanceof RegExp ? new RegExp(trailer, trailer.flags.replaceAll(/[gy]/g, "")) : trailer,
    encoding,
    batchSize,
    maxRecordBytes,
  });
}

/** Why these cannot be the names of columns, without a full stop, or undefined when they can. */
export function whyNotNames(names: readonly string[]): string | undefined {
  if (names.length === 0) return "there is no name";
  const places = new Map<string, number>();
  for (const [index, name] of names.entries()) {
    if (name === "") return `column ${index + 1} of ${names.length} has no name`;
    const first = places.get(name);
    if (first !== undefined) return `columns ${first + 1} and ${index + 1} are both named ${JSON.stringify(name)}`;
    places.set(name, index);
  }
  return undefined;
}

/** A delimiter as a person says it. */
export function delimiterText(delimiter: string): string {
  return delimiter === "\t" ? "tab" : `"${delimiter}"`;
}

function assertCharacter(option: string, value: string): void {
  if (value.length !== 1 || value === "\n" || value === "\r")
    throw invalid(`${option} is ${JSON.stringify(value)}, not one character`);
}

function assertEncoding(encoding: string): void {
  try {
    encodingName(encoding);
  } catch (thrown) {
    throw invalid(`encoding "${encoding}" is not one that Node knows, such as "windows-1252"`, thrown);
  }
}

function assertCount(option: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1) throw invalid(`${option} is ${value}, not a whole number from 1 on`);
}

function invalid(why: string, cause?: unknown): ConfigError {
  return new ConfigError(`Delimited file: ${why}. Correct the option.`, { cause });
}
