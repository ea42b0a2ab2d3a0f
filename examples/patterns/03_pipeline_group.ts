// Groups (v1): a static DAG of pipelines. Steps share parameters, never data; the whole plan is known before anything runs.

import { definePipeline, memory, orThrow, type PipelinesOf } from "@spine/core";
import { createSpine, defineGroup, type Plan, type Run } from "@spine/orchestration";
import { groupToYaml, parseGroupYaml } from "@spine/orchestration/yaml";
import { z } from "zod";

const params = z.object({ day: z.iso.date(), currency: z.string(), broken: z.boolean().default(false) });

const loadTrades = definePipeline({ key: "settlement.load_trades", params, run: () => ({ trades: 120 }) });
const loadRates = definePipeline({
  key: "settlement.load_rates",
  params,
  // A Result or a throw: both fail the step.
  run({ params: { broken, day } }) {
    if (broken) throw new Error(`The rates of ${day} are not published yet.`);
    return { rates: 30 };
  },
});
const valueTrades = definePipeline({
  key: "settlement.value_trades",
  params,
  run: ({ params: { currency } }) => ({ currency }),
});
const countTrades = definePipeline({ key: "settlement.count_trades", params, run: () => ({ checked: true }) });

const pipelines = [loadTrades, loadRates, valueTrades, countTrades] as const;
declare module "@spine/core" {
  interface Pipelines extends PipelinesOf<typeof pipelines> {}
}

// 1. The group in TypeScript. `count` needs only the trades, `value` needs both loads.
const nightly = defineGroup({
  name: "settlement.nightly",
  domain: "settlement",
  defaults: { currency: "USD" },
  steps: [
    { name: "trades", pipeline: "settlement.load_trades" },
    { name: "rates", pipeline: "settlement.load_rates" },
    { name: "value", pipeline: "settlement.value_trades", dependsOn: ["trades", "rates"], params: { currency: "EUR" } },
    { name: "count", pipeline: "settlement.count_trades", dependsOn: ["trades"] },
  ],
});
const spine = await orThrow(createSpine({ store: memory(), pipelines, groups: [nightly] }));

// 2. The plan: an order in which everything comes after what it needs, and the parameters each step will get.
// Defaults < the run's parameters < the step's own: `value` is in EUR whatever the run says.
function show(plan: Plan): void {
  for (const { order, level, name, params: merged } of plan.steps)
    console.log(`  ${order} level ${level} ${name.padEnd(6)} ${JSON.stringify(merged)}`);
}
console.log("Plan:");
show(await orThrow(spine.groups.plan("settlement.nightly", { params: { day: "2025-06-06", currency: "GBP" } })));

// 3. The same group as YAML, for people who do not write TypeScript. It is the same object, so everything below works on both.
const yaml = groupToYaml(nightly).replace("spec:", "spec:\n  policy:\n    execution: parallel\n    on_failure: continue").replace(/\n  policy:\n    execution: sequential[\s\S]*$/, "\n");
const parallel = orThrow(parseGroupYaml(yaml, { file: "nightly.yaml" }));
console.log(yaml);

function report(title: string, run: Run): void {
  console.log(`${title}: ${run.status}`);
  for (const { step, status, reason, error } of run.steps)
    console.log(`  ${step.padEnd(6)} ${status.padEnd(9)} ${reason ?? error?.message ?? ""}`);
}
const day = "2025-06-06";
report("Sequential, all is well", await orThrow(spine.groups.run(nightly, { params: { day } })));
