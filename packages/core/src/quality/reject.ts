import type { Json } from "../json.ts";
import type { Instant } from "../time.ts";

/** A record that was refused, with everything needed to find and repair it. Rejects are never dropped and never merged. */
export interface Reject {
  readonly rejectId: string;
  readonly captureId: string;
  readonly stage: string;
  /** Upper case words: `SYMBOL_EMPTY`. */
  readonly reasonCode: string;
  readonly reasonDetail: string;
  /** Several reasons of one record come as several rejects with the same line and record. */
  readonly record: Json;
  /** Where it came from: a path, an address. */
  readonly sourceLocator: string | undefined;
  /** 1-based line of the source, header included. */
  readonly lineNumber: number | undefined;
  readonly createdAt: Instant;
}

export interface RejectReport {
  readonly reasonCode: string;
  readonly reasonDetail: string;
  readonly record?: Json | undefined;
  readonly sourceLocator?: string | undefined;
  readonly lineNumber?: number | undefined;
}
