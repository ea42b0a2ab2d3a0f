// A stranger's program on the Basic install list (docs/tiers.md): scripts/check-tiers.ts installs the packed packages into an
// empty folder, type-checks this file there and runs it. One line when all is as promised, an exception otherwise.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sqlite } from "@spine/adapters-sqlite";
import { definePipeline, memory, orThrow, type PipelinesOf, type ResultAsync, type SpineError } from "@spine/core";
import { createSpine, defineGroup, type Spine, workflow } from "@spine/orchestration";
import { fileSource } from "@spine/sources";
import { z } from "zod";

let prepared = 0;
const prepare = definePipeline({
  key: "tiers.basic.prepare",
  output: z.object({ prepared: z.int() }),
  run: () => ({ prepared: ++prepared }),
});
const ingest = definePipeline({
  key: "tiers.basic.ingest",
  params: z.object({ file: z.string() }),
  output: z.object({ rows: z.int(), rejected: z.int() }),
  async run({ params: { file }, capture, commit, signal }) {
    const slot = { domain: "tiers", partition: "basic", stage: "INGEST", tier: "BRONZE" };
    const running = await orThrow(capture.begin(slot));
    const source = fileSource({ path: file, ragged: "reject" });
    const { rowCount, rejectedCount, contentHash } = await orThrow(
      source.stream({ signal }).forEachBatch(({ rejects }) => running.reject(rejects)),
    );
    running.complete({ rowCount, rejectCount: rejectedCount, contentHash });
    return commit(() => ({ rows: rowCount, rejected: rejectedCount }));
  },
});
const pipelines = [prepare, ingest] as const;
declare module "@spine/core" {
  interface Pipelines extends PipelinesOf<typeof pipelines> {}
}

const daily = workflow("tiers.basic.daily", { params: z.object({ file: z.string() }) })
  .pipeline("prepare", "tiers.basic.prepare")
  .pipeline("ingest", "tiers.basic.ingest")
  .lambda("check", ({ outputs }) => outputs.ingest.rows > 0)
  .build();
const group = defineGroup({ name: "tiers.basic.group", steps: [{ name: "only", pipeline: "tiers.basic.prepare" }] });

const folder = mkdtempSync(join(tmpdir(), "spine-tier-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
const open = (): ResultAsync<Spine, SpineError> =>
  createSpine({ store: sqlite(join(folder, "spine.db")), pipelines, workflows: [daily], groups: [group] });

// A run that fails keeps what it has behind it, also when everything is closed and opened again.
const file = join(folder, "prices.csv");
const first = await orThrow(open());
const failed = (await first.workflows.run(daily, { params: { file } })).match(
  (run) => run,
  (error) => assert.fail(error),
);
assert.equal(failed.status, "FAILED");
assert.equal(failed.error?.code, "SOURCE_NOT_FOUND");
await orThrow(first.close());

writeFileSync(file, "symbol,close\nAAPL,190.5\nMSFT\nTSLA,250\n");
const spine = await orThrow(open());
const resumed = await orThrow(spine.resume(failed.runId));
assert.equal(resumed.status, "COMPLETED");
assert.equal(prepared, 1, "a completed step ran again");
const stored = await orThrow(spine.store.history.steps(resumed));
assert.deepEqual(
  stored.map(({ step, status, attempt }) => `${step} ${status} ${attempt}`),
  ["prepare COMPLETED 1", "ingest COMPLETED 2", "check COMPLETED 1"],
);
const captures = await orThrow(spine.store.captures.list({ domain: "tiers" }));
assert.deepEqual(
  captures.map(({ status, rowCount, rejectCount }) => [status, rowCount ?? 0, rejectCount ?? 0]),
  [
    ["COMPLETE", 2, 1],
    ["FAILED", 0, 0],
  ],
);

// Outputs are typed in the installed packages too, and a wrong name is an error before anything starts.
const again = await orThrow(spine.workflows.run(daily, { params: { file } }));
const rows: number | undefined = again.outputs.ingest?.rows;
assert.equal(rows, 2);
const refused = await spine.run("tiers.basic.dayly");
assert.match(
  refused.match(String, ({ message }) => message),
  /Did you mean "tiers\.basic\.daily"\?/,
);
assert.equal((await orThrow(spine.groups.run(group))).status, "COMPLETED");
await orThrow(spine.close());

const inMemory = await orThrow(createSpine({ store: memory(), pipelines }));
assert.equal((await orThrow(inMemory.run("tiers.basic.prepare"))).status, "COMPLETED");
await orThrow(inMemory.close());

console.log(
  `OK basic: ${stored.length} steps, ${rows} rows, 1 reject, resumed after a failure, on SQLite and in memory`,
);
