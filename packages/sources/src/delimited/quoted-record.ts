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
 */
export function readQuotedRecord(
  cursor: RecordCursor,
  { delimiter, quote }: QuotedSyntax,
  isFinal: boolean,
): "whole" | "cut" | "unterminated" {
  const { source, fields } = cursor;
  const delimiterCode = delimiter.charCodeAt(0);
  const quoteCode = quote.charCodeAt(0);
  let at = cursor.start;
  let count = 0;
  cursor.innerLines = 0;
  cursor.malformed = false;
  for (;;) {
    let stop = at;
    let value = "";
    if (source.charCodeAt(at) === quoteCode) {
      const close = closingQuote(source, at + 1, quote, quoteCode);
      if (close < 0) return isFinal ? "unterminated" : "cut";
      // The next character may turn this quote into the first half of a doubled one.
      if (close + 1 === source.length && !isFinal) return "cut";
      value = unquote(source.slice(at + 1, close), quote);
      cursor.innerLines += countLineEnds(source, at + 1, close);
      stop = fieldEnd(source, close + 1, delimiterCode);
      if (stop > close + 1) {
        value += source.slice(close + 1, stop);
        cursor.malformed = true;
      }
    } else {
      stop = fieldEnd(source, at, delimiterCode);
      value = source.slice(at, stop);
    }
    fields[count] = value;
    count += 1;
    if (stop === source.length && !isFinal) return "cut";
    if (source.charCodeAt(stop) === delimiterCode) {
      at = stop + 1;
      continue;
    }
    return endRecord(cursor, stop, count, isFinal);
  }
}

function endRecord(cursor: RecordCursor, end: number, fieldCount: number, isFinal: boolean): "whole" | "cut" {
  const { source } = cursor;
  const isReturn = source.charCodeAt(end) === carriageReturn;
  if (isReturn && end + 1 === source.length && !isFinal) return "cut";
  const isPair = isReturn && source.charCodeAt(end + 1) === lineFeed;
  cursor.end = end;
  cursor.next = Math.min(end + (isPair ? 2 : 1), source.length);
  cursor.fieldCount = fieldCount;
  return "whole";
}

/** The first quote from `from` on that is not one of a pair, or -1. */
function closingQuote(source: string, from: number, quote: string, quoteCode: number): number {
  let at = source.indexOf(quote, from);
  while (at >= 0 && source.charCodeAt(at + 1) === quoteCode) at = source.indexOf(quote, at + 2);
  return at;
}

function unquote(content: string, quote: string): string {
  return content.includes(quote) ? content.replaceAll(quote + quote, quote) : content;
}

/** The first delimiter or line end from `from` on, or the end of the text. */
function fieldEnd(source: string, from: number, delimiterCode: number): number {
  for (let at = from; at < source.length; at += 1) {
    const code = source.charCodeAt(at);
    if (code === delimiterCode || code === lineFeed || code === carriageReturn) return at;
  }
  return source.length;
}

/** Line ends between two places: LF, CRLF and CR count as one each. */
export function countLineEnds(source: string, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at += 1) {
    const code = source.charCodeAt(at);
    if (code === lineFeed) count += 1;
    else if (code === carriageReturn && source.charCodeAt(at + 1) !== lineFeed) count += 1;
  }
  return count;
}
