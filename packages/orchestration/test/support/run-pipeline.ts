import type { PipelineContext } from "@spine/core";
import { type RetryPolicy, Step } from "../../src/index.ts";
import { keyOf, stub } from "./pipelines.ts";
import { type FlowGiven, type RanFlow, runFlow } from "./run-steps.ts";

export interface PipelineGiven extends FlowGiven {
  readonly retry?: RetryPolicy;
}

/** Runs a workflow of two steps: `ingest`, a pipeline that does this, and `after`. */
export function runPipeline(work: (context: PipelineContext) => unknown, given: PipelineGiven = {}): Promise<RanFlow> {
  const { retry, ...rest } = given;
  const ingest = stub("prices.ingest", work);
  const steps = [
    Step.pipeline("ingest", keyOf(ingest), retry === undefined ? {} : { retry }),
    Step.lambda("after", () => ({})),
  ];
  return runFlow(steps, { pipelines: [ingest], ...rest });
}
