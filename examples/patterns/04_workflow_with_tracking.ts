// Tracking: every fetch of a day is a capture in the ledger (`core_manifest`), every data problem an anomaly (`core_anomalies`),
// and what was computed says from which captures. Doing the same day twice does nothing; other content makes a new version.

import { sqlite } from "@spine/adapters-sqlite";
import { contentHash, definePipeline, definePlugin, orThrow, type PipelinesOf, skipped } from "@spine/core";
import { createSpine, StepResult, workflow } from "@spine/orchestration";
import { defineMigration } from "@spine/sql";
import { z } from "zod";

// The plugin's own tables. `capture_id` begins their key, so versions of one day lie side by side.
const tables = defineMigration({
  name: "0001-volumes",
  up: ({ schema, type }) =>
    ["volumes_raw", "volumes_ranked"].map((name) =>
      schema
        .createTable(name)
        .addColumn("capture_id", type.key, (column) => column.notNull())
        .addColumn("position", type.integer, (column) => column.notNull())
        .addColumn("symbol", type.key, (column) => column.notNull())
        .addColumn("volume", type.bigint, (column) => column.notNull())
        .addPrimaryKeyConstraint(`${name}_key`, ["capture_id", "position"]),
    ),
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

const ingest = definePipeline({
  key: "volumes.ingest_day",
  params,
  output,
  needs: ["sql"],
  async run({ params: { day }, capture, anomaly, commit }) {
    // 1. Is it there already? The content decides, not the date of the last run.
    const hash = contentHash(vendor);
    const current = await orThrow(capture.current(rawOf(day)));
    if (current?.contentHash === hash)
      return skipped("the same content is there", { captureId: current.captureId, rows: current.rowCount ?? 0 });

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
    const input = await orThrow(capture.current(rawOf(day)));
    if (input === undefined) throw new Error(`The volumes of ${day} are not there. Run volumes.ingest_day first.`);
    const slot = { ...rawOf(day), stage: "RANK", tier: "SILVER" };
    const hash = input.contentHash ?? "";
    const current = await orThrow(capture.current(slot));
    if (current?.contentHash === hash)
      return skipped("its input is the same", { captureId: current.captureId, rows: current.rowCount ?? 0 });

    // Readers name a capture: they see one version as a whole, never a mixture of two.
    const query = "select symbol, volume from volumes_raw where capture_id = ? order by volume desc";
    const { rows } = await orThrow(sql.execute<{ symbol: string; volume: number }>(query, [input.captureId]));
    const ranked = rows.map((row, position) => ({ position, ...row }));
    // Provenance: the ledger knows from which captures this one was computed.
    const running = await orThrow(capture.begin({ ...slot, contentHash: hash, inputs: [input.captureId] }));
    await orThrow(running.insert("volumes_ranked", ranked));
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
for (const entry of await orThrow(spine.store.captures.list({ domain: "volumes" }))) {
  const [input = "the vendor"] = await orThrow(spine.store.captures.inputsOf(entry));
  console.log(`  ${entry.captureId} ${entry.stage.padEnd(6)} ${entry.rowCount} rows from ${input} (${entry.reason})`);
}
for (const { code, severity, message } of await orThrow(spine.store.anomalies.list({ domain: "volumes" })))
  console.log(`Anomaly: ${severity} ${code}: ${message}`);

await orThrow(spine.close());
