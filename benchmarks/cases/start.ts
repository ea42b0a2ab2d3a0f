import { memory, orThrow } from "@spine/core";
import { createSpine, defineWorkflow, Step } from "@spine/orchestration";
import type { BenchCase } from "../bench.ts";

const startsPerRound = 200;

/** What it costs to have an instance, and to have one and run a workflow of one step on it. Only reported. */
export const start: BenchCase = {
  name: "start",
  open: async () => ({
    benches: [
      { name: "create-spine-memory", unit: "µs", measured: () => startCost(0) },
      { name: "create-spine-memory-one-run", unit: "µs", measured: () => startCost(1) },
    ],
  }),
};

const workflow = defineWorkflow({ name: "bench.start", steps: [Step.lambda("only", () => undefined)] });

async function startCost(runs: number): Promise<number> {
  const startedMs = performance.now();
  for (let count = 0; count < startsPerRound; count += 1) {
    const spine = await orThrow(createSpine({ store: memory(), workflows: [workflow] }));
    for (let run = 0; run < runs; run += 1) await orThrow(spine.workflows.run(workflow.name));
    await orThrow(spine.close());
  }
  return ((performance.now() - startedMs) * 1000) / startsPerRound;
}
