import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { memory, orThrow } from "@spine/core";
import { createSpine } from "@spine/orchestration";
import { expectErr, expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { finraOtc } from "../src/index.ts";
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

  it("takes a file without records for a week without records", async () => {
    const { output } = await ingest("otc_20251215.csv", `${header}\n`);
    expect(output).toMatchObject({ recordsIn: 0, recordCount: 0, rejected: 0 });
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
