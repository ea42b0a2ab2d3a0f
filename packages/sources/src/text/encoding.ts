import { err, ok, type Result } from "@spine/core";
import type { SourceWarning } from "../source-metadata.ts";
import type { ReadProblem } from "./read-problem.ts";

export interface DetectedEncoding {
  /** WHATWG name. */
  readonly name: string;
  /** Length of the byte order mark. */
  readonly markBytes: number;
  readonly warning: SourceWarning | undefined;
}

const marks: readonly { readonly name: string; readonly bytes: readonly number[] }[] = [
  { name: "utf-8", bytes: [0xef, 0xbb, 0xbf] },
  { name: "utf-16le", bytes: [0xff, 0xfe] },
  { name: "utf-16be", bytes: [0xfe, 0xff] },
];

const signatures: readonly { readonly format: string; readonly bytes: readonly number[] }[] = [
  { format: "a gzip archive", bytes: [0x1f, 0x8b] },
  { format: "a zstd archive", bytes: [0x28, 0xb5, 0x2f, 0xfd] },
  { format: "a zip archive or an Excel workbook", bytes: [0x50, 0x4b, 0x03, 0x04] },
  { format: "a Parquet file", bytes: [0x50, 0x41, 0x52, 0x31] },
];

/** How far NUL bytes are looked for. Text in UTF-16 has some in its first line. */
const nulWindowBytes = 4096;

/**
 * The encoding of a text by its first bytes: its byte order mark, else what the caller says, else strict UTF-8. Nothing is
 * guessed: what looks like UTF-16 without a mark, or like no text at all, is a problem whose remedy says so.
 * @param head the first 4 KiB, or all there is
 */
export function detectEncoding(head: Uint8Array, given: string | undefined): Result<DetectedEncoding, ReadProblem> {
  const mark = marks.find(({ bytes }) => startsWith(head, bytes));
  if (mark !== undefined) {
    const warning = markWarning(mark.name, given);
    return ok({ name: mark.name, markBytes: mark.bytes.length, warning });
  }
  if (given !== undefined) return ok({ name: encodingName(given), markBytes: 0, warning: undefined });
  const signature = signatures.find(({ bytes }) => startsWith(head, bytes));
  if (signature !== undefined) {
    return err({
      code: "PARSE_ERROR",
      what: `it is ${signature.format}, not text`,
      remedy: "Unpack or convert it first.",
      byteOffset: 0,
    });
  }
  const nulAt = head.subarray(0, nulWindowBytes).indexOf(0);
  if (nulAt >= 0) return err(nulProblem(nulAt));
  return ok({ name: "utf-8", markBytes: 0, warning: undefined });
}

/** The WHATWG name of a label (`latin1` is `windows-1252`). Throws RangeError for one that Node does not know. */
export function encodingName(label: string): string {
  return new TextDecoder(label).encoding;
}

function startsWith(head: Uint8Array, bytes: readonly number[]): boolean {
  return head.length >= bytes.length && bytes.every((byte, index) => head[index] === byte);
}

function markWarning(marked: string, given: string | undefined): SourceWarning | undefined {
  if (given === undefined || encodingName(given) === marked) return undefined;
  return {
    code: "ENCODING_NOT_AS_GIVEN",
    message: `The byte order mark says ${marked}, the options say ${given}. It was read as ${marked}.`,
  };
}

/** ASCII in UTF-16 has its NUL second in little-endian and first in big-endian. */
function nulProblem(nulAt: number): ReadProblem {
  const guess = nulAt % 2 === 1 ? "utf-16le" : "utf-16be";
  return {
    code: "ENCODING_INVALID",
    what: `byte ${nulAt} is NUL, so it is either not text or UTF-16 without a byte order mark`,
    remedy: `If it is text, pass encoding: "${guess}".`,
    byteOffset: nulAt,
  };
}
