import { expectedPartitions, parsePlainDate, weekEnding } from "@spine/core";
import { expectErr, expectOk, fakeClock } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { finraExpectations, finraOtcSince, slotOf, weeklyRefresh } from "../src/index.ts";
import { generateWeek, writeWeek } from "../src/testing.ts";
import { openSpine } from "./open-spine.ts";

const since = weekEnding("2025-11-07");
const friday = parsePlainDate("2025-11-14")._unsafeUnwrap();

describe("what is expected of FINRA", () => {
  const named = new Map(finraExpectations({ since, windows: [6, 13] }).map((one) => [one.name, one]));
  const partitionOf = (name: string) => {
    const expectation = named.get(name);
    if (expectation === undefined) throw new Error(`Nothing is expected as ${name}.`);
    return expectedPartitions(expectation, { from: friday, to: friday });
  };

  it("is every tier's weeks and windows", () => {
    expect([...named.keys()].toSorted()).toEqual([
      "finra.otc.rolling_13.nms_tier_1",
      "finra.otc.rolling_13.nms_tier_2",
      "finra.otc.rolling_13.otc",
      "finra.otc.rolling_6.nms_tier_1",
      "finra.otc.rolling_6.nms_tier_2",
      "finra.otc.rolling_6.otc",
      "finra.otc.weekly.nms_tier_1",
      "finra.otc.weekly.nms_tier_2",
      "finra.otc.weekly.otc",
    ]);
  });

  it.each([
    ["finra.otc.weekly.nms_tier_1", "2025-12-01", "2025-12-03"],
    ["finra.otc.weekly.nms_tier_2", "2025-12-15", "2025-12-17"],
    ["finra.otc.weekly.otc", "2025-12-15", "2025-12-17"],
  ])("has %s due on %s, a Monday, and late on %s", (name, dueOn, lateOn) => {
    expect(partitionOf(name)).toMatchObject([{ dueAt: `${dueOn}T00:00:00.000Z`, lateAt: `${lateOn}T00:00:00.000Z` }]);
  });

  it("names partitions as their captures do", () => {
    const week = { week: "2025-11-14", tier: "OTC" };
    expect(partitionOf("finra.otc.weekly.otc")[0]?.partition).toBe(slotOf("INGEST", week).partition);
    const windowOf13 = slotOf("ROLLING", { ...week, weeks: 13 }).partition;
    expect(partitionOf("finra.otc.rolling_13.otc")[0]?.partition).toBe(windowOf13);
  });
});

describe("gaps of FINRA's weeks", () => {
  it("are the weeks that are due and not there, and a backfill fills them from their folder", async () => {
    const clock = fakeClock("2025-12-23T12:00:00Z");
    const { spine, folder } = await openSpine({ clock, plugins: [finraOtcSince({ since, tiers: ["OTC"] })] });
    const weeks = ["2025-11-07", "2025-11-14", "2025-11-21"].map(weekEnding);
    const files = [];
    for (const week of weeks) files.push(await writeWeek(folder, generateWeek({ week, rows: 60 })));
    await expectOk(spine.workflows.run(weeklyRefresh, { params: { file: files[1] } }));

    const before = await expectOk(spine.expectations.gaps("finra.otc.weekly.otc"));
    expect(before.partitions.map(({ date, status }) => [date, status])).toEqual([
      ["2025-11-07", "late"],
      ["2025-11-14", "arrivedLate"],
      ["2025-11-21", "missing"],
      ["2025-11-28", "pending"],
      ["2025-12-05", "pending"],
      ["2025-12-12", "pending"],
      ["2025-12-19", "pending"],
    ]);

    const request = {
      expectation: "finra.otc.weekly.otc",
      mode: "missing",
      reason: "test",
      params: { directory: folder },
    } as const;
    const { backfillId } = await expectOk(spine.backfills.create(request));
    const filled = await expectOk(spine.backfills.run(backfillId));
    expect(filled).toMatchObject({ status: "COMPLETED", counts: { total: 2, completed: 2 } });
    expect((await expectOk(spine.expectations.gaps("finra.otc.weekly.otc"))).gaps).toEqual([]);
    await expectErr(spine.backfills.create(request), "BACKFILL_EMPTY");
  });

  it("captures again by force what a backfill of all weeks asks for, and makes nothing stale", async () => {
    const clock = fakeClock("2025-12-16T12:00:00Z");
    const { spine, folder } = await openSpine({ clock, plugins: [finraOtcSince({ since, tiers: ["OTC"] })] });
    const request = { expectation: "finra.otc.weekly.otc", reason: "test", params: { directory: folder } } as const;
    for (const week of [since, weekEnding("2025-11-14")]) await writeWeek(folder, generateWeek({ week, rows: 60 }));
    for (const mode of ["missing", "all"] as const) {
      const { backfillId } = await expectOk(spine.backfills.create({ ...request, mode }));
      await expectOk(spine.backfills.run(backfillId));
    }
    const ingested = await expectOk(spine.captures.list({ domain: "finra.otc", stage: "INGEST" }));
    expect(ingested.map(({ reason = "" }) => reason).toSorted()).toEqual(["first", "first", "forced", "forced"]);
    expect(await expectOk(spine.captures.list({ domain: "finra.otc", stale: true }))).toEqual([]);
  });
});
