import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { orThrow, weekEnding } from "@spine/core";
import { expectErr, expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { newestFileOf, weeklyRefresh } from "../src/index.ts";
import { generateWeek, writeWeek } from "../src/testing.ts";
import { openSpine } from "./open-spine.ts";

const week = weekEnding("2025-11-14");

describe("newestFileOf", () => {
  it.each([
    ["the file of the Monday", ["finra_otc_weekly_otc_20251215.csv"], "finra_otc_weekly_otc_20251215.csv"],
    [
      "the file republished later in the week",
      ["finra_otc_weekly_otc_20251217.csv", "finra_otc_weekly_otc_20251215.csv"],
      "finra_otc_weekly_otc_20251217.csv",
    ],
    ["no file of the next week", ["finra_otc_weekly_otc_20251222.csv"], undefined],
    ["no file of another tier", ["finra_otc_weekly_tier2_20251215.csv"], undefined],
    ["no file without a date", ["finra_otc_weekly_otc.csv", "readme.md"], undefined],
    ["of one date the last by name", ["otc_20251215.csv", "otc_20251215.txt"], "otc_20251215.txt"],
  ])("takes %s", (_what, names, expected) => {
    expect(newestFileOf(names, { tier: "OTC", week })).toBe(expected);
  });

  it("applies the rule it is given", () => {
    const names = ["otc_20251215.csv"];
    expect(newestFileOf(names, { tier: "OTC", week: weekEnding("2025-12-12"), weekRule: "friday-before" })).toBe(
      "otc_20251215.csv",
    );
  });
});

describe("a week named by its folder", () => {
  it("is captured from the file that was published last", async () => {
    const { spine, folder } = await openSpine();
    const first = generateWeek({ week, rows: 100 });
    const corrected = generateWeek({ week, rows: 100, revision: 1 });
    await writeWeek(folder, first);
    await writeFile(join(folder, "finra_otc_weekly_otc_20251217.csv"), corrected.text);
    const run = await orThrow(spine.workflows.run(weeklyRefresh, { params: { directory: folder, week, tier: "OTC" } }));
    expect(run.outputs.ingest).toMatchObject({ week, publishedOn: "2025-12-17" });
    expect(run.outputs.summary?.totalShares).toBe(corrected.truth.totalShares.toString());
  });

  it("fails with the name it expected when it is not there", async () => {
    const { spine, folder } = await openSpine();
    await mkdir(join(folder, "empty"));
    const params = { directory: join(folder, "empty"), week, tier: "OTC" } as const;
    const run = await expectOk(spine.pipelines.run("finra.otc.ingest_week", { params }));
    expect(run).toMatchObject({ status: "FAILED", error: { code: "SOURCE_NOT_FOUND" } });
    expect(run.error?.message).toContain("Expected finra_otc_weekly_otc_20251215.csv, or one published later");
  });

  it.each([
    ["neither file nor folder", {}, "Pass file, or directory with week and tier."],
    ["a folder alone", { directory: "data" }, "week, tier"],
    ["both", { directory: "data", file: "otc.csv", week, tier: "OTC" }, "Pass file or directory, not both"],
  ] as const)("refuses %s before anything runs", async (_what, params, text) => {
    const { spine } = await openSpine();
    const error = await expectErr(spine.run("finra.weekly_refresh", { params }), "PARAMS_INVALID");
    expect(error.message).toContain(text);
  });
});
