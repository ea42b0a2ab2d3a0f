import { didYouMean, encodeJsonObject, type JsonObject, OrchestrationError, parseKey, type Schema } from "@spine/core";
import type { FunctionWriter } from "../document/functions.ts";
import { compensationName } from "./compensation.ts";
import { type ConcurrencyLimit, mistakeInConcurrency } from "./concurrency.ts";
import { topologicalOrder } from "./ancestors.ts";
import type { Step, StepKind } from "./step-kind.ts";

declare const outputsType: unique symbol;
declare const paramsType: unique symbol;

/**
 * A named list of steps; each gets the context and returns a StepResult (v2). Frozen data: the builder, `defineWorkflow`, and later
 * JSON and YAML are ways to write the same object, and runners read only this.
 */
export interface Workflow<Params = unknown, Outputs = unknown> {
  readonly name: string;
  readonly domain: string | undefined;
  readonly description: string | undefined;
  readonly version: string;
  readonly tags: readonly string[];
  readonly defaults: JsonObject;
  readonly params: Schema | undefined;
  readonly steps: readonly Step[];
  /** Limit of a run, in milliseconds. */
  readonly timeoutMs: number | undefined;
  /** Steps that may run at once, where steps depend on each other. */
  readonly maxConcurrency: number;
  readonly concurrency: ConcurrencyLimit | undefined;
  /** Only for types; never there at run time. */
  readonly [outputsType]?: Outputs;
  readonly [paramsType]?: Params;
}

export interface WorkflowSettings {
  readonly domain?: string;
  readonly description?: string;
  /** @defaultValue "1" */
  readonly version?: string;
  readonly tags?: readonly string[];
  /** Parameters for runs that do not give them: defaults < run parameters. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  readonly timeoutMs?: number;
  /** Steps that may run at once, where steps depend on each other. @defaultValue 4 */
  readonly maxConcurrency?: number;
  /** How many runs may be under way at once. @defaultValue as many as are started */
  readonly concurrency?: ConcurrencyLimit;
}

export interface WorkflowDefinition extends WorkflowSettings {
  readonly name: string;
  readonly params?: Schema;
  readonly steps: readonly Step[];
}

/**
 * Declares a workflow from a list of steps. Throws on a mistake in program text (`WORKFLOW_INVALID`, `KEY_INVALID`): two steps of one
 * name, an unknown or backward target of a choice (the text names the near one).
 * @example
 * defineWorkflow({ name: "prices.daily", steps: [
 *   Step.pipeline("fetch", "prices.fetch_daily"),
 *   Step.lambda("check", (context) => context.getOutput("fetch", "rows", 0) > 0),
 * ] });
 */
export function defineWorkflow<Params = unknown, Outputs = unknown>(
  definition: WorkflowDefinition,
): Workflow<Params, Outputs> {
  const { name, steps } = definition;
  const key = parseKey("Workflow", name);
  if (key.isErr()) throw key.error;
  const positions = new Map<string, number>();
  for (const [position, step] of steps.entries()) {
    if (!/^[A-Za-z_][\w-]*$/.test(step.name))
      throw invalid(name, `step name ${JSON.stringify(step.name)} is not a word of letters, digits, _ and -`);
    if (positions.has(step.name)) throw invalid(name, `two steps are named "${step.name}". Rename one of them`);
    positions.set(step.name, position);
  }
  for (const [position, step] of steps.entries()) checkStep(name, step, position, positions);
  const { timeoutMs } = definition;
  if (timeoutMs !== undefined && !(timeoutMs > 0)) throw invalid(name, `timeoutMs is ${timeoutMs}; it must be above 0`);
  checkGraph(name, steps, positions);
  const { maxConcurrency = 4, concurrency } = definition;
  if (!Number.isInteger(maxConcurrency) || maxConcurrency < 1)
    throw invalid(name, `maxConcurrency is ${maxConcurrency}; it must be a whole number of at least 1`);
  const mistake = concurrency === undefined ? undefined : mistakeInConcurrency(concurrency);
  if (mistake !== undefined) throw invalid(name, mistake);
  const defaults = encodeJsonObject(definition.defaults ?? {});
  if (defaults.isErr()) throw invalid(name, `defaults: ${defaults.error.message}`);
  return Object.freeze({
    name,
    domain: definition.domain,
    description: definition.description,
    version: definition.version ?? "1",
    tags: Object.freeze([...(definition.tags ?? [])]),
    defaults: defaults.value,
    params: definition.params,
    steps: Object.freeze([...steps]),
    timeoutMs,
    maxConcurrency,
    concurrency: concurrency === undefined ? undefined : Object.freeze({ ...concurrency }),
  });
}

