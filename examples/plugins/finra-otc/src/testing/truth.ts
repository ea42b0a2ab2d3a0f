import { raggedReason, type Trap } from "./traps.ts";

/** What a generated file must come to; counted while it was written, not by the rules that are tested with it. */
export interface WeekTruth {
  /** Records of the file, refused ones included. */
  readonly recordsIn: number;
  /** Records the reader refuses, before any rule. */
  readonly ragged: number;
  readonly normalized: number;
  /** Records the rules refuse. */
  readonly rejected: number;
  /** Reason → how often; the reader's included. */
  readonly rejectedByReason: Readonly<Record<string, number>>;
  /** Each refused record, by line. */
  readonly rejects: readonly { readonly lineNumber: number; readonly reasons: readonly string[] }[];
  /** Of the normalised records. */
  readonly totalShares: bigint;
  readonly totalTrades: bigint;
  readonly symbols: number;
  readonly venues: number;
}

/** Adds up the truth line by line. */
export class TruthCounter {
  readonly #symbols = new Set<string>();
  readonly #venues = new Set<string>();
  readonly #reasons = new Map<string, number>();
  readonly #rejects: { lineNumber: number; reasons: readonly string[] }[] = [];
  #normalized = 0;
  #shares = 0n;
  #trades = 0n;

  add({ fields, fate }: Trap, lineNumber: number): void {
    if ("refused" in fate) {
      this.#rejects.push({ lineNumber, reasons: fate.refused });
      for (const reason of fate.refused) this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1);
      return;
    }
    this.#normalized += 1;
    this.#symbols.add(fate.kept.symbol);
    this.#venues.add(fate.kept.mpid);
    this.#shares += BigInt(fields[5] ?? 0);
    this.#trades += BigInt(fields[6] ?? 0);
  }

  toTruth(): WeekTruth {
    const ragged = this.#reasons.get(raggedReason) ?? 0;
    return Object.freeze({
      recordsIn: this.#normalized + this.#rejects.length,
      ragged,
      normalized: this.#normalized,
      rejected: this.#rejects.length - ragged,
      rejectedByReason: Object.freeze(Object.fromEntries(this.#reasons)),
      rejects: Object.freeze([...this.#rejects]),
      totalShares: this.#shares,
      totalTrades: this.#trades,
      symbols: this.#symbols.size,
      venues: this.#venues.size,
    });
  }
}
