import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { memory, orThrow, weekEnding } from "@spine/core";
import { createSpine } from "@spine/orchestration";
import { expectErr, expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { finraOtc, slotOf } from "../src/index.ts";
import { generateWeek, writeWeek } from "../src/testing.ts";
import { openSpine } from "./open-spine.ts";

const header =
  "tierDescription|issueSymbolIdentifier|issueName|marketParticipantName|MPID|totalWeeklyShareQuantity|totalWeeklyTradeCount|lastUpdateDate";
const line = "OTC|AABB|Asia Broadband Inc|OTCN OTC LINK NQB IDQS|OTCN|6753871|171|2025-12-15";

async function ingest(name: string, text: string, params: Readonly<Record<string, unknown>> = {}) {
  const opened = await openSpine();
  const file = join(opened.folder, name);
  await writeFile(file, text);
  const run = await expectOk(opened.spine.pipelines.run("finra.otc.ingest_week", { params: { file, ...params } }));
  return { ...opened, file, run, output: run.outputs["ingest_week"] };
}

describe("finra.otc.ingest_week", () => {
  it("takes tier and week of a file without a telling name from its first record", async () => {
    const { output } = await ingest("latest.csv", `${header}\n${line}\n`);
    expect(output).toMatchObject({ tier: "OTC", week: "2025-11-14", publishedOn: "2025-12-15" });
  });

  it("does as its parameters say", async () => {
    const { output } = await ingest("otc.csv", `${header}\n${line}\n`, { week: "2025-06-06", tier: "NMS_TIER_2" });
    expect(output).toMatchObject({ tier: "NMS_TIER_2", week: "2025-06-06" });
  });

  it("knows the week rule of the earlier system", async () => {
    const { output } = await ingest("finra_otc_weekly_otc_20251222.csv", `${header}\n${line}\n`, {
      weekRule: "friday-before",
    });
    expect(output).toMatchObject({ week: "2025-12-19" });
  });

  it("keeps records as they stand, with their lines", async () => {
    const text = `${header}\n\n otc |aabb|"Odd", Inc.||OTCN| 1e3 |-1|soon\n${line}\n`;
    const { db } = await ingest("otc_20251215.csv", text);
    const rows = await db.selectFrom("finra_otc_raw").selectAll().orderBy("line_number").execute();
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({
      line_number: 3,
      tier_text: " otc ",
      symbol: "aabb",
      issue_name: '"Odd", Inc.',
      venue_name: "",
      shares: " 1e3 ",
      trades: "-1",
      last_update_date: "soon",
      week_text: null,
    });
  });

  it("keeps a truncated record as a reject with its line, and goes on", async () => {
    const { output, rejectsOf } = await ingest("otc_20251215.csv", `${header}\n${line}\nOTC|AAB\n${line}\n`);
    expect(output).toMatchObject({ recordsIn: 3, recordCount: 2, rejected: 1 });
    const [reject, ...others] = await rejectsOf((output as { readonly captureId: string }).captureId);
    expect(others).toEqual([]);
    expect(reject).toMatchObject({ reasonCode: "ROW_RAGGED", lineNumber: 3, record: "OTC|AAB" });
  });

  it("reads the short form with the week in each record", async () => {
    const text = "WeekEnding|Tier|Symbol|MPID|TotalShares|TotalTrades\n2025-06-06|tier1|AAPL|XYZ|100|2\n";
    const { output } = await ingest("short.csv", text);
    expect(output).toMatchObject({ tier: "NMS_TIER_1", week: "2025-06-06", publishedOn: null });
  });

  it.each([
    ["a comma-separated file", `${header.replaceAll("|", ",")}\n`, "SCHEMA_MISMATCH", "with | between them"],
    ["another file", "name|age\nAda|36\n", "SCHEMA_MISMATCH", "has no tierDescription"],
    ["an empty file", "", "HEADER_INVALID", "no header"],
  ])("fails on %s in one line that says what to do", async (_what, text, code, part) => {
    const { run } = await ingest("otc_20251215.csv", text);
    expect(run).toMatchObject({ status: "FAILED", error: { code } });
    expect(run.error?.message).toContain(part);
    expect(run.error?.message).not.toContain("\n");
  });

  it("fails on a file that is not there", async () => {
    const { spine } = await openSpine();
    const run = await expectOk(spine.pipelines.run("finra.otc.ingest_week", { params: { file: "absent.csv" } }));
    expect(run).toMatchObject({ status: "FAILED", error: { code: "SOURCE_NOT_FOUND" } });
  });

  it("takes a file without records for a week only when it is told so", async () => {
    const { run } = await ingest("otc_20251215.csv", `${header}\n`);
    expect(run).toMatchObject({ status: "FAILED", error: { code: "QUALITY_GATE_FAILED" } });
    const { output } = await ingest("otc_20251215.csv", `${header}\n`, { minRecords: 0 });
    expect(output).toMatchObject({ recordsIn: 0, recordCount: 0, rejected: 0 });
  });

  it("blocks a file that sums over firms and over symbols, and what depends on the week", async () => {
    const records = [`${line}|OTC_W_SMBL_FIRM`, "OTC|AABB|Asia Broadband Inc|||6753871|171|2025-12-15|OTC_W_SMBL"];
    const text = [`${header}|summaryTypeCode`, ...records, ""].join("\n");
    const { run, spine } = await ingest("otc_20251215.csv", text);
    expect(run).toMatchObject({ status: "FAILED", error: { code: "QUALITY_GATE_FAILED" } });
    expect(run.error?.message).toContain("one_aggregate_level");
    const params = { week: "2025-11-14", tier: "OTC" } as const;
    const after = await expectOk(spine.pipelines.run("finra.otc.normalize_week", { params }));
    expect(after.error).toMatchObject({ code: "PARTITION_BLOCKED" });
  });

  it("blocks a file that broke off, and only that week", async () => {
    const { spine, folder } = await openSpine();
    const ingestWeek = async (week: string, rows: number) => {
      const file = await writeWeek(folder, generateWeek({ week: weekEnding(week), rows }));
      return expectOk(spine.pipelines.run("finra.otc.ingest_week", { params: { file } }));
    };
    for (const week of ["2025-10-17", "2025-10-24", "2025-10-31"])
      expect(await ingestWeek(week, 200)).toMatchObject({ status: "COMPLETED" });
    const brokenOff = await ingestWeek("2025-11-07", 60);
    expect(brokenOff.error).toMatchObject({ code: "QUALITY_GATE_FAILED" });
    expect(brokenOff.error?.message).toContain("complete_as_last_weeks");
    expect(await ingestWeek("2025-11-14", 200)).toMatchObject({ status: "COMPLETED" });

    const [blocked] = await orThrow(spine.captures.list({ domain: "finra.otc", gate: "BLOCK" }));
    const released = await orThrow(
      spine.captures.release(blocked?.captureId ?? "", { by: "ada", why: "Half the market was closed." }),
    );
    expect(released.capture.availableAt).toBeDefined();
  });

  it("loads old files as history in any order, known since they were published", async () => {
    const vintages = [
      ["otc_20251215.csv", "6753871"],
      ["otc_20251216.csv", "1000000"],
      ["otc_20251218.csv", "6753871"],
    ] as const;
    const { spine, folder } = await openSpine();
    for (const [name, shares] of [vintages[2], vintages[0], vintages[1], vintages[1]]) {
      const file = join(folder, name);
      await writeFile(file, `${header}\n${line.replace("6753871", shares)}\n`);
      await orThrow(spine.pipelines.run("finra.otc.ingest_week", { params: { file, imported: true } }));
    }
    const slot = slotOf("INGEST", { week: "2025-11-14", tier: "OTC" });
    const knownOn = async (day: string) => {
      const capture = await orThrow(spine.captures.resolve({ ...slot, asOf: `${day}T23:59:59.999Z` }));
      return capture?.metrics["publishedOn"];
    };
    expect(await knownOn("2025-12-14")).toBeUndefined();
    expect(await knownOn("2025-12-15")).toBe("2025-12-15");
    expect(await knownOn("2025-12-17")).toBe("2025-12-16");
    expect(await knownOn("2025-12-18")).toBe("2025-12-18");
    const versions = await orThrow(spine.captures.list({ ...slot, available: true }));
    expect(versions.map(({ imported, reason }) => [imported, reason])).toEqual(versions.map(() => [true, "imported"]));
    expect(versions).toHaveLength(3);
  });

  it("captures a second time only what has other bytes, and notes that it looked", async () => {
    const { spine, file, output } = await ingest("otc_20251215.csv", `${header}\n${line}\n`);
    const again = await expectOk(spine.pipelines.run("finra.otc.ingest_week", { params: { file } }));
    expect(again.steps[0]).toMatchObject({ status: "SKIPPED" });
    expect(again.outputs["ingest_week"]).toEqual(output);
    const { rows } = await expectOk(spine.store.sql.execute("select run_id from core_capture_notes"));
    expect(rows).toEqual([{ run_id: again.runId }]);
  });

  it("refuses a week that is no Friday before anything runs", async () => {
    const { spine } = await openSpine();
    const error = await expectErr(
      spine.pipelines.run("finra.otc.ingest_week", { params: { file: "otc.csv", week: "2025-11-13" } }),
      "PARAMS_INVALID",
    );
    expect(error.message).toContain("2025-11-13 is a Thursday. Nearest Friday: 2025-11-14");
  });

  it("needs a store with SQL, and says so at once", async () => {
    const spine = await orThrow(createSpine({ store: memory(), plugins: [finraOtc] }));
    const error = await expectErr(
      spine.pipelines.run("finra.otc.ingest_week", { params: { file: "otc.csv" } }),
      "CAPABILITY_MISSING",
    );
    expect(error.message).toContain("Use sqlite(path) or postgres(url)");
    await orThrow(spine.close());
  });
});
