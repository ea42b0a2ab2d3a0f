import { weekEnding } from "@spine/core";
import { describe, expect, it } from "vitest";
import { parseFileName, weekOfPublication } from "../src/index.ts";
import { generateWeek } from "../src/testing.ts";

const week = weekEnding("2025-11-14");

describe("generateWeek", () => {
  it("makes the same bytes of the same seed, and others of another", () => {
    expect(generateWeek({ week }).text).toBe(generateWeek({ week }).text);
    expect(generateWeek({ week, seed: 2 }).text).not.toBe(generateWeek({ week }).text);
  });

  it("names the file as FINRA would, so that the week follows", () => {
    const { fileName, tier, publishedOn } = generateWeek({ week });
    expect(fileName).toBe("finra_otc_weekly_otc_20251215.csv");
    expect(parseFileName(fileName)).toEqual({ tier, publishedOn });
    expect(weekOfPublication(tier, publishedOn)).toBe(week);
  });

  it("has as many records as asked for, each of them accounted for", () => {
    const { text, truth } = generateWeek({ week, rows: 777 });
    const lines = text.split("\n").filter((line) => line !== "");
    expect(lines).toHaveLength(778);
    expect(truth.recordsIn).toBe(777);
    expect(truth.normalized + truth.rejected + truth.ragged).toBe(777);
    expect(truth.rejects).toHaveLength(truth.rejected + truth.ragged);
  });

  it("has the sums of its lines when it sets no traps", () => {
    const { text, truth } = generateWeek({ week, traps: false });
    const fields = text
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((line) => line.split("|"));
    expect(truth).toMatchObject({ recordsIn: 5000, normalized: 5000, rejected: 0 });
    expect(truth.totalShares).toBe(fields.reduce((sum, field) => sum + BigInt(field[5] ?? 0), 0n));
    expect(truth.symbols).toBe(new Set(fields.map((field) => field[1])).size);
    expect(new Set(fields.map((field) => `${field[1]} ${field[4]}`)).size).toBe(5000);
  });

  it("has the same securities in the next week, with other volumes", () => {
    const symbolsOf = (text: string): ReadonlySet<string> =>
      new Set(text.split("\n").map((line) => line.split("|")[1] ?? ""));
    const now = symbolsOf(generateWeek({ week }).text);
    const then = symbolsOf(generateWeek({ week: weekEnding("2025-11-21") }).text);
    expect([...now].filter((symbol) => then.has(symbol)).length).toBeGreaterThan(now.size * 0.8);
    expect(generateWeek({ week: weekEnding("2025-11-21") }).text).not.toBe(generateWeek({ week }).text);
  });

  it("changes a few quantities in a revision and nothing else", () => {
    const before = generateWeek({ week }).text.split("\n");
    const after = generateWeek({ week, revision: 1 }).text.split("\n");
    const changed = after.filter((line, index) => line !== before[index]);
    expect(after).toHaveLength(before.length);
    expect(changed.length).toBeGreaterThan(20);
    expect(changed.length).toBeLessThan(300);
  });

  it("ends lines as asked", () => {
    const { text } = generateWeek({ week, rows: 60, lineEnd: "\r\n", endsWithLineEnd: false });
    expect(text.split("\r\n")).toHaveLength(62);
    expect(text.endsWith("\n")).toBe(false);
  });
});
