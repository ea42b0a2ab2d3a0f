import type { LineEnd } from "./dialect.ts";
import { countLineEnds, readQuotedRecord } from "./quoted-record.ts";
import { type RawRecord, RecordCursor } from "./record-cursor.ts";

/** Takes a record; false ends the splitting. */
export type RecordHandler = (record: RawRecord) => boolean;

export interface SplitterOptions {
  readonly delimiter: string;
  readonly quote: string | false;
  readonly comment: string | undefined;
  readonly maxRecordBytes: number;
  /** Bytes of a text in the encoding of the source. */
  readonly measure: (text: string) => number;
}

/** Why the text itself ended the splitting, and on which line. */
export interface SplitFailure {
  readonly code: "RECORD_TOO_LONG" | "QUOTE_UNTERMINATED";
  readonly line: number;
}

/** Most bytes that a UTF-16 code unit takes in any encoding. */
const maxUnitBytes = 4;

const lineEnds = { lineFeed: 1, pair: 2, carriageReturn: 4 } as const;

/**
 * Cuts text into records and records into fields (RFC 4180). The text comes in any pieces; how it is cut changes nothing.
 *
 * LF, CRLF and CR alike end a record outside quotes, in any mixture, and count as one line each. Lines without a character
 * are skipped; a row of one empty field is written `""`. A quote counts only at the beginning of a field, elsewhere it is
 * text. Fields keep their white space.
 */
export class RecordSplitter {
  readonly #options: SplitterOptions;
  readonly #handle: RecordHandler;
  readonly #cursor = new RecordCursor();
  /** A shorter text than this cannot be too long. */
  readonly #safeLength: number;
  /** Text from the beginning of a record that is not whole yet. */
  #rest = "";
  /** Text that came since and was not looked at. */
  #added = "";
  #ended = false;
  #failure: SplitFailure | undefined;
  #lineEndsSeen = 0;
  #trailingBlankLines = 0;
  #blankLines = 0;

  constructor(options: SplitterOptions, handle: RecordHandler) {
    this.#options = options;
    this.#handle = handle;
    this.#safeLength = Math.floor(options.maxRecordBytes / maxUnitBytes);
  }

  /** Set when {@link push} or {@link finish} returned false and the handler did not. */
  get failure(): SplitFailure | undefined {
    return this.#failure;
  }

  get lineEnd(): LineEnd | undefined {
    switch (this.#lineEndsSeen) {
      case 0:
        return undefined;
      case lineEnds.lineFeed:
        return "\n";
      case lineEnds.pair:
        return "\r\n";
      case lineEnds.carriageReturn:
        return "\r";
      default:
        return "mixed";
    }
  }

  /** Empty lines that a record follows. */
  get blankLines(): number {
    return this.#blankLines;
  }

  /** The line that the text pushed so far ends on. */
  get lastLine(): number {
    const open = this.#rest + this.#added;
    return this.#cursor.line + countLineEnds(open, 0, open.length);
  }

  /** Text from the record at which the splitting ended to the end of what was pushed. */
  get unread(): string {
    return this.#cursor.source.slice(this.#cursor.start);
  }

