import { type Check, err, evaluateGate, type Gate, okAsync } from "@spine/core";
import { describe, expect, it } from "vitest";
import { aggregateLevelOf, normalizeGate, slotOf, venueShareGate, venueShares } from "../src/index.ts";
import { buildRecord } from "./build-record.ts";

/** What a gate says of a subject that needs neither history nor database. */
async function judge<Subject>(gate: Gate<Subject>, subject: Subject) {
  const { decision, results } = await evaluateGate(gate, {
    slot: slotOf("NORMALIZE", { week: "2025-11-14", tier: "OTC" }),
    captureId: "cap_1",
    subject,
    history: () => okAsync([]),
    sql: { execute: () => err(new Error("no database here")) } as never,
  } satisfies Parameters<Check<Subject>["check"]>[0]);
  const failed = results.filter(({ verdict }) => verdict.status !== "PASS");
  return { decision, because: failed.map(({ check }) => check) };
}

describe("the gate of venue shares", () => {
  const venues = venueShares([
    buildRecord({ symbol: "A", mpid: "OTCN", shares: 50 }),
    buildRecord({ symbol: "B", mpid: "ARCA", shares: 25 }),
    buildRecord({ symbol: "B", mpid: "OTCN", shares: 125 }),
  ]);
  const [top, ...others] = venues;
  if (top === undefined) throw new Error("no venue");

  it.each([
    [
      "shares of a thousand venues",
      venueShares(
        Array.from({ length: 999 }, (_, index) => buildRecord({ mpid: `M${index}`, shares: (index * 7919) % 10_007 })),
      ),
    ],
    ["a week in which nothing was traded", venueShares([buildRecord({ shares: 0 })])],
    ["a week without records", venueShares([])],
  ])("lets %s pass", async (_what, subject) => {
    expect(await judge(venueShareGate, subject)).toEqual({ decision: "PASS", because: [] });
  });

  it.each([
    ["shares that make no whole", [{ ...top, share: 0.8 }, ...others], "shares_make_a_whole"],
    ["ranks with a hole", [{ ...top, rank: 2 }, ...others], "ranks_without_holes"],
    ["a negative venue", [{ ...top, totalTrades: -1n }, ...others], "nothing_negative"],
  ])("blocks %s", async (_what, subject, check) => {
    expect(await judge(venueShareGate, subject)).toEqual({ decision: "BLOCK", because: [check] });
  });
});

describe("the gate of a normalised week", () => {
  it.each([
    ["nothing refused", { recordCount: 100, validCount: 100, invalidCount: 0 }, "PASS", []],
    ["a tenth refused", { recordCount: 100, validCount: 90, invalidCount: 10 }, "WARN", ["few_records_refused"]],
    [
      "most refused",
      { recordCount: 100, validCount: 40, invalidCount: 60 },
      "BLOCK",
      ["max_invalid_rate", "few_records_refused"],
    ],
    ["a record lost", { recordCount: 100, validCount: 98, invalidCount: 1 }, "BLOCK", ["every_record_accounted_for"]],
    ["no records", { recordCount: 0, validCount: 0, invalidCount: 0 }, "PASS", []],
  ] as const)("says of a week with %s: %o", async (_what, subject, decision, because) => {
    expect(await judge(normalizeGate, subject)).toEqual({ decision, because });
  });
});

describe("aggregateLevelOf", () => {
  it.each([
    ["OTC_W_SMBL_FIRM", "SYMBOL_AND_FIRM"],
    [" ats_w_smbl_firm ", "SYMBOL_AND_FIRM"],
    ["OTC_W_SMBL", "SYMBOL"],
    ["ATS_W_VOL_STATS", "OTHER"],
    ["", undefined],
    [undefined, undefined],
  ])("reads %j as %s", (summaryType, level) => {
    expect(aggregateLevelOf(summaryType)).toBe(level);
  });
});