/** A workflow as data, with inline functions as `{ inline: version }`: what a run stores to know its definition again. */
export function workflowDocument(workflow: Workflow): JsonObject {
  return {
    apiVersion: "spine.io/v1",
    kind: "Workflow",
    name: workflow.name,
    version: workflow.version,
    ...(workflow.domain === undefined ? {} : { domain: workflow.domain }),
    defaults: workflow.defaults,
    ...(workflow.timeoutMs === undefined ? {} : { timeoutMs: workflow.timeoutMs }),
    ...(workflow.maxConcurrency === 4 ? {} : { maxConcurrency: workflow.maxConcurrency }),
    ...(workflow.concurrency === undefined ? {} : { concurrency: { ...workflow.concurrency } }),
    steps: workflow.steps.map((step) => stepDocument(step)),
  };
}

/** A step as data: its name and type, its own fields, its policies. */
export function stepDocument(step: Step, written?: FunctionWriter): JsonObject {
  return {
    name: step.name,
    type: step.kind.kind,
    ...step.kind.toDocument(step, written),
    ...(step.dependsOn === undefined ? {} : { dependsOn: step.dependsOn }),
    ...(step.compensate === undefined ? {} : { compensate: { ...step.compensate } }),
    ...(step.onError === "stop" ? {} : { onError: step.onError }),
    ...(step.retry === undefined ? {} : { retry: { ...step.retry } }),
    ...(step.timeoutMs === undefined ? {} : { timeoutMs: step.timeoutMs }),
    ...(step.totalTimeoutMs === undefined ? {} : { totalTimeoutMs: step.totalTimeoutMs }),
  };
}

function checkStep(workflow: string, step: Step, position: number, positions: ReadonlyMap<string, number>): void {
  const kind: StepKind = step.kind;
  const mistake = kind.check?.(step);
  if (mistake !== undefined) throw mistake.withContext({ workflow, step: step.name });
  if (step.timeoutMs !== undefined && !(step.timeoutMs > 0))
    throw invalid(workflow, `step "${step.name}" has timeoutMs ${step.timeoutMs}; it must be above 0`);
  if (
    step.retry?.maxAttempts !== undefined &&
    !(Number.isInteger(step.retry.maxAttempts) && step.retry.maxAttempts >= 1)
  ) {
    throw invalid(
      workflow,
      `step "${step.name}" has retry.maxAttempts ${step.retry.maxAttempts}; it must be a whole number of at least 1`,
    );
  }
  const branching = kind.branchingOf?.(step);
  if (branching === undefined) return;
  for (const [role, target] of Object.entries(branching)) {
    if (target === undefined) continue;
    const found = positions.get(target as string);
    if (found === undefined)
      throw invalid(
        workflow,
        `choice "${step.name}": ${role} names "${target}", which is not a step.${didYouMean(target as string, positions.keys())}`,
      );
    if (found <= position && step.dependsOn === undefined)
      throw invalid(
        workflow,
        `choice "${step.name}": ${role} names "${target}", which does not lie after it. A choice can only go forward`,
      );
  }
  const { then, otherwise, join } = branching;
  if (then === otherwise)
    throw invalid(
      workflow,
      `choice "${step.name}": then and otherwise are both "${then}", so there is nothing to choose`,
    );
  if (join === undefined) return;
  const last = Math.max(positions.get(then) ?? 0, otherwise === undefined ? 0 : (positions.get(otherwise) ?? 0));
  if ((positions.get(join) ?? 0) < last)
    throw invalid(workflow, `choice "${step.name}": join "${join}" lies before a branch. Branches meet after both`);
}

/** What steps depend on is there, is not themselves, and leads round in no circle. */
function checkGraph(workflow: string, steps: readonly Step[], positions: ReadonlyMap<string, number>): void {
  for (const { name, dependsOn = [], compensate } of steps) {
    for (const dependency of dependsOn) {
      if (dependency === name) throw invalid(workflow, `step "${name}" depends on itself`);
      if (!positions.has(dependency))
        throw invalid(
          workflow,
          `step "${name}" depends on "${dependency}", which is not a step.${didYouMean(dependency, positions.keys())}`,
        );
    }
    if (compensate !== undefined && positions.has(compensationName(name)))
      throw invalid(workflow, `step "${compensationName(name)}" has the name of the compensation of "${name}"`);
  }
  if (steps.every(({ dependsOn }) => dependsOn === undefined)) return;
  const graph = steps.map(({ dependsOn = [] }) => ({ dependsOn: dependsOn.map((name) => positions.get(name) ?? -1) }));
  for (const [position, step] of steps.entries()) {
    const { then, otherwise } = step.kind.branchingOf?.(step) ?? {};
    for (const target of [then, otherwise]) {
      if (target !== undefined) graph[positions.get(target) ?? -1]?.dependsOn.push(position);
    }
  }
  const ordered = topologicalOrder(graph);
  if (ordered.length === steps.length) return;
  const reached = new Set(ordered);
  const left = steps.filter((_, position) => !reached.has(position)).map(({ name }) => `"${name}"`);
  throw invalid(workflow, `steps ${left.join(", ")} depend on each other in a circle`);
}

function invalid(workflow: string, why: string): OrchestrationError {
  return new OrchestrationError(`Workflow "${workflow}": ${why}${/[.?]$/.test(why) ? "" : "."}`, {
    code: "WORKFLOW_INVALID",
    context: { workflow },
  });
}
