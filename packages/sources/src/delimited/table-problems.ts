import type { ReadProblem } from "../text/read-problem.ts";
import type { RawRecord } from "./record-cursor.ts";
import type { SplitFailure } from "./record-splitter.ts";

/** Why a record is no row, as a reject says it. */
export interface Misshape {
  readonly reasonCode: "ROW_RAGGED" | "QUOTE_MALFORMED";
  readonly reasonDetail: string;
}

export function misshapeOf(record: RawRecord, width: number): Misshape {
  if (record.malformed) {
    return { reasonCode: "QUOTE_MALFORMED", reasonDetail: "text follows a closing quote" };
  }
  return {
    reasonCode: "ROW_RAGGED",
    reasonDetail: `${countText(record.fieldCount, "field")}, the header has ${width}`,
  };
}

export function misshapenRow({ reasonCode, reasonDetail }: Misshape, line: number): ReadProblem {
  if (reasonCode === "QUOTE_MALFORMED") {
    return {
      code: "PARSE_ERROR",
      what: `on line ${line} ${reasonDetail}`,
      remedy: "Correct the line, or pass quote: false if quotes mean nothing in this file.",
      line,
    };
  }
  return {
    code: "ROW_RAGGED",
    what: `line ${line} has ${reasonDetail}`,
    remedy: 'Correct the line, or pass ragged: "reject" to go on without it.',
    line,
  };
}

export function splitProblem({ code, line }: SplitFailure, maxRecordBytes: number): ReadProblem {
  if (code === "RECORD_TOO_LONG") {
    return {
      code,
      what: `the record on line ${line} is longer than ${maxRecordBytes} bytes`,
      remedy: "Look for a quote there that is not closed, or raise maxRecordBytes.",
      line,
    };
  }
  return {
    code,
    what: `the quote that opens on line ${line} is never closed`,
    remedy: "Correct the line, or pass quote: false if quotes mean nothing in this file.",
    line,
  };
}

export function badHeader(why: string, line: number): ReadProblem {
  return {
    code: "HEADER_INVALID",
    what: `its header on line ${line} cannot be used: ${why}`,
    remedy: "Correct it, or pass columns and header: true to replace it.",
    line,
  };
}

export function noHeader(): ReadProblem {
  return {
    code: "HEADER_INVALID",
    what: "it has no header and no rows",
    remedy: "Get the file again, or pass columns if an empty one is right.",
    line: 1,
    byteOffset: 0,
  };
}

export function rowBehindTrailer(line: number, trailerLine: number): ReadProblem {
  return {
    code: "PARSE_ERROR",
    what: `line ${line} is a row behind the trailer on line ${trailerLine}`,
    remedy: "Correct the file, or make trailer match less.",
    line,
  };
}

/** `1 field`, `2 fields`. */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
