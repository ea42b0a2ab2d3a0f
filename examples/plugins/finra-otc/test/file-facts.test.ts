import { plainDate, weekdayName, weekEnding } from "@spine/core";
import { expectErr, expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { fileNameOf, parseFileName, parseTier, publicationOf, resolveWeek, weekOfPublication } from "../src/index.ts";

describe("parseTier", () => {
  it.each([
    ["NMS_TIER_1", "NMS_TIER_1"],
    ["NMS Tier 1", "NMS_TIER_1"],
    ["tier1", "NMS_TIER_1"],
    ["Tier 1", "NMS_TIER_1"],
    ["T2", "NMS_TIER_2"],
    ["  nms   tier 2 ", "NMS_TIER_2"],
    ["otc", "OTC"],
    ["OTC Other", "OTC"],
  ])("reads %j as %s", async (text, tier) => {
    expect(await expectOk(parseTier(text))).toBe(tier);
  });

  it.each(["", "not an otc tier", "OTC Markets", "tier 3", "tier12", "NMS"])(
    "refuses %j, although it resembles one",
    async (text) => {
      const error = await expectErr(parseTier(text), "VALIDATION_FAILED");
      expect(error.message).toContain(`"${text}" is not a FINRA tier.`);
    },
  );
});

describe("weekOfPublication", () => {
  it.each([
    ["OTC", "2025-12-15", "2025-11-14"],
    ["OTC", "2025-12-22", "2025-11-21"],
    ["NMS_TIER_2", "2025-12-15", "2025-11-14"],
    ["NMS_TIER_1", "2025-12-15", "2025-11-28"],
    // After a holiday on Monday.
    ["OTC", "2025-12-16", "2025-11-14"],
    ["NMS_TIER_1", "2026-01-05", "2025-12-19"],
  ] as const)("gives for %s published %s the week ending %s", (tier, publishedOn, week) => {
    expect(weekOfPublication(tier, plainDate(publishedOn))).toBe(week);
  });

  it.each([
    ["2025-12-22", "2025-12-19"],
    ["2025-12-23", "2025-12-19"],
    ["2025-12-24", "2025-12-19"],
    ["2025-12-25", "2025-12-19"],
    ["2025-12-26", "2025-12-19"],
    ["2025-12-27", "2025-12-26"],
  ])("gives by friday-before for %s the week ending %s", (publishedOn, week) => {
    expect(weekOfPublication("OTC", plainDate(publishedOn), "friday-before")).toBe(week);
  });

  it.each(["NMS_TIER_1", "NMS_TIER_2", "OTC"] as const)("leads back from the Monday %s is published", (tier) => {
    const week = weekEnding("2025-12-26");
    expect(weekdayName(publicationOf(tier, week))).toBe("Monday");
    expect(weekOfPublication(tier, publicationOf(tier, week))).toBe(week);
  });
});

describe("parseFileName", () => {
  it.each([
    ["finra_otc_weekly_tier1_20251222.csv", "NMS_TIER_1", "2025-12-22"],
    ["finra_otc_weekly_tier2_20251222.csv", "NMS_TIER_2", "2025-12-22"],
    ["finra_otc_weekly_otc_20251222.csv", "OTC", "2025-12-22"],
    ["FINRA_OTC_WEEKLY_OTC_2025-12-22.CSV", "OTC", "2025-12-22"],
    ["finra_otc_weekly_otc_20251222.csv.gz", "OTC", "2025-12-22"],
    ["tier1-2025-12-22.txt", "NMS_TIER_1", "2025-12-22"],
    ["otc.csv", "OTC", undefined],
    ["20251222.csv", undefined, "2025-12-22"],
    ["finra_otc_weekly_20251222.csv", undefined, "2025-12-22"],
    ["notes about otc 20251222.csv", undefined, "2025-12-22"],
    ["finra_otc_weekly_otc_20251332.csv", undefined, undefined],
    ["finra_otc_weekly_otc_120251222.csv", undefined, undefined],
    ["data.csv", undefined, undefined],
  ])("reads %s", (fileName, tier, publishedOn) => {
    expect(parseFileName(fileName)).toEqual({ tier, publishedOn });
  });

  it("reads what fileNameOf writes", () => {
    const name = fileNameOf("NMS_TIER_2", plainDate("2026-01-05"));
    expect(name).toBe("finra_otc_weekly_tier2_20260105.csv");
    expect(parseFileName(name)).toEqual({ tier: "NMS_TIER_2", publishedOn: "2026-01-05" });
  });
});

describe("resolveWeek", () => {
  const fileName = "finra_otc_weekly_otc_20251215.csv";
  const first = {
    tier: "NMS Tier 1",
    symbol: "A",
    issueName: undefined,
    venueName: undefined,
    mpid: "B",
    shares: "1",
    trades: "1",
    lastUpdateDate: "2025-12-22",
    week: undefined,
    summaryType: undefined,
  };

  it("takes tier and publication from the name", async () => {
    expect(await expectOk(resolveWeek({ fileName, first }))).toEqual({
      tier: "OTC",
      week: "2025-11-14",
      publishedOn: "2025-12-15",
    });
  });

  it("lets the caller decide on both", async () => {
    const week = weekEnding("2025-06-06");
    expect(await expectOk(resolveWeek({ fileName, first, tier: "NMS_TIER_2", week }))).toMatchObject({
      tier: "NMS_TIER_2",
      week: "2025-06-06",
    });
  });

  it("applies the rule it is given", async () => {
    const resolved = await expectOk(resolveWeek({ fileName, weekRule: "friday-before" }));
    expect(resolved.week).toBe("2025-12-12");
  });

  it("asks the first record for what the name does not say", async () => {
    expect(await expectOk(resolveWeek({ fileName: "week.csv", first }))).toEqual({
      tier: "NMS_TIER_1",
      week: "2025-12-05",
      publishedOn: "2025-12-22",
    });
  });

  it("believes a week that the records state", async () => {
    const stated = { ...first, week: "2025-06-06" };
    expect(await expectOk(resolveWeek({ fileName, first: stated }))).toMatchObject({
      week: "2025-06-06",
    });
  });

  it("says what to pass when nothing tells", async () => {
    const tier = await expectErr(resolveWeek({ fileName: "a.csv" }), "VALIDATION_FAILED");
    expect(tier.message).toContain("Pass tier");
    const week = await expectErr(resolveWeek({ fileName: "otc.csv" }), "VALIDATION_FAILED");
    expect(week.message).toContain("Pass week");
  });
});
