import { err, ok, type Result } from "@spine/core";
import type { SourceWarning } from "../source-metadata.ts";
import { detectEncoding } from "./encoding.ts";
import type { ReadProblem } from "./read-problem.ts";
import { TextDecoding } from "./text-decoding.ts";

/** How much of a text decides its encoding. */
const headBytes = 4096;

/** Bytes become text: the encoding is found in the first 4 KiB, then the text comes in pieces that never cut a character. */
export class TextInput {
  readonly #given: string | undefined;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #decoding: TextDecoding | undefined;
  #encoding: string | undefined;
  #warning: SourceWarning | undefined;

  constructor(encoding: string | undefined) {
    this.#given = encoding;
  }

  get encoding(): string | undefined {
    return this.#encoding;
  }

  get warnings(): readonly SourceWarning[] {
    return this.#warning === undefined ? [] : [this.#warning];
  }

  /** Bytes before the last piece's end. */
  get offset(): number {
    return this.#decoding?.offset ?? 0;
  }

  measure(text: string): number | undefined {
    return this.#decoding?.measure(text);
  }

  /** An Err is the last item. */
  *push(bytes: Uint8Array): Generator<Result<string, ReadProblem>, void, undefined> {
    if (this.#decoding !== undefined) {
      yield* this.#decoding.pieces(bytes);
      return;
    }
    this.#held.push(Uint8Array.from(bytes));
    this.#heldBytes += bytes.length;
    if (this.#heldBytes >= headBytes) yield* this.#open();
  }

  *finish(): Generator<Result<string, ReadProblem>, void, undefined> {
    if (this.#decoding === undefined) {
      for (const piece of this.#open()) {
        yield piece;
        if (piece.isErr()) return;
      }
    }
    const cut = this.#decoding?.finish();
    if (cut !== undefined) yield err(cut);
  }

  *#open(): Generator<Result<string, ReadProblem>, void, undefined> {
    const held = Buffer.concat(this.#held);
    this.#held = [];
    const encoding = detectEncoding(held.subarray(0, headBytes), this.#given);
    if (encoding.isErr()) {
      yield err(encoding.error);
      return;
    }
    this.#encoding = encoding.value.name;
    this.#warning = encoding.value.warning;
    this.#decoding = new TextDecoding(encoding.value);
    if (held.length === 0) yield ok("");
    else yield* this.#decoding.pieces(held);
  }
}
