import type { RecordCursor } from "./record-cursor.ts";

export interface QuotedSyntax {
  readonly delimiter: string;
  readonly quote: string;
}

const lineFeed = 10;
const carriageReturn = 13;

/**
 * Reads the record at `cursor.start` that has a quote in it, field by field, and leaves fields and ends in the cursor. `cut`
 * means that the text ends too early to tell, `unterminated` that it ends for good inside a quoted field.
 *
 * What follows a closing quote up to the next delimiter or line end is kept as text, and the record is marked malformed.
 * @param firstLineEnd the first line end from the record's start on, or the length of the text
 */
export function readQuotedRecord(
  cursor: RecordCursor,
  { delimiter, quote }: QuotedSyntax,
  firstLineEnd: number,
  isFinal: boolean,
): "whole" | "cut" | "unterminated" {
  const { source, fields } = cursor;
  const { length } = source;
  const delimiterCode = delimiter.charCodeAt(0);
  const quoteCode = quote.charCodeAt(0);
  let at = cursor.start;
  let count = 0;
  cursor.innerLines = 0;
  cursor.malformed = false;
  // No charCodeAt below reaches beyond the text: one that does once makes V8 compile all of them as calls.
  for (;;) {
    let stop = at;
    if (at < length && source.charCodeAt(at) === quoteCode) {
      let close = source.indexOf(quote, at + 1);
      let hasPairs = false;
      while (close >= 0 && close + 1 < length && source.charCodeAt(close + 1) === quoteCode) {
        hasPairs = true;
        close = source.indexOf(quote, close + 2);
      }
      if (close < 0) return isFinal ? "unterminated" : "cut";
      const content = source.slice(at + 1, close);
      fields[count] = hasPairs ? content.replaceAll(quote + quote, quote) : content;
      if (close > firstLineEnd) cursor.innerLines += countLineEnds(source, at + 1, close);
      stop = fieldEnd(source, close + 1, delimiterCode);
      if (stop > close + 1) {
        fields[count] += source.slice(close + 1, stop);
        cursor.malformed = true;
      }
    } else {
      stop = fieldEnd(source, at, delimiterCode);
      fields[count] = source.slice(at, stop);
    }
    count += 1;
    if (stop < length && source.charCodeAt(stop) === delimiterCode) {
      at = stop + 1;
      continue;
    }
    cursor.fieldCount = count;
    return endRecord(cursor, stop, isFinal);
  }
}

/** Line ends between two places: LF, CRLF and CR count as one each. */
export function countLineEnds(source: string, from: number, to: number): number {
  let count = 0;
  let wasReturn = false;
  for (let at = from; at < to; at += 1) {
    const code = source.charCodeAt(at);
    if (code === carriageReturn || (code === lineFeed && !wasReturn)) count += 1;
    wasReturn = code === carriageReturn;
  }
  return count;
}

function endRecord(cursor: RecordCursor, end: number, isFinal: boolean): "whole" | "cut" {
  const { source } = cursor;
  const isReturn = end < source.length && source.charCodeAt(end) === carriageReturn;
  const behind = isReturn ? end + 1 : end;
  // The next piece may begin with the line feed of this carriage return, or make a pair of the last quote.
  if (behind >= source.length && !isFinal) return "cut";
  const isPair = isReturn && behind < source.length && source.charCodeAt(behind) === lineFeed;
  cursor.end = end;
  cursor.next = end + (isPair ? 2 : 1);
  return "whole";
}

/** The first delimiter or line end from `from` on, or the end of the text. */
function fieldEnd(source: string, from: number, delimiterCode: number): number {
  for (let at = from; at < source.length; at += 1) {
    const code = source.charCodeAt(at);
    if (code === delimiterCode || code === lineFeed || code === carriageReturn) return at;
  }
  return source.length;
}
