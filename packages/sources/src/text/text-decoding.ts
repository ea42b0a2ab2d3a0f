import { err, ok, type Result } from "@spine/core";
import { createCodec } from "./codec.ts";
import type { DetectedEncoding } from "./encoding.ts";
import type { ReadProblem } from "./read-problem.ts";

/**
 * Longest piece of text made at once. Measured on 91 MB: 8 KiB pieces keep the text and its rows in the processor's cache and
 * confine a character above U+00FF, which doubles the width of its whole string; 256 KiB pieces take 1.5 times as long.
 */
const pieceBytes = 8192;

const lineFeed = 10;

/** Bytes become text in pieces that never cut a character; how the bytes are cut changes the pieces, never the text. */
export class TextDecoding {
  readonly #codec;
  readonly #encoding: string;
  #carry: Buffer = Buffer.alloc(0);
  #offset = 0;
  #markBytes: number;

  constructor(encoding: DetectedEncoding) {
    this.#encoding = encoding.name;
    this.#markBytes = encoding.markBytes;
    this.#codec = createCodec(encoding.name);
  }

  /** Bytes whose text has been handed out. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes a text takes in this encoding, or undefined when that cannot be told. */
  measure(text: string): number | undefined {
    return this.#codec.measure(text);
  }

  /** The text of more bytes; after a problem nothing follows. The bytes may be reused when the last piece has been taken. */
  *pieces(bytes: Uint8Array): Generator<Result<string, ReadProblem>, void, undefined> {
    const chunk = this.#join(bytes);
    let start = 0;
    while (start < chunk.length) {
      const end = this.#pieceEnd(chunk, start);
      if (end === start) break;
      const piece = chunk.subarray(start, end);
      const text = this.#codec.decode(piece);
      if (text === undefined) {
        yield* this.#invalid(piece);
        return;
      }
      this.#offset += piece.length;
      yield ok(text);
      start = end;
    }
    this.#carry = Buffer.from(chunk.subarray(start));
  }

  /** What is wrong with the end of the text, if anything. */
  finish(): ReadProblem | undefined {
    return this.#carry.length === 0 && this.#codec.isComplete() ? undefined : this.#problem("ends inside a character");
  }

  #join(bytes: Uint8Array): Buffer {
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const chunk = this.#carry.length === 0 ? view : Buffer.concat([this.#carry, view]);
    const skipped = Math.min(this.#markBytes, chunk.length);
    this.#markBytes -= skipped;
    this.#offset += skipped;
    return chunk.subarray(skipped);
  }

  /** Preferably behind a line feed: then the splitter has nothing to carry over. */
  #pieceEnd(chunk: Buffer, start: number): number {
    const limit = start + pieceBytes;
    if (limit >= chunk.length) return this.#codec.characterEnd(chunk, start, chunk.length);
    const lineEnd = chunk.lastIndexOf(lineFeed, limit - 1) + 1;
    return this.#codec.characterEnd(chunk, start, lineEnd > start ? lineEnd : limit);
  }

  *#invalid(piece: Buffer): Generator<Result<string, ReadProblem>, void, undefined> {
    const text = this.#codec.validPrefix(piece);
    this.#offset += this.#codec.measure(text) ?? 0;
    if (text !== "") yield ok(text);
    yield err(this.#problem(`is not valid ${this.#encoding}`));
  }

  #problem(what: string): ReadProblem {
    const byteOffset = this.#codec.measure("") === undefined ? undefined : this.#offset;
    const place = byteOffset === undefined ? "a byte" : `byte ${byteOffset}`;
    const remedy =
      this.#encoding === "utf-8"
        ? 'Pass the encoding it is written in, such as encoding: "windows-1252".'
        : "Pass the encoding it is written in, or none for UTF-8.";
    return { code: "ENCODING_INVALID", what: `${place} ${what}`, remedy, byteOffset };
  }
}
