import {
  CycleDetectedError,
  err,
  type GroupError,
  type JsonObject,
  newBatchId,
  ok,
  type Pipeline,
  type Registry,
  type Result,
  type SpineError,
} from "@spine/core";
import { type Group, type GroupPolicy, unknownDependency } from "./group.ts";

/** A step of a plan: where in the order it comes, and the parameters it will get. */
export interface PlannedStep {
  readonly name: string;
  readonly pipeline: string;
  readonly dependsOn: readonly string[];
  readonly params: JsonObject;
  /** From 0, in an order in which every step comes after what it depends on. */
  readonly order: number;
  /** Steps of one level depend only on lower levels; from 0. */
  readonly level: number;
}

/** A resolved group: every step with its place and parameters, and one batch id for all of them. */
export interface Plan {
  readonly group: string;
  readonly batchId: string;
  /** The run's parameters over the group's defaults, without those of single steps. */
  readonly params: JsonObject;
  readonly steps: readonly PlannedStep[];
  readonly policy: GroupPolicy;
}

export interface PlanOptions {
  readonly params?: JsonObject;
  /** @defaultValue `group_<name>_<stamp>_<8 hex>`, another one each time */
  readonly batchId?: string;
  /** Given, each step's pipeline must be registered. */
  readonly pipelines?: Registry<Pipeline>;
}

/**
 * Resolves a group: checks dependencies and pipelines, orders steps (Kahn: stable, in the order of the definition where
 * dependencies leave a choice) and merges parameters, `defaults` < run < step (seed 003, D2–D4). Linear in steps and
 * dependencies. Fails with `GROUP_DEPENDENCY_UNKNOWN`, `PIPELINE_NOT_FOUND`, `GROUP_CYCLE` (the text shows the circle).
 */
export function resolvePlan(group: Group, options: PlanOptions = {}): Result<Plan, SpineError> {
  const unregistered = options.pipelines === undefined ? undefined : findUnregistered(group, options.pipelines);
  if (unregistered !== undefined) return err(unregistered);
  const graph = graphOf(group);
  if (graph.isErr()) return err(graph.error);
  const ordered = orderOf(group, graph.value);
  if (ordered.isErr()) return err(ordered.error);
  const params = { ...group.defaults, ...options.params };
  return ok(
    Object.freeze({
      group: group.name,
      batchId: options.batchId ?? newBatchId(`group_${group.name}`),
      params: Object.freeze(params),
      steps: Object.freeze(
        ordered.value.map(({ index, level }, order) => {
          const { name, pipeline, dependsOn, params: own } = group.steps[index] ?? emptyStep;
          return Object.freeze({ name, pipeline, dependsOn, params: mergeParams(params, own), order, level });
        }),
      ),
      policy: group.policy,
    }),
  );
}

const emptyStep = { name: "", pipeline: "", dependsOn: [], params: {} };

/**
 * Merges parameters for one step of a group: `group.defaults` < run < `step.params` (seed 003, D4). Shallow: a nested object is
 * replaced, not merged.
 */
function mergeParams(params: JsonObject, own: JsonObject): JsonObject {
  for (const _ in own) return Object.freeze({ ...params, ...own });
  return params;
}

/** Steps as numbers: who waits for each, and for how many each waits. */
interface Graph {
  readonly dependents: readonly number[][];
  readonly waits: number[];
}

function graphOf(group: Group): Result<Graph, GroupError> {
  const indices = new Map(group.steps.map(({ name }, index) => [name, index]));
  const dependents: number[][] = group.steps.map(() => []);
  const waits = group.steps.map(() => 0);
  for (const [index, step] of group.steps.entries()) {
    for (const dependency of new Set(step.dependsOn)) {
      const from = indices.get(dependency);
      if (from === undefined) return err(unknownDependency(group.name, step.name, dependency, indices.keys()));
      dependents[from]?.push(index);
      waits[index] = (waits[index] ?? 0) + 1;
    }
  }
  return ok({ dependents, waits });
}

interface Placed {
  readonly index: number;
  readonly level: number;
}

function orderOf(group: Group, { dependents, waits }: Graph): Result<readonly Placed[], GroupError> {
  const placed: Placed[] = [];
  const left = [...waits];
  for (const [index, count] of left.entries()) if (count === 0) placed.push({ index, level: 0 });
  // The list is the queue: what is appended is walked later, so nothing is ever shifted and a long chain stays linear.
  for (let head = 0; head < placed.length; head += 1) {
    const { index, level } = placed[head] ?? { index: 0, level: 0 };
    for (const dependent of dependents[index] ?? []) {
      const count = (left[dependent] ?? 0) - 1;
      left[dependent] = count;
      if (count === 0) placed.push({ index: dependent, level: level + 1 });
    }
  }
  return placed.length === group.steps.length ? ok(placed) : err(cycleError(group, left));
}

/** Every step Kahn's order did not reach waits for another such step, so following these leads round the circle. */
function cycleError(group: Group, left: readonly number[]): GroupError {
  const indices = new Map(group.steps.map(({ name }, index) => [name, index]));
  const unplaced = (index: number): boolean => (left[index] ?? 0) > 0;
  const path: number[] = [];
  const seenAt = new Map<number, number>();
  let current = left.findIndex((count) => count > 0);
  while (!seenAt.has(current)) {
    seenAt.set(current, path.length);
    path.push(current);
    const waitsFor = group.steps[current]?.dependsOn.map((name) => indices.get(name) ?? -1).find(unplaced);
    current = waitsFor ?? current;
  }
  // The walk went from a step to what it waits for; people read a circle in the order of execution.
  const circle = path.slice(seenAt.get(current)).toReversed();
  const names = circle.map((index) => group.steps[index]?.name ?? "");
  const first = names.indexOf(names.reduce((a, b) => ((indices.get(b) ?? 0) < (indices.get(a) ?? 0) ? b : a)));
  const rotated = [...names.slice(first), ...names.slice(0, first)];
  const cycle = [...rotated, rotated[0] ?? ""];
  const shown =
    cycle.length <= 12 ? cycle : [...cycle.slice(0, 6), `… ${cycle.length - 11} more …`, ...cycle.slice(-5)];
  return new CycleDetectedError(
    `Group "${group.name}" has a cycle: ${shown.join(" → ")}. Remove one of these dependencies.`,
    {
      cycle,
      context: { group: group.name },
    },
  );
}

function findUnregistered(group: Group, pipelines: Registry<Pipeline>): SpineError | undefined {
  for (const step of group.steps) {
    const found = pipelines.get(step.pipeline);
    if (found.isErr()) return found.error.withContext({ group: group.name, step: step.name });
  }
  return undefined;
}
