import { sumOf } from "./collections.ts";
import type { RawRecord } from "./columns.ts";
import { dropDuplicates, type Duplicate } from "./duplicates.ts";
import {
  type NormalizedRecord,
  type NormalizeOptions,
  normalizeRecord,
  type RejectReason,
} from "./normalize-record.ts";
import { lostCharacters } from "./security-code.ts";

export interface LinedRecord {
  readonly lineNumber: number;
  readonly raw: RawRecord;
}

export interface RefusedRecord extends LinedRecord {
  /** At least one. */
  readonly reasons: readonly RejectReason[];
}

/** Every record is in exactly one of `records` and `refused`. */
export interface NormalizedWeek {
  /** By symbol, then venue. */
  readonly records: readonly NormalizedRecord[];
  /** In the order of their lines; duplicates included. */
  readonly refused: readonly RefusedRecord[];
  readonly duplicates: readonly Duplicate[];
  /** Records that were kept although their symbol had characters symbols cannot have. */
  readonly cleanedSymbols: readonly { readonly from: string; readonly to: string }[];
  readonly totalShares: bigint;
  readonly totalTrades: bigint;
}

/** Normalises the records of one file: one by one, then against each other. */
export function normalizeWeek(input: readonly LinedRecord[], options: NormalizeOptions): NormalizedWeek {
  const good: NormalizedRecord[] = [];
  const refused: RefusedRecord[] = [];
  const byLine = new Map<number, LinedRecord>();
  for (const lined of input) {
    normalizeRecord(lined.raw, lined.lineNumber, options).match(
      (record) => {
        good.push(record);
        byLine.set(lined.lineNumber, lined);
      },
      (reasons) => void refused.push({ ...lined, reasons }),
    );
  }
  const { kept, duplicates } = dropDuplicates(good);
  for (const duplicate of duplicates) {
    const lined = byLine.get(duplicate.record.lineNumber);
    if (lined !== undefined) refused.push({ ...lined, reasons: [reasonOf(duplicate)] });
  }
  return {
    records: kept,
    refused: refused.toSorted((left, right) => left.lineNumber - right.lineNumber),
    duplicates,
    cleanedSymbols: kept.flatMap(({ lineNumber, symbol }) => {
      const from = byLine.get(lineNumber)?.raw.symbol ?? "";
      return lostCharacters(from) ? [{ from, to: symbol }] : [];
    }),
    totalShares: sumOf(kept, ({ shares }) => shares),
    totalTrades: sumOf(kept, ({ trades }) => trades),
  };
}

/** How often each reason was given, the most frequent first. A record with two reasons counts in both. */
export function countReasons(refused: readonly RefusedRecord[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { reasons } of refused)
    for (const { reasonCode } of reasons) counts.set(reasonCode, (counts.get(reasonCode) ?? 0) + 1);
  return Object.fromEntries([...counts].toSorted(([, left], [, right]) => right - left));
}

function reasonOf({ record, kept }: Duplicate): RejectReason {
  return {
    reasonCode: "DUPLICATE_VENUE_ROW",
    reasonDetail: `${record.symbol} at ${record.mpid} is on line ${kept.lineNumber} too, with ${kept.shares} shares against ${record.shares}`,
  };
}
