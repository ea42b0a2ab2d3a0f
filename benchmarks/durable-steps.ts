import { orThrow } from "@spine/core";
import { defineWorkflow, type Spine, Step, type Workflow } from "@spine/orchestration";

/** About what a step writes for history: the row that a floor inserts. */
export const floorPayload = "x".repeat(400);

export function noOpSteps(steps: number): Workflow {
  return defineWorkflow({
    name: `bench.durable_${steps}`,
    steps: Array.from({ length: steps }, (_, index) => Step.lambda(`step_${index}`, () => undefined)),
  });
}

/** Microseconds for each step of runs that are under way at the same time. */
export async function durableStepCost(spine: Spine, workflow: Workflow, runsAtOnce = 1): Promise<number> {
  const startedMs = performance.now();
  const runs = Array.from({ length: runsAtOnce }, () => orThrow(spine.workflows.run(workflow)));
  for (const { status, counts } of await Promise.all(runs))
    if (status !== "COMPLETED" || counts.completed !== workflow.steps.length) throw new Error(`a run ended ${status}`);
  return ((performance.now() - startedMs) * 1000) / (workflow.steps.length * runsAtOnce);
}
