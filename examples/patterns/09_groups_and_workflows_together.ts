// One engine, two models. A team that has groups (v1) keeps them, and writes workflows (v2) where steps must see each other's
// results, take a branch or stop at a gate. A workflow runs a group as one of its steps, and both call the same pipelines.

import { definePipeline, memory, orThrow, type PipelinesOf } from "@spine/core";
import { createSpine, defineGroup, StepResult, workflow } from "@spine/orchestration";
import { z } from "zod";

const day = z.object({ day: z.iso.date() });
const loadPositions = definePipeline({
  key: "risk.load_positions",
  params: day,
  output: z.object({ positions: z.int() }),
  run: () => ({ positions: 3 }),
});
const loadPrices = definePipeline({
  key: "risk.load_prices",
  params: day.extend({ missing: z.int().default(0) }),
  output: z.object({ prices: z.int() }),
  run: ({ params: { missing } }) => ({ prices: 3 - missing }),
});
const exposure = definePipeline({
  key: "risk.exposure",
  params: day.extend({ scenario: z.string().default("as is") }),
  output: z.object({ scenario: z.string(), exposure: z.number() }),
  run: ({ params: { scenario } }) => ({ scenario, exposure: scenario === "as is" ? 1_000_000 : 1_250_000 }),
});

const pipelines = [loadPositions, loadPrices, exposure] as const;
declare module "@spine/core" {
  interface Pipelines extends PipelinesOf<typeof pipelines> {}
}

// The group that was there before: independent loads side by side, then a figure. Its steps share parameters, not data.
const closeOfDay = defineGroup({
  name: "risk.close_of_day",
  steps: [
    { name: "positions", pipeline: "risk.load_positions" },
    { name: "prices", pipeline: "risk.load_prices" },
    { name: "exposure", pipeline: "risk.exposure", dependsOn: ["positions", "prices"] },
  ],
  policy: { execution: "parallel", onFailure: "continue" },
});

// What a child run leaves for its parent is data of its steps by name; a schema makes it typed again.
const Loaded = z.object({ positions: z.object({ positions: z.int() }), prices: z.object({ prices: z.int() }) });

// The workflow around it: what the group cannot say. It reads the group's results, refuses, and calls one pipeline once more.
const report = workflow("risk.report", { params: day.extend({ missing: z.int().default(0) }) })
  .group("load", "risk.close_of_day")
  .lambda("compare", ({ outputs: { load } }) => {
    const { positions, prices } = Loaded.parse(load.outputs);
    return prices.prices < positions.positions
      ? StepResult.fail(`${positions.positions} positions, but ${prices.prices} prices.`, { category: "VALIDATION" })
      : StepResult.ok({ priced: prices.prices });
  })
  .pipeline("stress", "risk.exposure", { params: { scenario: "rates +1 %" } })
  .build();

const spine = await orThrow(createSpine({ store: memory(), pipelines, groups: [closeOfDay], workflows: [report] }));

console.log("What can be run by name:");
for (const { name } of spine.workflows.list()) console.log(`  workflow ${name}`);
for (const { name } of spine.groups.list()) console.log(`  group    ${name}`);
for (const { key } of spine.pipelines.list()) console.log(`  pipeline ${key}`);

// One door for all three kinds, as the command line and schedules use it.
for (const name of ["risk.report", "risk.close_of_day", "risk.exposure"]) {
  const run = await orThrow(spine.run(name, { params: { day: "2025-06-06" } }));
  console.log(`\n${run.kind} ${run.name}: ${run.status}, ${run.counts.completed} of ${run.counts.total} steps`);
  for (const { step, kind, status } of run.steps) console.log(`  ${step.padEnd(9)} ${kind.padEnd(8)} ${status}`);

  // The group inside the workflow is a run of its own, child of the other: same trace, its own history.
  const children = await orThrow(spine.store.history.list({ parentRunId: run.runId }));
  for (const child of children)
    console.log(`  child: ${child.kind} ${child.name} ${child.status}, same trace: ${child.traceId === run.traceId}`);
}

// What the child does decides what its step does: the gate sees one price too few and the run ends there.
const short = await spine.workflows.run(report, { params: { day: "2025-06-06", missing: 1 } });
short.match(
  ({ status, error, errorStep }) => console.log(`\nOne price missing: ${status} at "${errorStep}": ${error?.message}`),
  (error) => console.log(error.message),
);

await orThrow(spine.close());
