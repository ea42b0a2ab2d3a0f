import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { orThrow } from "@spine/core";
import { describe, expect, it } from "vitest";
import { weeklyRefresh } from "../src/index.ts";
import { openSpine } from "./open-spine.ts";

const folder = fileURLToPath(new URL("../../../../../shared/data/finra", import.meta.url));
const files = [
  ["finra_otc_weekly_otc_20251215.csv", "2025-11-14"],
  ["finra_otc_weekly_otc_20251222.csv", "2025-11-21"],
] as const;
const isHere = files.every(([name]) => existsSync(`${folder}/${name}`));
if (!isHere) console.warn(`SKIPPED: FINRA's real files are not in ${folder}; only generated ones were tested.`);

/** Counts and sums of a file, by nothing but splitting its lines. */
function countByHand(file: string) {
  const [, ...lines] = readFileSync(file, "utf8").trimEnd().split("\n");
  const fields = lines.map((line) => line.split("|"));
  const sum = (column: number): string =>
    fields.reduce((total, field) => total + BigInt(field[column] ?? 0), 0n).toString();
  return {
    records: lines.length,
    shares: sum(5),
    trades: sum(6),
    symbols: new Set(fields.map((field) => field[1])).size,
    venues: new Set(fields.map((field) => field[4])).size,
  };
}

describe.skipIf(!isHere)("the real files", () => {
  it.each(files)("%s is the week %s, with the sums of the file", async (name, week) => {
    const { spine, rejectsOf } = await openSpine();
    const file = `${folder}/${name}`;
    const counted = countByHand(file);
    const run = await orThrow(spine.workflows.run(weeklyRefresh, { params: { file } }));
    expect(run.outputs.summary).toMatchObject({
      week,
      tier: "OTC",
      recordsIn: counted.records,
      normalized: counted.records,
      rejected: 0,
      symbols: counted.symbols,
      venues: counted.venues,
      totalShares: counted.shares,
      totalTrades: counted.trades,
    });
    expect(await rejectsOf(run.outputs.normalize?.captureId ?? "")).toEqual([]);

    const again = await orThrow(spine.workflows.run(weeklyRefresh, { params: { file } }));
    expect(again.steps.find(({ step }) => step === "ingest")).toMatchObject({ status: "SKIPPED" });
    const forced = await orThrow(spine.workflows.run(weeklyRefresh, { params: { file, force: true } }));
    expect(forced.outputs.ingest?.captureId).not.toBe(run.outputs.ingest?.captureId);
    expect(forced.outputs.summary).toEqual(run.outputs.summary);
    const captures = await orThrow(spine.store.captures.list({ domain: "finra.otc", stage: "INGEST" }));
    expect(captures.map(({ status }) => status)).toEqual(["COMPLETE", "COMPLETE"]);
  });

  it("follow each other in a rolling window", async () => {
    const { spine } = await openSpine();
    for (const [name] of files)
      await orThrow(spine.workflows.run(weeklyRefresh, { params: { file: `${folder}/${name}` } }));
    const rolling = await orThrow(
      spine.pipelines.run("finra.otc.rolling", { params: { week: "2025-11-21", tier: "OTC", weeks: 2 } }),
    );
    expect(rolling.outputs["rolling"]).toMatchObject({ weeksPresent: 2, missingWeeks: [] });
  });
});
