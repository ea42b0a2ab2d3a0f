import { isAscii, isUtf8 } from "node:buffer";
import { TextDecoder } from "node:util";

/** How the bytes of one encoding become text, piece by piece. */
export interface Codec {
  /** Where a piece that should end at `end` may end without cutting a character. */
  characterEnd(bytes: Buffer, start: number, end: number): number;
  /** The text, or undefined when the bytes are not valid. */
  decode(bytes: Buffer): string | undefined;
  /** The text before the first invalid byte. */
  validPrefix(bytes: Buffer): string;
  /** Whether the text is whole; asked once, at the end. */
  isComplete(): boolean;
  /** Bytes that a text has in this encoding, or undefined when that cannot be told. */
  measure(text: string): number | undefined;
}

/** Encodings with characters of several bytes and no rule to tell their ends; decoded with state from piece to piece. */
const stateful = new Set(["gbk", "gb18030", "big5", "euc-jp", "iso-2022-jp", "shift_jis", "euc-kr"]);

export function createCodec(encoding: string): Codec {
  if (encoding === "utf-8") return utf8;
  if (encoding.startsWith("utf-16"))
    return unitCodec(encoding, 2, (bytes, start, end) => utf16End(encoding, bytes, start, end));
  if (stateful.has(encoding)) return statefulCodec(encoding);
  return unitCodec(encoding, 1, (_bytes, _start, end) => end);
}

const utf8: Codec = Object.freeze({
  characterEnd: utf8End,
  decode(bytes: Buffer) {
    // A string of one byte a character is cheaper to make, to search and to cut than one of two.
    if (isAscii(bytes)) return bytes.toString("latin1");
    return isUtf8(bytes) ? bytes.toString("utf8") : undefined;
  },
  validPrefix: (bytes: Buffer) => validPrefix("utf-8", bytes),
  isComplete: () => true,
  measure: (text: string) => Buffer.byteLength(text),
});

function unitCodec(encoding: string, unitBytes: number, characterEnd: Codec["characterEnd"]): Codec {
  const decoder = strictDecoder(encoding);
  return {
    characterEnd,
    decode: (bytes) => decodeOrNothing(decoder, bytes),
    validPrefix: (bytes) => validPrefix(encoding, bytes),
    isComplete: () => true,
    measure: (text) => text.length * unitBytes,
  };
}

function statefulCodec(encoding: string): Codec {
  const decoder = strictDecoder(encoding);
  return {
    characterEnd: (_bytes, _start, end) => end,
    decode: (bytes) => decodeOrNothing(decoder, bytes),
    validPrefix: () => "",
    isComplete: () => {
      try {
        return decoder.decode() === "";
      } catch {
        // Strict decoders throw for an unfinished character; that is the answer.
        return false;
      }
    },
    measure: () => undefined,
  };
}

function utf8End(bytes: Buffer, start: number, end: number): number {
  for (let back = 1; back <= 3 && end - back >= start; back += 1) {
    const byte = bytes[end - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    return sequenceBytes(byte) > back ? end - back : end;
  }
  return end;
}

function sequenceBytes(lead: number): number {
  if (lead >= 0xf0) return 4;
  if (lead >= 0xe0) return 3;
  return lead >= 0xc0 ? 2 : 1;
}

function utf16End(encoding: string, bytes: Buffer, start: number, end: number): number {
  const even = end - ((end - start) % 2);
  if (even - start < 2) return even;
  const high = bytes[encoding === "utf-16le" ? even - 1 : even - 2] ?? 0;
  return (high & 0xfc) === 0xd8 ? even - 2 : even;
}

/** The longest beginning that a strict decoder takes; it takes one exactly when it takes every shorter one. */
function validPrefix(encoding: string, bytes: Buffer): string {
  let valid = 0;
  let end = bytes.length;
  while (valid < end) {
    const middle = Math.ceil((valid + end) / 2);
    const text = decodeOrNothing(strictDecoder(encoding), bytes.subarray(0, middle));
    if (text === undefined) end = middle - 1;
    else valid = middle;
  }
  return decodeOrNothing(strictDecoder(encoding), bytes.subarray(0, valid)) ?? "";
}

function strictDecoder(encoding: string): TextDecoder {
  return new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
}

function decodeOrNothing(decoder: TextDecoder, bytes: Buffer): string | undefined {
  try {
    // `stream` also keeps Node 22 from reading windows-1252 as ISO 8859-1 (github.com/nodejs/node/issues/56542).
    return decoder.decode(bytes, { stream: true });
  } catch {
    // The one thing a strict decoder throws for is an invalid byte, and the caller finds out which.
    return undefined;
  }
}
