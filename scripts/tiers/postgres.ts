// A stranger's program on the PostgreSQL install list (docs/tiers.md), installed, type-checked and run by scripts/check-tiers.ts. The
// server is that of SPINE_TEST_PG_URL; without one the packages are only installed, type-checked and loaded, and the line says so.
import assert from "node:assert/strict";
import { postgres } from "@spine/adapters-postgres";
import { definePipeline, orThrow, type PipelinesOf, type ResultAsync, type SpineError } from "@spine/core";
import { createSpine, type Spine, workflow } from "@spine/orchestration";
import { fileSource } from "@spine/sources";
import { z } from "zod";

let announced = false;
const announce = definePipeline({
  key: "tiers.postgres.announce",
  output: z.object({ count: z.int() }),
  run() {
    assert.equal(announced, false, "a completed step ran again");
    announced = true;
    return { count: 3 };
  },
});
let isReady = false;
const collect = definePipeline({
  key: "tiers.postgres.collect",
  params: z.object({ day: z.iso.date() }),
  output: z.object({ captureId: z.string(), count: z.int() }),
  needs: ["sql"],
  async run({ params: { day }, capture, commit }) {
    const running = await orThrow(
      capture.begin({ domain: "tiers", partition: day, stage: "INGEST", tier: "BRONZE", effectiveDate: day }),
    );
    if (!isReady) throw new Error("The vendor is not ready.");
    running.complete({ rowCount: 3 });
    // Its own rows, the capture's and the step's end are one transaction.
    return commit(async (tx) => {
      await orThrow(tx.insert("tier_rows", [{ capture_id: running.captureId, day }]));
      return { captureId: running.captureId, count: 3 };
    });
  },
});
const pipelines = [announce, collect] as const;
declare module "@spine/core" {
  interface Pipelines extends PipelinesOf<typeof pipelines> {}
}

const daily = workflow("tiers.postgres.daily", { params: z.object({ day: z.iso.date() }) })
  .pipeline("announce", "tiers.postgres.announce")
  .pipeline("collect", "tiers.postgres.collect")
  .lambda("check", ({ outputs }) => outputs.collect.count === outputs.announce.count)
  .build();

const url = process.env["SPINE_TEST_PG_URL"];
if (url === undefined) {
  // Nothing connects before it is opened, so this shows that the packages load and fit together.
  assert.equal(postgres("postgres://localhost/none").kind, "postgres");
  assert.equal(fileSource({ path: "none.csv" }).type, "file");
  console.log("OK postgres: installed, type-checked and loaded; its run was SKIPPED (SPINE_TEST_PG_URL is not set)");
} else {
  const schema = `spine_tier_${process.pid}`;
  const open = (): ResultAsync<Spine, SpineError> =>
    createSpine({ store: postgres(url, { schema }), pipelines, workflows: [daily] });
  const first = await orThrow(open());
  await orThrow(first.store.sql.execute("create table tier_rows (capture_id text primary key, day text not null)"));
  const options = { params: { day: "2025-06-06" } };
  const failed = (await first.workflows.run(daily, options)).match(
    (run) => run,
    (error) => assert.fail(error),
  );
  assert.equal(failed.status, "FAILED");
  assert.equal(failed.errorStep, "collect");
  await orThrow(first.close());

  isReady = true;
  const spine = await orThrow(open());
  const resumed = await orThrow(spine.resume(failed.runId));
  assert.equal(resumed.status, "COMPLETED");
  const steps = await orThrow(spine.store.history.steps(resumed));
  assert.deepEqual(
    steps.map(({ step, status, attempt }) => `${step} ${status} ${attempt}`),
    ["announce COMPLETED 1", "collect COMPLETED 2", "check COMPLETED 1"],
  );
  const captures = await orThrow(spine.store.captures.list({ domain: "tiers" }));
  assert.deepEqual(
    captures.map(({ status }) => status),
    ["COMPLETE", "FAILED"],
  );
  const { rows } = await orThrow(
    spine.store.sql.execute<{ day: string }>("select day from tier_rows where capture_id = ?", [
      captures[0]?.captureId ?? "",
    ]),
  );
  assert.deepEqual(rows, [{ day: "2025-06-06" }]);
  await orThrow(spine.close());

  const cleaner = await orThrow(createSpine({ store: postgres(url, { schema }) }));
  await orThrow(cleaner.store.sql.execute(`drop schema "${schema}" cascade`));
  await orThrow(cleaner.close());
  console.log(`OK postgres: ${steps.length} steps, resumed after a failure, ${captures.length} captures`);
}
