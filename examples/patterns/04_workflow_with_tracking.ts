// Tracking: every fetch of a day is a capture in the ledger (`core_manifest`), every data problem an anomaly (`core_anomalies`),
// and what was computed says from which captures. Doing the same day twice does nothing; other content makes a new version, and what
// rests on the old one is stale until it is computed again.

import { sqlite } from "@spine/adapters-sqlite";
import { contentHash, definePipeline, definePlugin, orThrow, type PipelinesOf, skipped } from "@spine/core";
import { createSpine, StepResult, workflow } from "@spine/orchestration";
import { defineMigration } from "@spine/sql";
import { z } from "zod";

// The plugin's own tables. `capture_id` begins their key, so versions of one day lie side by side; rows that were computed have
// two columns more, which say from which captures.
const tables = defineMigration({
  name: "0001-volumes",
  up: ({ schema, type }) => {
    const captured = (name: string) =>
      schema
        .createTable(name)
        .addColumn("capture_id", type.key, (column) => column.notNull())
        .addColumn("position", type.integer, (column) => column.notNull())
        .addColumn("symbol", type.key, (column) => column.notNull())
        .addColumn("volume", type.bigint, (column) => column.notNull())
        .addPrimaryKeyConstraint(`${name}_key`, ["capture_id", "position"]);
    const ranked = captured("volumes_ranked")
      .addColumn("input_min_capture_id", type.key)
      .addColumn("input_max_capture_id", type.key);
    return [captured("volumes_raw"), ranked];
  },
});

// Stands for a vendor's service, so that this script can let it change its mind.
let vendor: readonly { symbol: string; volume: number | null }[] = [
  { symbol: "AAPL", volume: 500 },
  { symbol: "MSFT", volume: 700 },
  { symbol: "TSLA", volume: null },
];

const params = z.object({ day: z.iso.date() });
const output = z.object({ captureId: z.string(), rows: z.int() });
const rawOf = (day: string) => ({ domain: "volumes", partition: day, stage: "INGEST", tier: "BRONZE" });
const rankOf = (day: string) => ({ domain: "volumes", partition: day, stage: "RANK", tier: "SILVER" });

const ingest = definePipeline({
  key: "volumes.ingest_day",
  params,
  output,
  needs: ["sql"],
  async run({ params: { day }, capture, anomaly, commit }) {
    // 1. Is it there already? The content decides, not the date of the last run; the ledger notes that somebody looked.
    const hash = contentHash(vendor);
    const present = await orThrow(capture.unchanged({ ...rawOf(day), contentHash: hash }));
    if (present !== undefined)
      return skipped("the same content is there", { captureId: present.captureId, rows: present.rowCount ?? 0 });

    // 2. Begin: from here on the partition is ours, and nobody sees what we write.
    const running = await orThrow(capture.begin({ ...rawOf(day), effectiveDate: day, contentHash: hash }));
    const { captureId } = running;
    // 3. A problem of the data is kept, and the work goes on.
    for (const { symbol, volume } of vendor)
      if (volume === null)
        await orThrow(anomaly({ code: "NULL_VOLUME", message: `${symbol} has no volume.`, captureId }));
    // 4. Rows go in short batches; each gets the capture's id.
    const rows = vendor.flatMap(({ symbol, volume }, position) =>
      volume === null ? [] : [{ position, symbol, volume }],
    );
    await orThrow(running.insert("volumes_raw", rows));
    // 5. Commit: rows, capture and the step's end become visible together, or not at all.
    return commit(() => ({ captureId, rows: rows.length }));
  },
});

const rank = definePipeline({
  key: "volumes.rank_day",
  params,
  output,
  needs: ["sql"],
  async run({ params: { day }, capture, sql, commit }) {
    // Fails with CAPTURE_NOT_FOUND when the day is not there, with PARTITION_BLOCKED when a gate refused it.
    const input = await orThrow(capture.require(rawOf(day)));
    const inputs = [input.captureId];

    // Readers name a capture: they see one version as a whole, never a mixture of two.
    const query = "select symbol, volume from volumes_raw where capture_id = ? order by volume desc";
    const { rows } = await orThrow(sql.execute<{ symbol: string; volume: number }>(query, inputs));
    const ranked = rows.map((row, position) => ({ position, ...row }));

    // Another input may give the same rows: then the present capture stays, and rests on this input from now on.
    const hash = contentHash(ranked);
    const present = await orThrow(capture.unchanged({ ...rankOf(day), contentHash: hash, inputs }));
    if (present !== undefined)
      return skipped("the ranks are the same", { captureId: present.captureId, rows: present.rowCount ?? 0 });

    // Provenance: the ledger knows from which captures this one was computed, and so does each row.
    const running = await orThrow(capture.begin({ ...rankOf(day), contentHash: hash, inputs }));
    await orThrow(running.insert("volumes_ranked", ranked, { provenance: true }));
    return commit(() => ({ captureId: running.captureId, rows: rows.length }));
  },
});

const pipelines = [ingest, rank] as const;
declare module "@spine/core" {
  interface Pipelines extends PipelinesOf<typeof pipelines> {}
}

const daily = workflow("volumes.daily", { domain: "volumes", params })
  .pipeline("ingest", "volumes.ingest_day", { retry: { maxAttempts: 3 } })
  .lambda(
    "check",
    ({ outputs }) => outputs.ingest.rows > 0 || StepResult.fail("No volumes", { category: "VALIDATION" }),
  )
  .pipeline("rank", "volumes.rank_day")
  .build();

const plugin = definePlugin({ name: "volumes", pipelines, workflows: [daily], migrations: [tables] });
const spine = await orThrow(createSpine({ store: sqlite(":memory:"), plugins: [plugin] }));

const day = "2025-06-06";
for (const occasion of ["The first time", "The same again", "The vendor restates AAPL"]) {
  if (occasion.includes("restates")) vendor = vendor.with(0, { symbol: "AAPL", volume: 900 });
  const run = await orThrow(spine.workflows.run(daily, { params: { day }, partition: day }));
  console.log(`${occasion}: ${run.status}`);
  for (const { step, status, reason } of run.steps) console.log(`  ${step.padEnd(6)} ${status} ${reason ?? ""}`);
}

console.log("The ledger, newest first:");
for (const { captureId, stage, rowCount, reason, staleAt } of await orThrow(
  spine.captures.list({ domain: "volumes" }),
)) {
  const { nodes } = await orThrow(spine.captures.upstreamOf(captureId));
  const from = nodes.map((node) => node.captureId).join(", ") || "the vendor";
  const stale = staleAt === undefined ? "" : ", stale since its input was restated";
  console.log(`  ${captureId} ${stage.padEnd(6)} ${rowCount} rows from ${from} (${reason}${stale})`);
}
for (const { code, severity, message, status } of await orThrow(spine.store.anomalies.list({ domain: "volumes" })))
  console.log(`Anomaly: ${severity} ${code}, ${status}: ${message}`);

await orThrow(spine.close());
