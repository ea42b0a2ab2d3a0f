import type { Json, JsonObject, Schema, SchemaInput, SchemaOutput } from "@spine/core";
import type { Expression } from "./condition.ts";
import type { WorkflowContext } from "./context.ts";
import { type AnyPipelineKey, type AnyStep, type OutputOfKey, type ParamsOfKey, Step } from "./step.ts";
import type { GroupStepOptions } from "./steps/group.ts";
import type { LambdaHandler, LambdaOptions } from "./steps/lambda.ts";
import type { MapOptions } from "./steps/map.ts";
import type { ApprovalOptions } from "./steps/approval.ts";
import type { PipelineStepOptions } from "./steps/pipeline.ts";
import type { WaitOptions } from "./steps/wait.ts";
import type { WorkflowStepOptions } from "./steps/workflow.ts";
import type { OutputOfReturn } from "./step-result.ts";
import { defineWorkflow, type Workflow, type WorkflowSettings } from "./workflow.ts";

/**
 * What the types know at one point of a workflow: outputs that are there for sure, outputs of the branch we are on, and the names
 * at which the branch ends. After a branch its outputs are `T | undefined` (design 4.3).
 */
interface Scope {
  readonly sure: object;
  readonly branch: object;
  /** Names of steps that begin another branch of the same choice. */
  readonly targets: string;
  readonly join: string;
  readonly onBranch: boolean;
}

interface Start extends Scope {
  readonly sure: unknown & object;
  readonly branch: unknown & object;
  readonly targets: never;
  readonly join: never;
  readonly onBranch: false;
}

type Optional<T> = { readonly [K in keyof T]: T[K] | undefined };
type Named<Name extends string, Output> = [Output] extends [never] ? unknown : { readonly [K in Name]: Output };
type Visible<S extends Scope> = Simplify<S["sure"] & S["branch"]>;
type Simplify<T> = { [K in keyof T]: T[K] };

/** The scope at a step of this name: it may end the branch we are on, by beginning another or by being where they meet. */
type Enter<S extends Scope, Name extends string> = Name extends S["join"]
  ? { sure: S["sure"] & Optional<S["branch"]>; branch: object; targets: never; join: never; onBranch: false }
  : Name extends S["targets"]
    ? {
        sure: S["sure"] & Optional<S["branch"]>;
        branch: object;
        targets: S["targets"];
        join: S["join"];
        onBranch: true;
      }
    : S;

type Add<S extends Scope, Name extends string, Output> = S["onBranch"] extends true
  ? {
      sure: S["sure"];
      branch: S["branch"] & Named<Name, Output>;
      targets: S["targets"];
      join: S["join"];
      onBranch: true;
    }
  : {
      sure: S["sure"] & Named<Name, Output>;
      branch: S["branch"];
      targets: S["targets"];
      join: S["join"];
      onBranch: false;
    };

/** A choice inside a branch is read with care: what it may pass over joins the outer branch's names. */
type Branch<
  S extends Scope,
  Then extends string,
  Otherwise extends string,
  Join extends string,
> = S["onBranch"] extends true
  ? {
      sure: S["sure"];
      branch: S["branch"];
      targets: S["targets"] | Then | Otherwise | Join;
      join: S["join"];
      onBranch: true;
    }
  : { sure: S["sure"]; branch: object; targets: Then | Otherwise; join: Join; onBranch: true };

export interface BuilderChoice<Params, Outputs, Then extends string, Otherwise extends string, Join extends string> {
  readonly when: Expression | ((context: WorkflowContext<Params, Outputs>) => boolean);
  readonly then: Then;
  readonly otherwise?: Otherwise;
  readonly join?: Join;
  readonly version?: string;
}

/** Writes a workflow step by step and keeps the types of what earlier steps return. */
export interface WorkflowBuilder<Params, Given = unknown, S extends Scope = Start> {
  /** A step that does a registered pipeline's work. */
  pipeline<const Name extends string, Key extends AnyPipelineKey>(
    name: Name,
    pipeline: Key,
    options?: PipelineStepOptions<ParamsOfKey<Key>>,
  ): WorkflowBuilder<Params, Given, Add<Enter<S, Name>, Name, OutputOfKey<Key>>>;
  /** Light glue; gets the context with everything earlier steps gave. */
  lambda<const Name extends string, R>(
    name: Name,
    handler: (
      context: WorkflowContext<Params, Visible<Enter<S, Name>>>,
      config: Readonly<Record<string, unknown>>,
    ) => R,
    options?: LambdaOptions,
  ): WorkflowBuilder<Params, Given, Add<Enter<S, Name>, Name, OutputOfReturn<R>>>;
  /** Goes on with one step or another; both lie further down. */
  choice<
    const Name extends string,
    const Then extends string,
    const Otherwise extends string = never,
    const Join extends string = never,
  >(
    name: Name,
    options: BuilderChoice<Params, Visible<Enter<S, Name>>, Then, Otherwise, Join>,
  ): WorkflowBuilder<
    Params,
    Given,
    Branch<
      Add<Enter<S, Name>, Name, { readonly result: boolean; readonly branch: "then" | "otherwise" }>,
      Then,
      Otherwise,
      Join
    >
  >;
  /** Runs a group as a child run. */
  group<const Name extends string>(
    name: Name,
    group: string,
    options?: GroupStepOptions,
  ): WorkflowBuilder<Params, Given, Add<Enter<S, Name>, Name, GroupOutput>>;
  /** Runs another workflow as a child run, or starts it and goes on. */
  workflow<const Name extends string, const Detached extends boolean = false>(
    name: Name,
    workflow: string,
    options?: WorkflowStepOptions & { readonly detached?: Detached },
  ): WorkflowBuilder<
    Params,
    Given,
    Add<Enter<S, Name>, Name, Detached extends true ? { readonly runId: string } : GroupOutput>
  >;
  /** Waits for time to pass, an instant, a signal or a partition; nobody owns the run meanwhile. */
  wait<const Name extends string>(
    name: Name,
    options: WaitOptions,
  ): WorkflowBuilder<Params, Given, Add<Enter<S, Name>, Name, WaitOutput>>;
  /** Does the same for each of any number of items; each is done once, whatever ends the process. */
  map<const Name extends string>(
    name: Name,
    options: MapOptions,
  ): WorkflowBuilder<Params, Given, Add<Enter<S, Name>, Name, MapOutput>>;
  /** Waits until somebody approves or rejects. */
  approval<const Name extends string>(
    name: Name,
    options?: ApprovalOptions,
  ): WorkflowBuilder<Params, Given, Add<Enter<S, Name>, Name, ApprovalOutput>>;
  /** The workflow. Throws `WORKFLOW_INVALID` on a mistake in program text. */
  build(): Workflow<Given, Partial<Simplify<S["sure"] & Optional<S["branch"]>>>>;
}

