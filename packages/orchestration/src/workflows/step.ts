import type { PipelineKey, Pipelines, TypedPipelineKey } from "@spine/core";
import { type ChoiceOptions, choiceStep } from "./steps/choice.ts";
import { type GroupStepOptions, groupStep } from "./steps/group.ts";
import { type LambdaHandler, type LambdaOptions, lambdaStep } from "./steps/lambda.ts";
import { type ApprovalOptions, approvalStep } from "./steps/approval.ts";
import { type MapOptions, mapStep } from "./steps/map.ts";
import { type PipelineStepOptions, pipelineStep } from "./steps/pipeline.ts";
import { type WaitOptions, waitStep } from "./steps/wait.ts";
import { type WorkflowStepOptions, workflowStep } from "./steps/workflow.ts";
import type { Step as AnyStep } from "./step-kind.ts";

/** Parameters of a declared pipeline, or any when the key is not declared. */
export type ParamsOfKey<Key> =
  Key extends TypedPipelineKey<infer Params, unknown>
    ? Params
    : Key extends keyof Pipelines
      ? Pipelines[Key] extends { readonly params: infer Params }
        ? Params
        : never
      : Readonly<Record<string, unknown>>;

/** What a declared pipeline returns, or `unknown` when the key is not declared. */
export type OutputOfKey<Key> =
  Key extends TypedPipelineKey<unknown, infer Output>
    ? Output
    : Key extends keyof Pipelines
      ? Pipelines[Key] extends { readonly output: infer Output }
        ? Output
        : never
      : unknown;

/** A declared key, or one that carries its own types. */
export type AnyPipelineKey = PipelineKey | TypedPipelineKey<unknown, unknown>;

/** The steps of a workflow, one function for each kind. */
export const Step = Object.freeze({
  /** Does the work of a registered pipeline; parameters come from the context by name, `params` win. */
  pipeline: <Key extends AnyPipelineKey>(
    name: string,
    pipeline: Key,
    options: PipelineStepOptions<ParamsOfKey<Key>> = {},
  ): AnyStep => pipelineStep(name, pipeline, options as PipelineStepOptions) as unknown as AnyStep,
  /** Light glue: validates, routes, notifies. May return a StepResult, a Result, an object (the output), a boolean or nothing. */
  lambda: (name: string, handler: LambdaHandler, options: LambdaOptions = {}): AnyStep =>
    lambdaStep(name, handler, options) as unknown as AnyStep,
  /** Goes on with one step or another. */
  choice: (name: string, options: ChoiceOptions): AnyStep => choiceStep(name, options) as unknown as AnyStep,
  /** Runs a group as a child of this run. */
  group: (name: string, group: string, options: GroupStepOptions = {}): AnyStep =>
    groupStep(name, group, options) as unknown as AnyStep,
  /** Runs another workflow as a child of this run, or starts it and goes on. */
  workflow: (name: string, workflow: string, options: WorkflowStepOptions = {}): AnyStep =>
    workflowStep(name, workflow, options) as unknown as AnyStep,
  /** Waits for time to pass, an instant, a signal or a partition; nobody owns the run meanwhile. */
  wait: (name: string, options: WaitOptions): AnyStep => waitStep(name, options) as unknown as AnyStep,
  /** Does the same for each of any number of items; each is done once, whatever ends the process. */
  map: (name: string, options: MapOptions): AnyStep => mapStep(name, options) as unknown as AnyStep,
  /** Waits until somebody approves or rejects. */
  approval: (name: string, options: ApprovalOptions = {}): AnyStep => approvalStep(name, options) as unknown as AnyStep,
  /** A pipeline key that no type declares: from YAML, a database, an untyped plugin. Its output is `unknown`. */
  dynamic: (key: string): TypedPipelineKey<Readonly<Record<string, unknown>>, unknown> =>
    key as TypedPipelineKey<Readonly<Record<string, unknown>>, unknown>,
});

export type { AnyStep };