  /** Takes more text and hands out the records it completes. False when the splitting has ended early. */
  push(text: string): boolean {
    if (this.#ended) return false;
    this.#added += text;
    // A record that is longer than a piece is looked at again only when it has doubled, so the work stays linear.
    if (this.#added.length < this.#rest.length) return true;
    return this.#split(false);
  }

  /** Hands out every record that is whole by now: {@link push} may put a look at a long one off. */
  catchUp(): boolean {
    return !this.#ended && (this.#added === "" || this.#split(false));
  }

  /** Hands out the last record, which needs no line end. */
  finish(): boolean {
    if (this.#ended) return false;
    const whole = this.#split(true);
    this.#ended = true;
    return whole;
  }

  #split(isFinal: boolean): boolean {
    const { delimiter, quote, comment = "" } = this.#options;
    const cursor = this.#cursor;
    const { fields } = cursor;
    const source = this.#rest + this.#added;
    cursor.source = source;
    this.#rest = "";
    this.#added = "";
    let start = 0;
    // Each of them is the first of its kind from `start` on, or the length of the text; looked for again once passed.
    let lineFeed = -1;
    let carriageReturn = -1;
    let quoteAt = -1;
    let delimiterAt = -1;
    while (start < source.length) {
      cursor.start = start;
      if (lineFeed < start) lineFeed = indexFrom(source, "\n", start);
      if (carriageReturn < start) carriageReturn = indexFrom(source, "\r", start);
      if (quoteAt < start) quoteAt = quote === false ? source.length : indexFrom(source, quote, start);
      const end = lineFeed < carriageReturn ? lineFeed : carriageReturn;
      const isComment = comment !== "" && source.startsWith(comment, start);

      if (quoteAt >= end || isComment || quote === false) {
        if (!isFinal && end + (end === carriageReturn ? 1 : 0) >= source.length) break;
        cursor.end = end;
        const isPair = end === carriageReturn && lineFeed === end + 1 && lineFeed < source.length;
        cursor.next = end + (isPair ? 2 : 1);
        cursor.innerLines = 0;
        cursor.malformed = false;
        let count = 0;
        let from = start;
        if (delimiterAt < start) delimiterAt = indexFrom(source, delimiter, start);
        while (delimiterAt < end) {
          fields[count] = source.slice(from, delimiterAt);
          count += 1;
          from = delimiterAt + 1;
          delimiterAt = indexFrom(source, delimiter, from);
        }
        fields[count] = source.slice(from, end);
        cursor.fieldCount = count + 1;
      } else {
        const verdict = readQuotedRecord(cursor, { delimiter, quote }, end, isFinal);
        if (verdict === "cut") break;
        if (verdict === "unterminated") return this.#fail(this.#unterminated());
      }
      if (cursor.length > this.#safeLength && this.#isTooLong(cursor.text())) {
        return this.#fail({ code: "RECORD_TOO_LONG", line: cursor.line });
      }
      this.#noteLineEnd();
      if (!isComment && !this.#handOut()) return false;
      cursor.line += 1 + cursor.innerLines;
      start = cursor.next;
    }
    return this.#keepRest(start);
  }

  #handOut(): boolean {
    if (this.#cursor.length === 0) {
      this.#trailingBlankLines += 1;
      return true;
    }
    this.#blankLines += this.#trailingBlankLines;
    this.#trailingBlankLines = 0;
    if (this.#handle(this.#cursor)) return true;
    this.#ended = true;
    return false;
  }

  #keepRest(start: number): boolean {
    const cursor = this.#cursor;
    cursor.start = start;
    this.#rest = cursor.source.slice(start);
    if (this.#rest.length <= this.#safeLength) return true;
    // A CR at the end may be the first half of a line end, which is not part of the record.
    const record = this.#rest.endsWith("\r") ? this.#rest.slice(0, -1) : this.#rest;
    return this.#isTooLong(record) ? this.#fail({ code: "RECORD_TOO_LONG", line: cursor.line }) : true;
  }

  #isTooLong(record: string): boolean {
    return this.#options.measure(record) > this.#options.maxRecordBytes;
  }

  #noteLineEnd(): void {
    const { source, end, next } = this.#cursor;
    if (next - end === 2) this.#lineEndsSeen |= lineEnds.pair;
    else if (end < source.length)
      this.#lineEndsSeen |= source.charCodeAt(end) === 10 ? lineEnds.lineFeed : lineEnds.carriageReturn;
  }

  /** An open quote runs to the end of the text, where the rule for long records has the first word. */
  #unterminated(): SplitFailure {
    const { line, innerLines } = this.#cursor;
    if (this.#isTooLong(this.unread)) return { code: "RECORD_TOO_LONG", line };
    return { code: "QUOTE_UNTERMINATED", line: line + innerLines };
  }

  #fail(failure: SplitFailure): boolean {
    this.#failure = failure;
    this.#ended = true;
    return false;
  }
}

function indexFrom(text: string, character: string, from: number): number {
  const at = text.indexOf(character, from);
  return at < 0 ? text.length : at;
}
