// Groups (v1): a static DAG of pipelines. Steps share parameters, never data; the whole plan is known before anything runs.

import { setTimeout as wait } from "node:timers/promises";
import { definePipeline, memory, orThrow, type PipelinesOf } from "@spine/core";
import { createSpine, defineGroup, type Group, type Run } from "@spine/orchestration";
import { parseGroupYaml } from "@spine/orchestration/yaml";
import { z } from "zod";

// Three pipelines that only pretend to work: this example is about the order in which they do.
const params = z.object({ day: z.iso.date(), currency: z.string(), published: z.boolean().default(true) });
let log: string[] = [];
async function pretend(name: string): Promise<void> {
  log.push(`${name}(`);
  await wait(5);
  log.push(`)${name}`);
}
const loadTrades = definePipeline({ key: "settlement.load_trades", params, run: () => pretend("trades") });
const loadRates = definePipeline({
  key: "settlement.load_rates",
  params,
  async run({ params: { published, day } }) {
    await pretend("rates");
    if (!published) throw new Error(`The rates of ${day} are not published yet.`);
  },
});
const report = definePipeline({
  key: "settlement.report",
  params,
  run: ({ params: { currency } }) => pretend(currency),
});

const pipelines = [loadTrades, loadRates, report] as const;
declare module "@spine/core" {
  interface Pipelines extends PipelinesOf<typeof pipelines> {}
}

// 1. A group in TypeScript. One pipeline may serve several steps: `value` needs both loads, `count` only the trades.
const nightly = defineGroup({
  name: "settlement.nightly",
  defaults: { currency: "USD" },
  steps: [
    { name: "trades", pipeline: "settlement.load_trades" },
    { name: "rates", pipeline: "settlement.load_rates" },
    { name: "value", pipeline: "settlement.report", dependsOn: ["trades", "rates"], params: { currency: "EUR" } },
    { name: "count", pipeline: "settlement.report", dependsOn: ["trades"] },
  ],
});
const spine = await orThrow(createSpine({ store: memory(), pipelines, groups: [nightly] }));

// 2. The plan: an order in which everything comes after what it needs, and the parameters each step will get.
// Defaults < the run's parameters < the step's own, so `value` is in EUR whatever the run says.
const day = "2025-06-06";
const plan = orThrow(spine.groups.plan("settlement.nightly", { params: { day, currency: "GBP" } }));
console.log("Plan:");
for (const { order, level, name, params: merged } of plan.steps)
  console.log(`  ${order}  level ${level}  ${name.padEnd(6)}  ${JSON.stringify(merged)}`);

// 3. A group as YAML, for people who do not write TypeScript. It gives the same object: what runs it cannot tell the two apart.
function nightlyAs(execution: string, onFailure: string): Group {
  const text = `
apiVersion: spine.io/v1
kind: PipelineGroup
metadata: { name: settlement.nightly }
spec:
  defaults: { currency: USD }
  policy: { execution: ${execution}, on_failure: ${onFailure} }
  pipelines:
    - { name: trades, pipeline: settlement.load_trades }
    - { name: rates, pipeline: settlement.load_rates }
    - { name: value, pipeline: settlement.report, depends_on: [trades, rates], params: { currency: EUR } }
    - { name: count, pipeline: settlement.report, depends_on: [trades] }
`;
  return orThrow(parseGroupYaml(text, { file: "nightly.yaml" }));
}

async function run(group: Group, published = true): Promise<void> {
  log = [];
  const result = await spine.groups.run(group, { params: { day, published } });
  console.log(`\n${group.policy.execution}, on failure ${group.policy.onFailure}:`);
  // Ok says that the run took place and is recorded. Whether it went well is its status.
  result.match(show, (error) => console.log(`  not started: ${error.message}`));
}
function show({ status, steps, error }: Run): void {
  console.log(`  ${status}  ${log.join(" ")}`);
  if (error !== undefined) console.log(`  ${error.message}`);
  for (const { step, status: end, reason } of steps) if (end === "SKIPPED") console.log(`  ${step} SKIPPED: ${reason}`);
}

// 4. Parallel begins whatever its dependencies allow, up to `max_concurrency` at once; sequential goes one by one.
await run(nightly);
await run(nightlyAs("parallel", "stop"));

// 5. When a step fails, `stop` begins nothing more (FAILED); `continue` leaves out only what depended on it (PARTIAL).
await run(nightlyAs("sequential", "stop"), false);
await run(nightlyAs("sequential", "continue"), false);

// 6. Mistakes are found before anything runs: in a file with line and column, in a graph with the whole circle.
const misspelt = parseGroupYaml("name: nightly\nsteps:\n  - { name: a, pipeline: x.y, depend_on: [b] }", {
  file: "bad.yaml",
});
const circle = defineGroup({
  name: "settlement.circle",
  steps: [
    { name: "first", pipeline: "settlement.report", dependsOn: ["second"] },
    { name: "second", pipeline: "settlement.report", dependsOn: ["first"] },
  ],
});
console.log("\nMistakes:");
for (const result of [misspelt, spine.groups.plan(circle)])
  if (result.isErr()) console.log(`  ${result.error.code}: ${result.error.message}`);

await orThrow(spine.close());
