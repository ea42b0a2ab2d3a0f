import { rollingWindow, type Trend, trendOf, type WeekEnding } from "@spine/core";
import { compareText, groupBy, sumOf } from "./collections.ts";

/** One security's trading in one week, as the window reads it. */
export interface WeekOfSymbol {
  readonly week: WeekEnding;
  readonly symbol: string;
  readonly totalShares: bigint;
  readonly totalTrades: bigint;
}

/** One security over a window of weeks. */
export interface RollingSummary {
  readonly symbol: string;
  /** Means over the weeks in which it traded, rounded to 2 decimals. */
  readonly avgShares: number;
  readonly avgTrades: number;
  readonly minShares: bigint;
  readonly maxShares: bigint;
  readonly trend: Trend["direction"];
  /** Change of the last two weeks' mean against the first two weeks', in percent. */
  readonly trendPercent: number;
  /** Weeks of the window in which it traded. */
  readonly weeksInWindow: number;
  /** Whether it traded in every week of the window. */
  readonly isComplete: boolean;
}

const trendWeeks = 2;
const trendThresholdPercent = 5;

/**
 * Minimum, mean, maximum and trend of each symbol over the window, by symbol. Weeks without a symbol count neither as zero nor
 * towards the mean; the trend compares the first two with the last two weeks in which it traded, UP or DOWN beyond ±5 %
 * (reference §4.16), so fewer than three weeks are FLAT.
 * @param window consecutive week endings, oldest first
 */
export function rollingSummaries(
  weeks: readonly WeekOfSymbol[],
  window: readonly WeekEnding[],
): readonly RollingSummary[] {
  return [...groupBy(weeks, ({ symbol }) => symbol)]
    .flatMap(([symbol, own]) => {
      const byWeek = new Map(own.map((week) => [week.week, week]));
      const { aggregates, periodsPresent, isComplete } = rollingWindow({
        periods: window,
        valueOf: (week) => byWeek.get(week),
        aggregate: (values) => summaryOf(values.map(({ value }) => value)),
      });
      if (aggregates === undefined) return [];
      return [{ symbol, ...aggregates, weeksInWindow: periodsPresent, isComplete }];
    })
    .toSorted((left, right) => compareText(left.symbol, right.symbol));
}

type Aggregates = Omit<RollingSummary, "symbol" | "weeksInWindow" | "isComplete">;

function summaryOf(weeks: readonly WeekOfSymbol[]): Aggregates {
  const shares = weeks.map(({ totalShares }) => totalShares);
  const volumes = shares.map(Number);
  const { direction, percent } = trendOf(volumes.slice(0, trendWeeks), volumes.slice(-trendWeeks), {
    thresholdPercent: trendThresholdPercent,
  });
  return {
    avgShares: meanOf(shares),
    avgTrades: meanOf(weeks.map(({ totalTrades }) => totalTrades)),
    minShares: shares.reduce((least, value) => (value < least ? value : least)),
    maxShares: shares.reduce((most, value) => (value > most ? value : most)),
    trend: direction,
    trendPercent: percent,
  };
}

/** Summed exactly and divided once. */
function meanOf(values: readonly bigint[]): number {
  const sum = sumOf(values, (value) => value);
  return Math.round((Number(sum) / values.length) * 100) / 100;
}
