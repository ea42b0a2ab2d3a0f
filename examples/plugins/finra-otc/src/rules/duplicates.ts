import { compareText } from "./collections.ts";
import type { NormalizedRecord } from "./normalize-record.ts";

/** A record that gave way to another one of the same symbol and venue. */
export interface Duplicate {
  readonly record: NormalizedRecord;
  readonly kept: NormalizedRecord;
}

export interface Deduplicated {
  /** One record for each symbol and venue, by symbol, then venue, in code unit order. */
  readonly kept: readonly NormalizedRecord[];
  /** In the order of their lines. */
  readonly duplicates: readonly Duplicate[];
}

/**
 * Keeps one record for each symbol and venue of a week: the one with more shares, and the earlier line among equals (reference
 * §4.16). The others come back beside it, so that nothing is lost without a trace.
 */
export function dropDuplicates(records: readonly NormalizedRecord[]): Deduplicated {
  const best = new Map<string, NormalizedRecord>();
  for (const record of records) {
    const other = best.get(keyOf(record));
    if (other === undefined || isBetter(record, other)) best.set(keyOf(record), record);
  }
  const duplicates = records.flatMap((record) => {
    const kept = best.get(keyOf(record)) ?? record;
    return kept === record ? [] : [{ record, kept }];
  });
  return { kept: [...best.values()].toSorted(byKey), duplicates };
}

function isBetter(record: NormalizedRecord, other: NormalizedRecord): boolean {
  return record.shares > other.shares || (record.shares === other.shares && record.lineNumber < other.lineNumber);
}

/** A symbol cannot contain the separator. */
function keyOf({ symbol, mpid }: NormalizedRecord): string {
  return `${symbol}|${mpid}`;
}

function byKey(left: NormalizedRecord, right: NormalizedRecord): number {
  return compareText(left.symbol, right.symbol) || compareText(left.mpid, right.mpid);
}
