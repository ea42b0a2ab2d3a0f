import type { Pipeline, Schema } from "@spine/core";
import { expectOk } from "@spine/testkit";
import {
  defineWorkflow,
  type Group,
  type RunOptions,
  type UntypedOutputs,
  type Workflow,
  type WorkflowDefinition,
  type WorkflowRun,
  type WorkflowSettings,
} from "../../src/index.ts";
import { type OpenedSpine, openSpine, type SpineGiven } from "./open-spine.ts";
import { passTime } from "./pass-time.ts";

export type Steps = WorkflowDefinition["steps"];

export interface FlowGiven extends WorkflowSettings {
  readonly schema?: Schema;
  readonly pipelines?: readonly Pipeline[];
  readonly groups?: readonly Group[];
  readonly run?: RunOptions;
  readonly spine?: SpineGiven;
}

export interface RanFlow extends OpenedSpine {
  readonly workflow: Workflow;
  readonly run: WorkflowRun<UntypedOutputs>;
}

/** A workflow named `test.flow` of these steps. */
export function flow(steps: Steps, settings: WorkflowSettings & { readonly schema?: Schema } = {}): Workflow {
  const { schema, ...rest } = settings;
  return defineWorkflow({ ...rest, name: "test.flow", steps, ...(schema === undefined ? {} : { params: schema }) });
}

/** A spine that knows `test.flow`, made of these steps, and nothing has run yet. */
export async function openFlow(
  steps: Steps,
  given: Omit<FlowGiven, "run"> = {},
): Promise<OpenedSpine & { readonly workflow: Workflow }> {
  const { pipelines = [], groups = [], spine = {}, ...settings } = given;
  const workflow = flow(steps, settings);
  const workflows = [workflow, ...(spine.workflows ?? [])];
  return { workflow, ...(await openSpine({ pipelines, groups, ...spine, workflows })) };
}

/** Runs a workflow of these steps to its end, however long it waits by its clock. */
export async function runFlow(steps: Steps, given: FlowGiven = {}): Promise<RanFlow> {
  const { run: options, ...rest } = given;
  const opened = await openFlow(steps, rest);
  const run = await passTime(opened.clock, expectOk(opened.spine.workflows.run("test.flow", options)));
  return { ...opened, run };
}
