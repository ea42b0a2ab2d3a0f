// A whole domain: the plugin `spine-plugin-finra-otc` on generated weekly files of FINRA's shape, traps of real ones included.
// This script is only a host: it opens a store, loads the plugin, says since when the data should be there, fills what is not, and reads
// what came of it.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sqlite } from "@spine/adapters-sqlite";
import { addWeeks, orThrow, weekEnding } from "@spine/core";
import { createSpine } from "@spine/orchestration";
import { kyselyOf } from "@spine/sql";
import { finraOtcSince, type FinraTables, slotOf, weeklyExpectation, weeklyRefresh } from "spine-plugin-finra-otc";
import { generateWeek, writeWeek } from "spine-plugin-finra-otc/testing";

const folder = mkdtempSync(join(tmpdir(), "spine-example-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

const week = weekEnding("2025-11-14");
const since = addWeeks(week, -2);
const plugins = [finraOtcSince({ since, tiers: ["OTC"], windows: [3] })];
const spine = await orThrow(createSpine({ store: sqlite(join(folder, "spine.db")), plugins }));

// The week follows from the publication date in the file's name, so a file is all there is to say.
const refresh = async (file: string) =>
  orThrow(spine.workflows.run(weeklyRefresh, { params: { file, weeks: 3, reviewAbovePercent: 1 } }));

console.log("1. A week: what comes in is kept or refused, and the sums are those of the file");
const generated = generateWeek({ week, rows: 600 });
const file = await writeWeek(folder, generated);
const { summary } = (await refresh(file)).outputs;
if (summary === undefined) throw new Error("The workflow ended before its summary.");
const { recordsIn, normalized: kept, rejected, totalShares } = summary;
const { truth } = generated;
if (recordsIn !== truth.recordsIn || totalShares !== `${truth.totalShares}`)
  throw new Error(`${week} does not add up.`);
console.log(`  ${week}: ${recordsIn} in = ${kept} kept + ${rejected} refused, ${totalShares} shares`);

console.log("2. The same file again: nothing to do, and the run says so");
for (const { step, status, reason } of (await refresh(file)).steps)
  if (reason !== undefined) console.log(`  ${step.padEnd(11)} ${status} ${reason.replace(/cap_\w+/, "cap_...")}`);

console.log("3. What should be there and is not: the two weeks before, which a backfill fills from their folder");
const range = { from: since, to: week };
for (const { partition, status } of (await orThrow(spine.expectations.gaps(weeklyExpectation("OTC"), range)))
  .partitions)
  console.log(`  ${partition} ${status}`);
for (const each of [since, addWeeks(week, -1)]) await writeWeek(folder, generateWeek({ week: each, rows: 600 }));
const { backfillId } = await orThrow(
  spine.backfills.create({
    ...range,
    expectation: weeklyExpectation("OTC"),
    mode: "missing",
    reason: "The history before our first week.",
    params: { directory: folder, weeks: 3 },
  }),
);
const { status, counts } = await orThrow(spine.backfills.run(backfillId));
console.log(`  backfill ${status}: ${counts.completed} of ${counts.total} weeks`);

console.log(
  "4. FINRA corrects the last week: a new capture beside the old one, and everything after it is computed again",
);
await writeWeek(folder, generateWeek({ week, rows: 600, revision: 1 }));
const corrected = await refresh(file);
const { partition, stage } = slotOf("NORMALIZE", { week, tier: "OTC" });
for (const capture of await orThrow(spine.captures.list({ domain: "finra.otc", partition, stage })))
  console.log(`  ${capture.captureId} ${capture.rowCount} rows (${capture.reason}), gate ${capture.gate}`);

console.log("5. What was refused, and why");
const normalized = corrected.outputs.normalize?.captureId ?? "";
for (const { reasonCode, count } of await orThrow(spine.store.anomalies.rejectCounts({ captureId: normalized })))
  console.log(`  ${String(count).padStart(3)} ${reasonCode}`);
const [first] = await orThrow(spine.store.anomalies.rejects({ captureId: normalized, limit: 1 }));
console.log(`  for example line ${first?.lineNumber}: ${first?.reasonDetail}`);

console.log("6. What came of it: typed queries on the plugin's tables, by capture");
const db = kyselyOf<FinraTables>(spine.store.sql);
const symbols = await db
  .selectFrom("finra_otc_symbol_summary as s")
  .innerJoin("finra_otc_rolling as r", "r.symbol", "s.symbol")
  .select(["s.symbol", "s.total_shares", "s.venue_count", "r.trend", "r.trend_percent"])
  .where("s.capture_id", "=", corrected.outputs.aggregate?.captureId ?? "")
  .where("r.capture_id", "=", corrected.outputs.rolling?.captureId ?? "")
  .orderBy("s.total_shares", "desc")
  .limit(3)
  .execute();
for (const { symbol, total_shares: shares, venue_count: venues, trend, trend_percent: percent } of symbols)
  console.log(`  ${symbol.padEnd(6)} ${shares} shares on ${venues} venues, ${trend} ${percent} % over three weeks`);
const venues = await db
  .selectFrom("finra_otc_venue_share")
  .select(["venue_rank", "mpid", "share"])
  .where("capture_id", "=", corrected.outputs.venue_share?.captureId ?? "")
  .orderBy("venue_rank")
  .limit(3)
  .execute();
for (const { venue_rank: rank, mpid, share } of venues) console.log(`  ${rank}. ${mpid} ${(share * 100).toFixed(1)} %`);

await orThrow(spine.close());
