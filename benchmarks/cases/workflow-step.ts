import { orThrow } from "@spine/core";
import { defineWorkflow, Step, type Workflow, WorkflowRunner } from "@spine/orchestration";
import type { BenchCase } from "../bench.ts";

const shortSteps = 10;
const longSteps = 10_000;
/** Steps a round, so that a short workflow runs as many of them as a long one. */
const stepsPerRound = 20_000;

/** What a step costs in memory, without store and listeners, over an awaited call of an async function; alike for few and many. */
export const workflowStep: BenchCase = {
  name: "workflow-step",
  open: async () => {
    const short = noOpWorkflow(shortSteps);
    const long = noOpWorkflow(longSteps);
    return {
      benches: [
        {
          name: "workflow-step-10",
          unit: "ns/step",
          goal: 60,
          measured: () => stepCost(short),
          floor: awaitedCallCost,
        },
        {
          name: "workflow-step-10000",
          unit: "ns/step",
          goal: 60,
          measured: () => stepCost(long),
          floor: awaitedCallCost,
        },
        {
          name: "workflow-step-10-vs-10000",
          unit: "ns/step",
          goal: 1.5,
          measured: () => stepCost(short),
          floor: () => stepCost(long),
          // Neither may be the cheap one.
          ratio: (few, many) => Math.max(few / many, many / few),
        },
        {
          name: "workflow-step-output-10000",
          unit: "ns/step",
          measured: outputCost(longSteps),
          floor: awaitedCallCost,
        },
      ],
    };
  },
};

function noOpWorkflow(steps: number): Workflow {
  return workflowOf(steps, () => undefined);
}

function outputCost(steps: number): () => Promise<number> {
  const workflow = workflowOf(steps, () => ({ recordCount: 1 }));
  return () => stepCost(workflow);
}

function workflowOf(steps: number, handler: () => unknown): Workflow {
  return defineWorkflow({
    name: `bench.steps_${steps}`,
    steps: Array.from({ length: steps }, (_, index) => Step.lambda(`step_${index}`, handler)),
  });
}

async function stepCost(workflow: Workflow): Promise<number> {
  const runner = new WorkflowRunner();
  const startedMs = performance.now();
  for (let done = 0; done < stepsPerRound; done += workflow.steps.length) await orThrow(runner.run(workflow));
  return ((performance.now() - startedMs) * 1e6) / stepsPerRound;
}

async function awaitedCallCost(): Promise<number> {
  const calls = 500_000;
  const startedMs = performance.now();
  let sum = 0;
  for (let call = 0; call < calls; call += 1) sum += await noOp(call);
  const costNs = ((performance.now() - startedMs) * 1e6) / calls;
  if (sum !== (calls * (calls - 1)) / 2) throw new Error("the floor lost calls");
  return costNs;
}

async function noOp(value: number): Promise<number> {
  return value;
}
