import { compareText, groupBy, sumOf } from "./collections.ts";
import type { NormalizedRecord } from "./normalize-record.ts";

/** One security's week over all venues. */
export interface SymbolSummary {
  readonly symbol: string;
  readonly issueName: string | null;
  /** Exact: a sum may pass 2^53. */
  readonly totalShares: bigint;
  readonly totalTrades: bigint;
  readonly venueCount: number;
  /** Shares a trade, rounded to 2 decimals; 0 without trades. */
  readonly avgTradeSize: number;
}

/** What an aggregation needs of a record. */
export type Measured = Pick<NormalizedRecord, "symbol" | "mpid" | "shares" | "trades" | "issueName">;

/** Sums the venues of each symbol; by symbol. */
export function aggregateSymbols(records: readonly Measured[]): readonly SymbolSummary[] {
  return [...groupBy(records, ({ symbol }) => symbol)]
    .map(([symbol, group]) => {
      const totalShares = sumOf(group, ({ shares }) => shares);
      const totalTrades = sumOf(group, ({ trades }) => trades);
      return {
        symbol,
        issueName: group.find(({ issueName }) => issueName !== null)?.issueName ?? null,
        totalShares,
        totalTrades,
        venueCount: new Set(group.map(({ mpid }) => mpid)).size,
        avgTradeSize: averageTradeSize(totalShares, totalTrades),
      };
    })
    .toSorted((left, right) => compareText(left.symbol, right.symbol));
}

function averageTradeSize(shares: bigint, trades: bigint): number {
  return trades === 0n ? 0 : Math.round((Number(shares) / Number(trades)) * 100) / 100;
}
