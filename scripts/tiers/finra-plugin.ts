// A stranger's program with a domain plugin from its own tarball (docs/tiers.md): typed keys, its tables, its workflow. Installed,
// type-checked and run by scripts/check-tiers.ts; one line when all is as promised, an exception otherwise.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sqlite } from "@spine/adapters-sqlite";
import { orThrow, weekEnding } from "@spine/core";
import { createSpine, Step, workflow } from "@spine/orchestration";
import { kyselyOf } from "@spine/sql";
import { finraOtc, type FinraTables, weeklyRefresh } from "spine-plugin-finra-otc";
import { generateWeek, writeWeek } from "spine-plugin-finra-otc/testing";
import { z } from "zod";

// Importing the plugin is all it takes for its keys, parameters and outputs to be known here.
const own = workflow("tiers.finra.capture_only", { params: z.object({ file: z.string() }) })
  .pipeline("ingest", "finra.otc.ingest_week", { params: { tier: "OTC" } })
  .lambda("count", ({ outputs }) => ({ records: outputs.ingest.recordsIn satisfies number }))
  .build();
// @ts-expect-error -- ingset: a misspelt key of a plugin does not compile
const misspelt = Step.pipeline("ingest", "finra.otc.ingset_week");

const folder = mkdtempSync(join(tmpdir(), "spine-tier-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
const spine = await orThrow(
  createSpine({ store: sqlite(join(folder, "spine.db")), plugins: [finraOtc], workflows: [own] }),
);

const generated = generateWeek({ week: weekEnding("2025-11-14"), rows: 500 });
const { truth } = generated;
const file = await writeWeek(folder, generated);
const { outputs } = await orThrow(spine.workflows.run(weeklyRefresh, { params: { file } }));
const totals = outputs.summary;
assert.equal(totals?.recordsIn, truth.recordsIn);
assert.equal(totals.normalized + totals.rejected, truth.recordsIn, "records got lost");
assert.equal(totals.totalShares, String(truth.totalShares));
assert.equal(totals.totalTrades, String(truth.totalTrades));

const { count } = await kyselyOf<FinraTables>(spine.store.sql)
  .selectFrom("finra_otc_normalized")
  .select(({ fn }) => fn.countAll<number>().as("count"))
  .executeTakeFirstOrThrow();
assert.equal(count, truth.normalized);

// What is captured already is not captured again, whoever asks for it.
const again = await orThrow(spine.workflows.run(own, { params: { file } }));
assert.deepEqual(
  again.steps.map(({ step, status }) => `${step} ${status}`),
  ["ingest SKIPPED", "count COMPLETED"],
);
assert.equal(again.outputs.count?.records, truth.recordsIn);

// The compiler refuses a misspelt key; so does the host, for whoever has no compiler.
const refused = await createSpine({
  store: sqlite(":memory:"),
  plugins: [finraOtc],
  workflows: [{ ...own, name: "tiers.finra.misspelt", steps: [misspelt] }],
});
assert.match(
  refused.match(String, ({ message }) => message),
  /Did you mean "finra\.otc\.ingest_week"\?/,
);
await orThrow(spine.close());

console.log(`OK finra-plugin: ${truth.recordsIn} records = ${totals.normalized} kept + ${totals.rejected} refused`);
