import { orThrow, weekEnding } from "@spine/core";
import { expectErr, expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { slotOf, weeklyRefresh } from "../src/index.ts";
import { generateWeek, type GenerateWeekOptions, writeWeek } from "../src/testing.ts";
import { openSpine } from "./open-spine.ts";

const week = weekEnding("2025-11-14");

async function prepare(given: Partial<GenerateWeekOptions> = {}) {
  const opened = await openSpine();
  const generated = generateWeek({ week, rows: 600, ...given });
  const file = await writeWeek(opened.folder, generated);
  return {
    ...opened,
    file,
    truth: generated.truth,
    refresh: (params: Readonly<Record<string, unknown>> = {}) =>
      orThrow(opened.spine.workflows.run(weeklyRefresh, { params: { file, ...params } })),
    statusesOf: (run: { readonly steps: readonly { readonly step: string; readonly status: string }[] }) =>
      Object.fromEntries(run.steps.map(({ step, status }) => [step, status])),
  };
}

describe("finra.weekly_refresh", () => {
  it("accounts for every record of the file", async () => {
    const { refresh, truth, rejectsOf } = await prepare();
    const { outputs } = await refresh();
    expect(outputs.ingest).toMatchObject({
      week,
      tier: "OTC",
      recordsIn: truth.recordsIn,
      rejected: truth.ragged,
      publishedOn: "2025-12-15",
    });
    expect(outputs.normalize).toMatchObject({ recordCount: truth.normalized, rejected: truth.rejected });
    expect(outputs.summary).toMatchObject({
      recordsIn: truth.recordsIn,
      normalized: truth.normalized,
      rejected: truth.rejected + truth.ragged,
      symbols: truth.symbols,
      venues: truth.venues,
      totalShares: truth.totalShares.toString(),
      totalTrades: truth.totalTrades.toString(),
    });

    const kept = [
      ...(await rejectsOf(outputs.ingest?.captureId ?? "")),
      ...(await rejectsOf(outputs.normalize?.captureId ?? "")),
    ];
    const inFile = truth.rejects.flatMap(({ lineNumber, reasons }) =>
      reasons.map((reason) => `${lineNumber} ${reason}`),
    );
    expect(kept.map(({ lineNumber, reasonCode }) => `${lineNumber} ${reasonCode}`).toSorted()).toEqual(
      inFile.toSorted(),
    );
    expect(kept.every(({ sourceLocator, record }) => sourceLocator !== undefined && record !== null)).toBe(true);
  });

  it("stores rows that add up to the file, each under its capture and its input", async () => {
    const { refresh, truth, db } = await prepare();
    const { outputs } = await refresh();
    const captureId = outputs.normalize?.captureId ?? "";
    const rows = await db.selectFrom("finra_otc_normalized").selectAll().where("capture_id", "=", captureId).execute();
    expect(rows).toHaveLength(truth.normalized);
    expect(rows.reduce((sum, { shares }) => sum + BigInt(shares), 0n)).toBe(truth.totalShares);
    expect(new Set(rows.map((row) => row.input_min_capture_id))).toEqual(new Set([outputs.ingest?.captureId]));
    const venues = await db.selectFrom("finra_otc_venue_share").selectAll().orderBy("venue_rank").execute();
    expect(venues.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 10);
    expect(venues.map(({ venue_rank }) => venue_rank)).toEqual(venues.map((_, index) => index + 1));
  });

  it.each([
    ["CRLF", { lineEnd: "\r\n" }],
    ["no line end at the end", { endsWithLineEnd: false }],
    ["another tier", { tier: "NMS_TIER_1" }],
  ] as const)("reads a file with %s alike", async (_what, given) => {
    const { refresh, truth } = await prepare(given);
    const { outputs } = await refresh();
    expect(outputs.summary).toMatchObject({
      week,
      normalized: truth.normalized,
      rejected: truth.rejected + truth.ragged,
      totalShares: truth.totalShares.toString(),
    });
  });

  it("records duplicates and cleaned symbols as anomalies of the capture", async () => {
    const { refresh, spine } = await prepare();
    const { outputs } = await refresh();
    const captureId = outputs.normalize?.captureId ?? "";
    const anomalies = await orThrow(spine.store.anomalies.list({ captureId }));
    expect(Object.fromEntries(anomalies.map(({ code, context }) => [code, context["count"]]))).toEqual({
      DUPLICATE_VENUE_ROW: 1,
      SYMBOL_CLEANED: 1,
    });
  });

  it("skips a week that is captured already, and says as what", async () => {
    const { refresh, statusesOf, spine } = await prepare();
    const first = await refresh();
    const second = await refresh();
    expect(second.status).toBe("COMPLETED");
    expect(statusesOf(second)).toMatchObject({
      ingest: "SKIPPED",
      normalize: "SKIPPED",
      aggregate: "SKIPPED",
      venue_share: "SKIPPED",
      rolling: "SKIPPED",
    });
    expect(second.steps[0]?.reason).toBe(`already captured as ${first.outputs.ingest?.captureId}`);
    expect(second.outputs).toEqual(first.outputs);
    expect(await orThrow(spine.store.captures.list({ domain: "finra.otc" }))).toHaveLength(5);
  });

  it("captures a second time when forced, and keeps the first", async () => {
    const { refresh, spine, db, truth } = await prepare();
    const first = await refresh();
    const second = await refresh({ force: true });
    const captures = await orThrow(spine.store.captures.list({ domain: "finra.otc", stage: "INGEST" }));
    expect(captures.map(({ captureId, reason, status }) => [captureId, reason, status])).toEqual([
      [second.outputs.ingest?.captureId, "forced", "COMPLETE"],
      [first.outputs.ingest?.captureId, "first", "COMPLETE"],
    ]);
    expect(captures[0]?.contentHash).toBe(captures[1]?.contentHash);
    const rows = await db
      .selectFrom("finra_otc_normalized")
      .select(({ fn }) => ["capture_id", fn.countAll<number>().as("count")])
      .groupBy("capture_id")
      .execute();
    expect(rows.map(({ count }) => count)).toEqual([truth.normalized, truth.normalized]);
  });

  it("finds nothing stale after an ingest alone was forced", async () => {
    const { refresh, spine, statusesOf, file } = await prepare();
    await refresh();
    await orThrow(spine.pipelines.run("finra.otc.ingest_week", { params: { file, force: true } }));
    expect(statusesOf(await refresh())).toMatchObject({ ingest: "SKIPPED", normalize: "SKIPPED", rolling: "SKIPPED" });
  });

  it("takes other content of the same week for a restatement and computes anew", async () => {
    const { refresh, spine, folder, statusesOf } = await prepare();
    const first = await refresh();
    const corrected = generateWeek({ week, rows: 600, revision: 1 });
    await writeWeek(folder, corrected);
    const second = await refresh();
    expect(statusesOf(second)).toMatchObject({ ingest: "COMPLETED", normalize: "COMPLETED", rolling: "COMPLETED" });
    expect(second.outputs.summary?.totalShares).toBe(corrected.truth.totalShares.toString());
    const current = await orThrow(spine.captures.resolve(slotOf("INGEST", { week, tier: "OTC" })));
    expect(current).toMatchObject({ reason: "restatement", supersedes: first.outputs.ingest?.captureId });
    const normalized = await orThrow(spine.captures.resolve(slotOf("NORMALIZE", { week, tier: "OTC" })));
    const { nodes } = await orThrow(spine.captures.upstreamOf(normalized?.captureId ?? ""));
    expect(nodes.map(({ captureId }) => captureId)).toEqual([current?.captureId]);
  });

  it("keeps what rests on a file that came again with other line ends, and nothing is stale", async () => {
    const { refresh, spine, folder, statusesOf, file } = await prepare();
    const first = await refresh();
    await writeWeek(folder, generateWeek({ week, rows: 600, lineEnd: "\r\n" }));
    await orThrow(spine.pipelines.run("finra.otc.ingest_week", { params: { file } }));
    const stale = await orThrow(spine.captures.list({ domain: "finra.otc", stale: true }));
    expect(stale.map(({ stage }) => stage).toSorted()).toEqual(["AGGREGATE", "NORMALIZE", "ROLLING", "VENUE_SHARE"]);

    const second = await refresh();
    expect(statusesOf(second)).toMatchObject({ ingest: "SKIPPED", normalize: "SKIPPED", rolling: "SKIPPED" });
    expect(second.outputs.normalize).toEqual(first.outputs.normalize);
    expect(await orThrow(spine.captures.list({ domain: "finra.otc", stale: true }))).toEqual([]);
    const { nodes } = await orThrow(spine.captures.upstreamOf(first.outputs.normalize?.captureId ?? ""));
    expect(nodes.map(({ captureId }) => captureId)).toContain(second.outputs.ingest?.captureId);
  });

  it("refuses a parameter nobody takes, and names the near one", async () => {
    const { spine, file } = await prepare({ rows: 100 });
    // By name, as from a command line: given the workflow itself, this does not compile.
    const options = { params: { file, weks: 13 } };
    const error = await expectErr(spine.workflows.run(weeklyRefresh.name, options), "PARAMS_INVALID");
    expect(error.message).toContain('"weks" is not a parameter. Did you mean "weeks"?');
  });

  it("has a view of what readers see now, for tools that know only SQL", async () => {
    const { refresh, folder, spine } = await prepare();
    await refresh();
    const corrected = generateWeek({ week, rows: 600, revision: 1 });
    await writeWeek(folder, corrected);
    await refresh();
    for (const view of ["finra_otc_symbol_summary_current", "finra_otc_venue_share_current"]) {
      const query = `select sum(total_shares) as shares from ${view}`;
      const { rows } = await orThrow(spine.store.sql.execute<{ shares: number }>(query));
      expect(BigInt(rows[0]?.shares ?? 0)).toBe(corrected.truth.totalShares);
    }
  });

  it("shows the clocks of a capture", async () => {
    const { refresh, spine } = await prepare();
    await refresh();
    const capture = await orThrow(spine.captures.resolve(slotOf("INGEST", { week, tier: "OTC" })));
    expect(capture).toMatchObject({ effectiveDate: "2025-11-14", publishedAt: "2025-12-15T23:59:59.999Z" });
  });

  it("goes by way of the review when too many records are refused", async () => {
    const { refresh, statusesOf } = await prepare({ rows: 100 });
    const run = await refresh({ reviewAbovePercent: 1 });
    expect(statusesOf(run)).toMatchObject({ route: "COMPLETED", review: "COMPLETED", rolling: "COMPLETED" });
    expect(run.outputs.summary?.reviewed).toBe(true);
    const calm = await refresh({ reviewAbovePercent: 50 });
    expect(statusesOf(calm)).toMatchObject({ review: "SKIPPED" });
    expect(calm.outputs.summary?.reviewed).toBe(false);
  });

  it("refuses a file with fewer records than a week has", async () => {
    const { spine, file } = await prepare({ rows: 100 });
    const run = await expectOk(spine.workflows.run(weeklyRefresh, { params: { file, minRecords: 1000 } }));
    expect(run).toMatchObject({ status: "FAILED", errorStep: "ingest", error: { code: "QUALITY_GATE_FAILED" } });
  });

  it("plans a dry run without touching a thing", async () => {
    const { spine, file } = await prepare({ rows: 100 });
    const run = await expectOk(spine.workflows.run(weeklyRefresh, { params: { file }, dryRun: true }));
    expect(run.status).toBe("COMPLETED");
    expect(await orThrow(spine.store.captures.list({}))).toEqual([]);
  });
});

describe("finra.otc.rolling", () => {
  const weeks = ["2025-10-10", "2025-10-17", "2025-10-24", "2025-11-07", "2025-11-14"].map(weekEnding);

  it("takes the weeks there are and lists the others", async () => {
    const { spine, folder, db } = await openSpine();
    for (const one of weeks) {
      const file = await writeWeek(folder, generateWeek({ week: one, rows: 200 }));
      await orThrow(spine.workflows.run(weeklyRefresh, { params: { file } }));
    }
    const run = await orThrow(
      spine.pipelines.run("finra.otc.rolling", { params: { week: "2025-11-14", tier: "OTC", weeks: 3 } }),
    );
    expect(run.outputs["rolling"]).toMatchObject({ weeks: 3, weeksPresent: 2, missingWeeks: ["2025-10-31"] });
    const captureId = (run.outputs["rolling"] as { readonly captureId: string }).captureId;
    const rows = await db.selectFrom("finra_otc_rolling").selectAll().where("capture_id", "=", captureId).execute();
    expect(new Set(rows.map(({ window_weeks }) => window_weeks))).toEqual(new Set([3]));
    expect(Math.max(...rows.map(({ weeks_in_window }) => weeks_in_window))).toBe(2);
    expect(rows[0]?.input_min_capture_id).not.toBe(rows[0]?.input_max_capture_id);

    const six = await orThrow(spine.captures.resolve(slotOf("ROLLING", { week: "2025-11-14", tier: "OTC", weeks: 6 })));
    expect(six?.metrics).toMatchObject({ weeks: 6, weeksPresent: 5, missingWeeks: ["2025-10-31"] });
  });

  it("names what to run first", async () => {
    const { spine } = await openSpine();
    const run = await expectOk(
      spine.pipelines.run("finra.otc.rolling", { params: { week: "2025-11-14", tier: "OTC" } }),
    );
    expect(run.error).toMatchObject({ code: "CAPTURE_NOT_FOUND" });
    expect(run.error?.message).toContain("Run finra.otc.aggregate_week first");
  });
});
