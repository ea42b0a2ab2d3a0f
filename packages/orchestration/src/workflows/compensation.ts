import type { ExecutableStep } from "../engine/executable.ts";
import type { Step } from "./step-kind.ts";
import { pipelineKind, pipelineStep } from "./steps/pipeline.ts";

/** The name under which a compensation stands in history. */
export function compensationName(step: string): string {
  return `undo-${step}`;
}

/** A compensation as a step; the output of the step it makes good is its parameter `output`. */
export function compensationStep(step: Step): ExecutableStep {
  const { pipeline = "", params = {} } = step.compensate ?? {};
  const own = pipelineStep(compensationName(step.name), pipeline, { params });
  return {
    name: own.name,
    kind: "compensation",
    onError: "continue",
    retry: { maxAttempts: 3 },
    timeoutMs: undefined,
    execute(context, scope) {
      const output = context.getOutput(step.name);
      const given = output === undefined ? context : context.withUpdates({ output });
      return pipelineKind.execute(own, given, scope);
    },
  };
}
