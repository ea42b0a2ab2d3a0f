// What did we know, and when? FINRA corrects a week that reports were made of. The ledger says which rows changed, what rests on the old
// version, what a report said before and says now, and repairs what is stale: nothing more, nothing twice.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sqlite } from "@spine/adapters-sqlite";
import { addWeeks, type Instant, orThrow, weekEnding } from "@spine/core";
import { createSpine } from "@spine/orchestration";
import { diffCaptures, kyselyOf, rowsAsOf } from "@spine/sql";
import {
  finraOtcSince,
  type FinraTables,
  rollingExpectation,
  slotOf,
  weeklyExpectation,
  weeklyRefresh,
} from "spine-plugin-finra-otc";
import { generateWeek, writeWeek } from "spine-plugin-finra-otc/testing";

const folder = mkdtempSync(join(tmpdir(), "spine-example-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

const week = weekEnding("2025-11-14");
const plugins = [finraOtcSince({ since: week, tiers: ["OTC"] })];
const spine = await orThrow(createSpine({ store: sqlite(join(folder, "spine.db")), plugins }));
const db = kyselyOf<FinraTables>(spine.store.sql);
const ofWeek = { week, tier: "OTC" } as const;

// The report: shares of the week over all symbols, as readers see them now or saw them at an instant.
async function totalShares(asOf?: Instant): Promise<string> {
  const { domain, stage, partition } = slotOf("AGGREGATE", ofWeek);
  const rows = await rowsAsOf(db, "finra_otc_symbol_summary", { domain, stage, partitions: [partition], asOf })
    .select("total_shares")
    .execute();
  return rows.reduce((sum, { total_shares: shares }) => sum + BigInt(shares), 0n).toLocaleString("en-US");
}

// What readers see of a slot at this moment.
async function present(stage: "INGEST" | "AGGREGATE") {
  const capture = await orThrow(spine.captures.resolve(slotOf(stage, ofWeek)));
  if (capture?.availableAt === undefined) throw new Error(`The week has no ${stage}.`);
  return { captureId: capture.captureId, availableAt: capture.availableAt };
}

console.log("1. Three weeks are captured, and somebody makes a report of the first one");
for (const each of [week, addWeeks(week, 1), addWeeks(week, 2)]) {
  const file = await writeWeek(folder, generateWeek({ week: each, rows: 400, traps: false }));
  await orThrow(spine.workflows.run(weeklyRefresh, { params: { file } }));
}
const first = await present("INGEST");
const { availableAt: then } = await present("AGGREGATE");
console.log(`  as of ${then}: ${await totalShares(then)} shares`);

console.log("2. FINRA corrects two records of that week, and the file is captured again: a version beside the other");
const file = join(folder, "finra_otc_weekly_otc_20251215.csv");
const lines = readFileSync(file, "utf8").split("\n");
for (const at of [1, 2]) lines[at] = (lines[at] ?? "").replace(/\|(\d+)\|(\d+)\|/, "|1000000|$2|");
writeFileSync(file, lines.join("\n"));
await orThrow(spine.pipelines.run("finra.otc.ingest_week", { params: { file } }));
const restated = await present("INGEST");
const { tables } = await orThrow(diffCaptures(spine.store.sql, { from: first.captureId, to: restated.captureId }));
for (const { table, added, removed, changed, examples } of tables) {
  console.log(`  ${table}: ${added} added, ${removed} removed, ${changed} changed`);
  for (const { key, columns } of examples.changed)
    console.log(
      `    line ${String(key["line_number"])}: shares ${String(columns["shares"]?.before)} → ${String(columns["shares"]?.after)}`,
    );
}

console.log("3. What rests on the old version is stale, windows of later weeks too; readers still have it");
for (const { stage, partition } of await orThrow(spine.captures.list({ domain: "finra.otc", stale: true })))
  console.log(`  ${stage.padEnd(11)} ${partition}`);

console.log("4. A backfill of what is stale: weeks first, then the windows that rest on them");
const before = new Set((await orThrow(spine.captures.list({}))).map(({ captureId }) => captureId));
for (const [expectation, params] of [
  [weeklyExpectation("OTC"), { directory: folder }],
  [rollingExpectation("OTC", 6), {}],
] as const) {
  const reason = "FINRA corrected a week.";
  const { backfillId } = await orThrow(spine.backfills.create({ expectation, mode: "stale", reason, params }));
  const { status, counts } = await orThrow(spine.backfills.run(backfillId));
  console.log(`  ${expectation}: ${status}, ${counts.completed} of ${counts.total}`);
}
const made = (await orThrow(spine.captures.list({}))).filter(({ captureId }) => !before.has(captureId));
console.log(`  captured: ${made.map(({ stage }) => stage).join(", ")}; the other weeks were left alone`);

console.log("5. The report of today, and the one of then");
console.log(`  now:              ${await totalShares()} shares`);
console.log(`  as of then:       ${await totalShares(then)} shares`);

console.log("6. The same computation with the inputs as they stood then: for whoever asks how a figure came about");
const rerun = await orThrow(
  spine.pipelines.run("finra.otc.aggregate_week", { params: { ...ofWeek, force: true }, asOf: then }),
);
const { captureId, totalShares: shares } = rerun.outputs["aggregate_week"] as {
  readonly captureId: string;
  readonly totalShares: string;
};
console.log(`  computed again:   ${BigInt(shares).toLocaleString("en-US")} shares, as ${captureId}`);
const { captureId: seen } = await present("AGGREGATE");
console.log(`  which is nobody's present: readers see ${seen}`);

await orThrow(spine.close());
