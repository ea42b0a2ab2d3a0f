// `kill -9` in the middle of a step, then resume. This script starts itself as a second process, kills that, looks at what the
// store says, and goes on: what completed does not run again, what was half done is done again under the same key.

import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { sqlite } from "@spine/adapters-sqlite";
import {
  definePipeline,
  definePlugin,
  orThrow,
  type PipelinesOf,
  type ResultAsync,
  type SpineError,
  sweepCaptures,
} from "@spine/core";
import { createSpine, type Spine, workflow } from "@spine/orchestration";
import { defineMigration } from "@spine/sql";
import { z } from "zod";

const output = z.object({ count: z.int() });
const load = definePipeline({
  key: "recon.load",
  output,
  run({ run }) {
    console.log(`  [pid ${process.pid}] load, attempt ${run.attempt}`);
    return { count: 4 };
  },
});

const match = definePipeline({
  key: "recon.match",
  params: z.object({ day: z.iso.date() }),
  output,
  needs: ["sql"],
  async run({ params: { day }, run, signal, capture, commit }) {
    // The same for every attempt: give it to services that know such keys, and the second attempt costs nothing there.
    console.log(`  [pid ${process.pid}] match, attempt ${run.attempt}, key ${run.idempotencyKey}`);
    const slot = { domain: "recon", partition: day, stage: "MATCH", tier: "SILVER" };
    const running = await orThrow(capture.begin(slot));
    await orThrow(running.insert("recon_matches", [{ trade: "T1" }, { trade: "T2" }]));
    if (run.attempt === 1) {
      process.send?.("half of the rows are written");
      await wait(30_000, undefined, { signal });
    }
    await orThrow(running.insert("recon_matches", [{ trade: "T3" }, { trade: "T4" }]));
    return commit(() => ({ count: 4 }));
  },
});

const pipelines = [load, match] as const;
declare module "@spine/core" {
  interface Pipelines extends PipelinesOf<typeof pipelines> {}
}

const daily = workflow("recon.daily", { params: z.object({ day: z.iso.date() }) })
  .pipeline("load", "recon.load")
  .pipeline("match", "recon.match", { retry: { maxAttempts: 3 } })
  .lambda("check", ({ outputs }) => outputs.match.count === outputs.load.count)
  .build();

const tables = defineMigration({
  name: "0001-recon",
  up: ({ schema, type }) => [
    schema
      .createTable("recon_matches")
      .addColumn("capture_id", type.key, (column) => column.notNull())
      .addColumn("trade", type.key, (column) => column.notNull())
      .addPrimaryKeyConstraint("recon_matches_key", ["capture_id", "trade"]),
  ],
});
const recon = definePlugin({ name: "recon", pipelines, workflows: [daily], migrations: [tables] });

function open(file: string): ResultAsync<Spine, SpineError> {
  return createSpine({ store: sqlite(file), plugins: [recon] });
}

async function show(spine: Spine, runId: string): Promise<void> {
  const record = await orThrow(spine.store.history.get({ runId }));
  console.log(`  run ${record?.status}`);
  for (const { step, status, attempt } of await orThrow(spine.store.history.steps({ runId })))
    console.log(`    ${step.padEnd(6)} ${status}, attempt ${attempt}`);
  for (const { captureId, status, error } of await orThrow(spine.captures.list({ domain: "recon" }))) {
    const query = "select count(*) as n from recon_matches where capture_id = ?";
    const { rows } = await orThrow(spine.store.sql.execute<{ n: number }>(query, [captureId]));
    console.log(`    capture ${status} with ${rows[0]?.n} rows${error === undefined ? "" : `: ${error}`}`);
  }
}

const [given] = process.argv.slice(2);
if (given === undefined) await crashAndResume();
else await (await orThrow(open(given))).workflows.run(daily, { params: { day: "2025-06-06" } });

async function crashAndResume(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "spine-example-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "spine.db");

  console.log("1. Another process works, and is killed in the middle of a step:");
  const child = fork(import.meta.filename, [file]);
  child.once("message", () => child.kill("SIGKILL"));
  const [code, signal]: readonly unknown[] = await once(child, "exit");
  console.log(`  ended by ${String(signal ?? code)}`);

  const spine = await orThrow(open(file));
  const [abandoned] = await orThrow(spine.abandoned());
  if (abandoned === undefined) throw new Error("There is no abandoned run: the other process was not killed in time.");
  console.log("2. What the store says, before anybody repairs anything:");
  await show(spine, abandoned.runId);

  console.log("3. Resume (spine.recover() does this for every abandoned run):");
  const run = await orThrow(spine.resume(abandoned.runId));
  console.log(`  ${run.status}`, run.outputs["match"]);
  await show(spine, abandoned.runId);

  const { captures, rows } = await orThrow(sweepCaptures(spine.store));
  console.log(`4. Sweep: ${rows} rows of ${captures} dead capture are gone; no reader ever saw them.`);
  await orThrow(spine.close());
}
