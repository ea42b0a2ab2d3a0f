// Basic: one process, one SQLite file. A delimited file becomes a capture, a workflow checks it, and all of it is history.
//
//   npm install @spine/core @spine/orchestration @spine/sources @spine/adapters-sqlite better-sqlite3 kysely zod

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sqlite } from "@spine/adapters-sqlite";
import { definePipeline, orThrow, type PipelinesOf, safeTry } from "@spine/core";
import { createSpine, StepResult, workflow } from "@spine/orchestration";
import { fileSource } from "@spine/sources";
import { z } from "zod";

const ingest = definePipeline({
  key: "basic.ingest",
  params: z.object({ day: z.iso.date(), file: z.string() }),
  output: z.object({ rows: z.int(), rejected: z.int() }),
  run: ({ params: { day, file }, capture, commit, signal }) =>
    safeTry(async function* () {
      const running = yield* capture.begin({ domain: "basic", partition: day, stage: "INGEST", tier: "BRONZE" });
      const { rowCount, rejectedCount, contentHash } = yield* fileSource({ path: file, ragged: "reject" })
        .stream({ signal })
        .forEachBatch(({ rejects }) => running.reject(rejects));
      running.complete({ rowCount, rejectCount: rejectedCount, contentHash });
      return commit(() => ({ rows: rowCount, rejected: rejectedCount }));
    }),
});
const pipelines = [ingest] as const;
declare module "@spine/core" {
  interface Pipelines extends PipelinesOf<typeof pipelines> {}
}

const daily = workflow("basic.daily", { params: z.object({ day: z.iso.date(), file: z.string() }) })
  .pipeline("ingest", "basic.ingest")
  .lambda("check", ({ outputs }) => outputs.ingest.rows > 0 || StepResult.fail("No rows", { category: "VALIDATION" }))
  .build();

const folder = mkdtempSync(join(tmpdir(), "spine-basic-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, "prices.csv");
writeFileSync(file, "symbol,close\nAAPL,190.5\nMSFT\nTSLA,250\n");

const spine = await orThrow(createSpine({ store: sqlite(join(folder, "spine.db")), pipelines, workflows: [daily] }));
const run = await orThrow(spine.workflows.run(daily, { params: { day: "2025-06-06", file } }));
console.log(`${run.name}: ${run.status}`, run.outputs.ingest);
for (const { step, status, durationMs } of await orThrow(spine.store.history.steps(run)))
  console.log(`  ${step} ${status} in ${durationMs} ms`);
await orThrow(spine.close());
