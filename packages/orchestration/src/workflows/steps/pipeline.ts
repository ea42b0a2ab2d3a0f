import {
  encodeJsonObject,
  isSkipped,
  type JsonObject,
  parseOutput,
  parseParams,
  type Pipeline,
  isResult,
  type Result,
  SpineError,
  toSpineError,
} from "@spine/core";
import { z } from "zod";
import { jsonFields, stepForm } from "../../document/step-form.ts";
import { pipelineContext } from "../../engine/pipeline-context.ts";
import type { Outcome } from "../../engine/program.ts";
import type { StepScope } from "../../engine/scope.ts";
import type { WorkflowContext } from "../context.ts";
import { outcomeOf } from "../step-result.ts";
import { policyOf, type StepBase, type StepKind, type StepPolicyOptions } from "../step-kind.ts";

export interface PipelineStepOptions<Params = Readonly<Record<string, unknown>>> extends StepPolicyOptions {
  /** Over the context's parameters; what the pipeline gets is the merge of both, by name. */
  readonly params?: Partial<Params>;
}

export interface PipelineStep extends StepBase {
  readonly kind: StepKind<PipelineStep>;
  readonly pipeline: string;
  readonly params: JsonObject;
}

export const pipelineKind: StepKind<PipelineStep> = Object.freeze<StepKind<PipelineStep>>({
  kind: "pipeline",
  execute: (step, context, scope) => runPipeline(step, context, scope),
  toDocument: ({ pipeline, params }) => ({ pipeline, params }),
  pipelinesOf: ({ pipeline }) => [pipeline],
  form: stepForm({
    fields: { pipeline: z.string().min(1), params: jsonFields.exactOptional() },
    read: (name, { pipeline, ...options }, policy) => pipelineStep(name, pipeline, { ...policy, ...options }),
  }),
});

/** Throws `WORKFLOW_INVALID` when the parameters are not JSON. */
export function pipelineStep(name: string, pipeline: string, options: PipelineStepOptions = {}): PipelineStep {
  const params = encodeJsonObject(options.params ?? {});
  if (params.isErr())
    throw new SpineError("WORKFLOW_INVALID", `Step "${name}", params: ${params.error.message}`, {
      cause: params.error,
    });
  return Object.freeze({ name, kind: pipelineKind, pipeline, params: params.value, ...policyOf(options) });
}

async function runPipeline(step: PipelineStep, context: WorkflowContext, scope: StepScope): Promise<Outcome> {
  const found = scope.environment.pipelines.get(step.pipeline);
  if (found.isErr()) return { status: "FAILED", error: found.error };
  const pipeline = found.value;
  const facts = { pipeline: pipeline.key, step: step.name };
  const params = await parseParams(
    pipeline.params,
    { ...context.paramsObject(), ...step.params },
    { subject: `Pipeline "${pipeline.key}"`, context: facts },
  );
  if (params.isErr()) return { status: "FAILED", error: params.error };
  if (context.isDryRun) return { status: "COMPLETED", output: Object.freeze({ dryRun: true, pipeline: pipeline.key }) };
  try {
    const returned = await pipeline.run(pipelineContext(pipeline, params.value, context, scope));
    // What `commit` recorded is the step's end; what the pipeline returns after it cannot change that.
    return scope.committed() ?? (await outcomeOfReturn(pipeline, step.name, returned));
  } catch (thrown) {
    const error = toSpineError(thrown, "STEP_THREW", facts);
    const committed = scope.committed();
    if (committed === undefined) return { status: "FAILED", error };
    scope.environment.logger.warn("A pipeline failed after its commit; its step is COMPLETED.", {
      ...facts,
      error: error.message,
    });
    return committed;
  }
}

async function outcomeOfReturn(pipeline: Pipeline, step: string, returned: unknown): Promise<Outcome> {
  const value: Result<unknown, unknown> | undefined = isResult(returned) ? returned : undefined;
  if (value?.isErr() === true) {
    return { status: "FAILED", error: toSpineError(value.error, "STEP_THREW", { pipeline: pipeline.key, step }) };
  }
  const given = value === undefined ? returned : value.unwrapOr(undefined);
  if (isSkipped(given)) {
    const output = given.output === undefined ? undefined : await parseOutput(pipeline, given.output);
    if (output?.isErr() === true) return { status: "FAILED", error: output.error };
    return outcomeOf(step, { status: "SKIPPED", reason: given.reason, output: output?.unwrapOr(undefined) });
  }
  const output = await parseOutput(pipeline, given);
  if (output.isErr()) return { status: "FAILED", error: output.error };
  // A pipeline's output is data: `false` is not a refusal here, as it is of a validating lambda.
  return typeof output.value === "boolean"
    ? { status: "COMPLETED", output: output.value }
    : outcomeOf(step, output.value);
}
