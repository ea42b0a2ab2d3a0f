// The code of docs/guides/pipelines-to-workflows.md: one function that did everything, and what becomes of it step by step.
// A test holds the guide's blocks equal to this file, and this file runs.

import { sqlite } from "@spine/adapters-sqlite";
import { contentHash, definePipeline, definePlugin, orThrow, type PipelinesOf, skipped } from "@spine/core";
import { createSpine, Step, StepResult, workflow } from "@spine/orchestration";
import { defineMigration } from "@spine/sql";
import { z } from "zod";

type Rate = { readonly tenor: string; readonly percent: number | null };
const published: readonly Rate[] = [
  { tenor: "2Y", percent: 4 },
  { tenor: "5Y", percent: null },
  { tenor: "10Y", percent: 4.5 },
];
const database: unknown[] = [];
// Stands for a request over the network.
const download = async (_day: string): Promise<readonly Rate[]> => structuredClone(published);

// Before: one function fetches, checks, calculates and stores.
async function refreshRates(day: string): Promise<{ readonly slope: number }> {
  const rates = await download(day);
  if (rates.length === 0) throw new Error("no rates");
  const quoted = rates.filter((rate) => rate.percent !== null);
  const slope = (quoted.at(-1)?.percent ?? 0) - (quoted[0]?.percent ?? 0);
  database.push({ day, slope });
  return { slope };
}

// Where versions are kept: `capture_id` begins the key of every table.
const tables = defineMigration({
  name: "0001-rates",
  up: ({ schema, type }) => [
    schema
      .createTable("rates_raw")
      .addColumn("capture_id", type.key, (column) => column.notNull())
      .addColumn("tenor", type.key, (column) => column.notNull())
      .addColumn("percent", type.real)
      .addPrimaryKeyConstraint("rates_raw_key", ["capture_id", "tenor"]),
    schema
      .createTable("rates_slope")
      .addColumn("capture_id", type.key, (column) => column.notNull().primaryKey())
      .addColumn("slope", type.real, (column) => column.notNull())
      .addColumn("input_min_capture_id", type.key)
      .addColumn("input_max_capture_id", type.key),
  ],
});

const params = z.object({ day: z.iso.date() });
const rawOf = (day: string) => ({ domain: "rates", partition: day, stage: "INGEST", tier: "BRONZE" });
const slopeOf = (day: string) => ({ domain: "rates", partition: day, stage: "SLOPE", tier: "GOLD" });

const ingest = definePipeline({
  key: "rates.ingest_day",
  params,
  output: z.object({ captureId: z.string(), rows: z.int() }),
  needs: ["sql"],
  async run({ params: { day }, capture, anomaly, commit }) {
    const rates = await download(day);

    const hash = contentHash(rates);
    const present = await orThrow(capture.unchanged({ ...rawOf(day), contentHash: hash }));
    if (present !== undefined)
      return skipped("the same content is there", { captureId: present.captureId, rows: present.rowCount ?? 0 });

    const running = await orThrow(capture.begin({ ...rawOf(day), effectiveDate: day, contentHash: hash }));
    const { captureId } = running;
    for (const { tenor, percent } of rates)
      if (percent === null) await orThrow(anomaly({ code: "NOT_QUOTED", message: `${tenor} has no rate.`, captureId }));
    await orThrow(running.insert("rates_raw", rates));

    return commit(() => ({ captureId, rows: rates.length }));
  },
});

const slope = definePipeline({
  key: "rates.slope",
  params,
  output: z.object({ captureId: z.string() }),
  needs: ["sql"],
  async run({ params: { day }, capture, sql, commit }) {
    const { captureId: input } = await orThrow(capture.require(rawOf(day)));
    const query = "select percent from rates_raw where capture_id = ? and percent is not null order by percent";
    const { rows } = await orThrow(sql.execute<{ percent: number }>(query, [input]));
    const steepness = (rows.at(-1)?.percent ?? 0) - (rows[0]?.percent ?? 0);

    const content = { ...slopeOf(day), contentHash: contentHash({ slope: steepness }), inputs: [input] };
    const present = await orThrow(capture.unchanged(content));
    if (present !== undefined) return skipped("the slope is the same", { captureId: present.captureId });

    const running = await orThrow(capture.begin(content));
    await orThrow(running.insert("rates_slope", [{ slope: steepness }], { provenance: true }));
    return commit(() => ({ captureId: running.captureId }));
  },
});

const pipelines = [ingest, slope] as const;
declare module "@spine/core" {
  interface Pipelines extends PipelinesOf<typeof pipelines> {}
}

const daily = workflow("rates.daily", { domain: "rates", params })
  .pipeline("ingest", "rates.ingest_day", { retry: { maxAttempts: 3 }, timeoutMs: 60_000 })
  .lambda(
    "check",
    ({ outputs }) => outputs.ingest.rows >= 2 || StepResult.fail("Too few rates", { category: "VALIDATION" }),
  )
  .pipeline("slope", "rates.slope")
  .build();

const rates = definePlugin({ name: "rates", domain: "rates", pipelines, workflows: [daily], migrations: [tables] });

// Common mistakes. All but one compile, which is why they are here and not in the compiler.
export const mistakes = [
  // Wrong: a download in a lambda is no capture, and its rows travel in the context.
  Step.lambda("ingest", async (context) => ({ rates: await download(context.get("day", "")) })),
  // Right: the lambda looks at what a pipeline says of its work.
  Step.lambda("check", (context) => context.getOutput("ingest", "rows", 0) >= 2),

  // @ts-expect-error -- wrong: a pipeline is named by its key, never handed over
  Step.pipeline("ingest", ingest),
  // Right: the host decides what the key means, and a YAML file or a command line can name it too.
  Step.pipeline("ingest", "rates.ingest_day"),
];

// Wrong: no capture, so nobody will know which rates these were, and every run fetches them again.
export const untracked = definePipeline({
  key: "rates.untracked",
  params,
  run: async ({ params: { day } }) => ({ rates: await download(day) }),
});

// Wrong: one partition for everything has one version of everything.
export const everything = { domain: "rates", partition: "ALL", stage: "INGEST", tier: "BRONZE" };

console.log("Before:", await refreshRates("2025-06-06"), database);

const spine = await orThrow(createSpine({ store: sqlite(":memory:"), plugins: [rates] }));
for (const occasion of ["first run", "second run"]) {
  const run = await orThrow(spine.workflows.run("rates.daily", { params: { day: "2025-06-06" } }));
  console.log(`${occasion}: ${run.status}`);
  for (const { step, status, reason } of run.steps) console.log(`  ${step.padEnd(6)} ${status} ${reason ?? ""}`);
}

for (const { captureId, stage } of await orThrow(spine.captures.list({ domain: "rates" }))) {
  const { nodes } = await orThrow(spine.captures.upstreamOf(captureId));
  console.log(`${captureId} ${stage} from ${nodes.map((node) => node.captureId).join(", ") || "outside"}`);
}
await orThrow(spine.close());
