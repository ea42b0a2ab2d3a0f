import { weekEnding, weekWindow } from "@spine/core";
import { describe, expect, it } from "vitest";
import { aggregateSymbols, rollingSummaries, venueShares, type WeekOfSymbol } from "../src/index.ts";
import { buildRecord } from "./build-record.ts";

describe("aggregateSymbols", () => {
  it("sums the venues of a symbol", () => {
    const records = [
      buildRecord({ symbol: "B", mpid: "OTCN", shares: 1, trades: 3 }),
      buildRecord({ symbol: "A", mpid: "OTCN", shares: 1_000_000, trades: 5000 }),
      buildRecord({ symbol: "A", mpid: "ARCA", shares: 500_000, trades: 2500 }),
    ];
    expect(aggregateSymbols(records)).toEqual([
      expect.objectContaining({
        symbol: "A",
        totalShares: 1_500_000n,
        totalTrades: 7500n,
        venueCount: 2,
        avgTradeSize: 200,
      }),
      expect.objectContaining({ symbol: "B", venueCount: 1, avgTradeSize: 0.33 }),
    ]);
  });

  it("has an average trade size of 0 without trades", () => {
    expect(aggregateSymbols([buildRecord({ trades: 0 })])[0]?.avgTradeSize).toBe(0);
  });

  it("is exact beyond 2^53", () => {
    const records = Array.from({ length: 3 }, (_, index) =>
      buildRecord({ mpid: `M${index}`, shares: Number.MAX_SAFE_INTEGER }),
    );
    expect(aggregateSymbols(records)[0]?.totalShares).toBe(3n * BigInt(Number.MAX_SAFE_INTEGER));
  });
});

describe("venueShares", () => {
  const records = [
    buildRecord({ symbol: "A", mpid: "ARCA", shares: 25 }),
    buildRecord({ symbol: "A", mpid: "OTCN", shares: 50 }),
    buildRecord({ symbol: "B", mpid: "ALTS", shares: 25 }),
    buildRecord({ symbol: "B", mpid: "OTCN", shares: 100 }),
  ];

  it("ranks venues by shares, equal ones by MPID", () => {
    expect(venueShares(records).map(({ mpid, share, rank, symbolCount }) => [mpid, share, rank, symbolCount])).toEqual([
      ["OTCN", 0.75, 1, 2],
      ["ALTS", 0.125, 2, 1],
      ["ARCA", 0.125, 3, 1],
    ]);
  });

  it("makes a whole", () => {
    const many = Array.from({ length: 999 }, (_, index) =>
      buildRecord({ mpid: `M${index}`, shares: (index * 7919) % 10_007 }),
    );
    const venues = venueShares(many);
    expect(venues.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 10);
  });

  it("gives 0 to all when nothing was traded", () => {
    const venues = venueShares([buildRecord({ shares: 0 })]);
    expect(venues[0]?.share).toBe(0);
  });
});

describe("rollingSummaries", () => {
  const window = weekWindow(weekEnding("2025-12-19"), 6);
  const weeksOf = (symbol: string, shares: readonly (bigint | undefined)[]): readonly WeekOfSymbol[] =>
    shares.flatMap((totalShares, index) => {
      const week = window[index];
      return totalShares === undefined || week === undefined ? [] : [{ week, symbol, totalShares, totalTrades: 10n }];
    });

  it("gives minimum, mean, maximum and trend over a full window", () => {
    const [summary] = rollingSummaries(weeksOf("A", [100n, 100n, 50n, 400n, 150n, 150n]), window);
    expect(summary).toEqual({
      symbol: "A",
      avgShares: 158.33,
      avgTrades: 10,
      minShares: 50n,
      maxShares: 400n,
      trend: "UP",
      trendPercent: 50,
      weeksInWindow: 6,
      isComplete: true,
    });
  });

  it.each([
    ["UP", [100, 100, 1, 1, 105, 106]],
    ["FLAT", [100, 100, 1, 1, 105, 105]],
    ["FLAT", [100, 100, 1, 1, 95, 95]],
    ["DOWN", [100, 100, 1, 1, 95, 94]],
    ["FLAT", [0, 0, 1, 1, 95, 94]],
  ] as const)("calls it %s: %j", (trend, shares) => {
    const weeks = weeksOf("A", shares.map(BigInt));
    expect(rollingSummaries(weeks, window)[0]?.trend).toBe(trend);
  });

  it("counts the weeks that are there, and not the others as zero", () => {
    const [summary] = rollingSummaries(weeksOf("A", [100n, undefined, 300n]), window);
    expect(summary).toMatchObject({
      avgShares: 200,
      minShares: 100n,
      weeksInWindow: 2,
      isComplete: false,
      trend: "FLAT",
    });
  });

  it("uses the window it is given", () => {
    const weeks = weeksOf("A", [100n, 100n, 100n, 100n, 100n, 700n]);
    const [summary] = rollingSummaries(weeks, window.slice(-2));
    expect(summary).toMatchObject({ avgShares: 400, weeksInWindow: 2, isComplete: true });
  });

  it("leaves out symbols of other weeks and sorts the rest", () => {
    const outside = { week: weekEnding("2020-01-03"), symbol: "Z", totalShares: 1n, totalTrades: 1n };
    const weeks = [...weeksOf("B", [1n]), outside, ...weeksOf("A", [1n])];
    expect(rollingSummaries(weeks, window).map(({ symbol }) => symbol)).toEqual(["A", "B"]);
  });
});