export interface GroupOutput {
  readonly runId: string;
  readonly status: string;
  readonly batchId: string | null;
  readonly outputs: Readonly<Record<string, Json>>;
}

/** What a wait step leaves: when it was to end, or the signal that ended it. */
export interface WaitOutput {
  readonly until?: string;
  readonly waitedMs?: number;
  readonly signal?: string;
  readonly payload?: Json;
  readonly sentAt?: string;
}

/** What a map step leaves: counts, and results by item when these are not too many; else read `context.results(step)`. */
export interface MapOutput {
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
  readonly results?: readonly Json[];
}

export interface ApprovalOutput {
  readonly approved: boolean;
  readonly by: string | null;
  readonly comment: string | null;
}

/**
 * Begins a workflow.
 * @example
 * workflow("prices.daily", { params: z.object({ symbol: z.string() }) })
 *   .pipeline("fetch", "prices.fetch_daily")
 *   .lambda("check", ({ outputs }) => outputs.fetch.rows > 0)
 *   .build();
 */
export function workflow<S extends Schema = Schema<unknown, JsonObject>, const Defaults extends object = object>(
  name: string,
  settings: WorkflowSettings & { readonly params?: S; readonly defaults?: Defaults } = {},
): WorkflowBuilder<ParamsIn<S, Defaults>, ParamsGiven<S, Defaults>> {
  // The typed builder is a view of the untyped one: types are all it adds.
  return createBuilder(name, settings, []) as never;
}

/** Parameters as steps see them: the defaults, and over them what the schema makes of the run's. */
export type ParamsIn<S extends Schema, Defaults> = Simplify<Omit<Defaults, keyof SchemaOutput<S>> & SchemaOutput<S>>;

/** Parameters as a run gives them: what the schema takes, of which defaults may be left out. */
export type ParamsGiven<S extends Schema, Defaults> = Simplify<
  Omit<SchemaInput<S>, keyof Defaults> &
    Partial<Pick<SchemaInput<S>, keyof Defaults & keyof SchemaInput<S>>> &
    Partial<Record<Exclude<keyof Defaults, keyof SchemaInput<S>>, unknown>>
>;

interface UntypedBuilder {
  pipeline(name: string, pipeline: string, options?: PipelineStepOptions): UntypedBuilder;
  lambda(name: string, handler: LambdaHandler, options?: LambdaOptions): UntypedBuilder;
  choice(name: string, options: Parameters<typeof Step.choice>[1]): UntypedBuilder;
  group(name: string, group: string, options?: GroupStepOptions): UntypedBuilder;
  workflow(name: string, workflow: string, options?: WorkflowStepOptions): UntypedBuilder;
  wait(name: string, options: WaitOptions): UntypedBuilder;
  map(name: string, options: MapOptions): UntypedBuilder;
  approval(name: string, options?: ApprovalOptions): UntypedBuilder;
  build(): Workflow;
}

function createBuilder(
  name: string,
  settings: WorkflowSettings & { readonly params?: Schema },
  steps: readonly AnyStep[],
): UntypedBuilder {
  const and = (step: AnyStep): UntypedBuilder => createBuilder(name, settings, [...steps, step]);
  return Object.freeze({
    pipeline: (step: string, pipeline: string, options?: PipelineStepOptions) =>
      and(Step.pipeline(step, Step.dynamic(pipeline), options)),
    lambda: (step: string, handler: LambdaHandler, options?: LambdaOptions) => and(Step.lambda(step, handler, options)),
    choice: (step: string, options: Parameters<typeof Step.choice>[1]) => and(Step.choice(step, options)),
    group: (step: string, group: string, options?: GroupStepOptions) => and(Step.group(step, group, options)),
    workflow: (step: string, called: string, options?: WorkflowStepOptions) =>
      and(Step.workflow(step, called, options)),
    wait: (step: string, options: WaitOptions) => and(Step.wait(step, options)),
    map: (step: string, options: MapOptions) => and(Step.map(step, options)),
    approval: (step: string, options?: ApprovalOptions) => and(Step.approval(step, options)),
    build: () => defineWorkflow({ ...settings, name, steps }),
  });
}
