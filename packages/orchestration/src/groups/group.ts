import {
  didYouMean,
  encodeJsonObject,
  GroupError,
  type JsonObject,
  parseKey,
  type PipelineKey,
  type TypedPipelineKey,
} from "@spine/core";
import { type ConcurrencyLimit, mistakeInConcurrency } from "../workflows/concurrency.ts";

/** One step of a group: a pipeline, what it waits for, and parameters of its own. Steps share parameters, never data. */
export interface GroupStep {
  readonly name: string;
  readonly pipeline: string;
  readonly dependsOn: readonly string[];
  readonly params: JsonObject;
}

export interface GroupPolicy {
  readonly execution: "sequential" | "parallel";
  /** Steps that may run at once when parallel; at least 1. */
  readonly maxConcurrency: number;
  /** What happens to the steps after a failure: none begins any more, or those that do not depend on it go on. */
  readonly onFailure: "stop" | "continue";
  readonly timeoutMinutes: number | undefined;
}

/** A named static DAG of pipelines (v1). Frozen data that survives JSON; resolved to a plan before it runs (seed 003). */
export interface Group {
  readonly name: string;
  readonly domain: string | undefined;
  readonly description: string | undefined;
  readonly version: string;
  readonly tags: readonly string[];
  readonly defaults: JsonObject;
  /** Groups whose last run has to be COMPLETED before one of this begins. */
  readonly dependsOn: readonly string[];
  readonly steps: readonly GroupStep[];
  readonly policy: GroupPolicy;
  readonly concurrency: ConcurrencyLimit | undefined;
}

export interface GroupStepDefinition {
  readonly name: string;
  readonly pipeline: PipelineKey | TypedPipelineKey<unknown, unknown>;
  readonly dependsOn?: readonly string[];
  readonly params?: Readonly<Record<string, unknown>>;
}

export interface GroupDefinition {
  readonly name: string;
  readonly domain?: string;
  readonly description?: string;
  /** @defaultValue "1" */
  readonly version?: string;
  readonly tags?: readonly string[];
  readonly defaults?: Readonly<Record<string, unknown>>;
  /** Groups whose last run, of the same partition and batch, has to be COMPLETED before one of this begins. */
  readonly dependsOn?: readonly string[];
  /** How many runs may be under way at once; groups and workflows that name the same key share it. @defaultValue as many as are started */
  readonly concurrency?: ConcurrencyLimit;
  readonly steps: readonly GroupStepDefinition[];
  /** @defaultValue sequential, maxConcurrency 4, onFailure stop, no time-out */
  readonly policy?: Partial<GroupPolicy>;
}

/**
 * Declares a group. Throws on a mistake in program text (`GROUP_INVALID`, `KEY_INVALID`): a step name used twice, a dependency on a
 * step that is not there, `maxConcurrency` below 1, a group that depends on itself. Cycles are found when it is planned.
 * @example
 * defineGroup({ name: "finra.weekly", steps: [
 *   { name: "ingest", pipeline: "finra.otc.ingest_week" },
 *   { name: "normalize", pipeline: "finra.otc.normalize_week", dependsOn: ["ingest"] },
 * ] });
 */
export function defineGroup(definition: GroupDefinition): Group {
  const { name } = definition;
  const key = parseKey("Group", name);
  if (key.isErr()) throw key.error;
  const names = new Set<string>();
  for (const step of definition.steps) {
    if (names.has(step.name))
      throw new GroupError(`Group "${name}" has two steps named "${step.name}". Rename one of them.`, {
        context: { group: name },
      });
    names.add(step.name);
  }
  for (const step of definition.steps) {
    const unknown = step.dependsOn?.find((dependency) => !names.has(dependency));
    if (unknown !== undefined) throw unknownDependency(name, step.name, unknown, names);
  }
  const policy: GroupPolicy = {
    execution: "sequential",
    maxConcurrency: 4,
    onFailure: "stop",
    timeoutMinutes: undefined,
    ...definition.policy,
  };
  if (!Number.isInteger(policy.maxConcurrency) || policy.maxConcurrency < 1) {
    throw new GroupError(
      `Group "${name}" has maxConcurrency ${policy.maxConcurrency}. It must be a whole number of at least 1.`,
      { context: { group: name } },
    );
  }
  if (policy.timeoutMinutes !== undefined && !(policy.timeoutMinutes > 0)) {
    throw new GroupError(`Group "${name}" has timeoutMinutes ${policy.timeoutMinutes}. It must be above 0.`, {
      context: { group: name },
    });
  }
  const { concurrency, dependsOn = [] } = definition;
  const mistake = concurrency === undefined ? undefined : mistakeInConcurrency(concurrency);
  if (mistake !== undefined) throw new GroupError(`Group "${name}": ${mistake}.`, { context: { group: name } });
  if (dependsOn.includes(name))
    throw new GroupError(`Group "${name}" depends on itself. Remove that dependency.`, { context: { group: name } });
  return Object.freeze({
    name,
    domain: definition.domain,
    description: definition.description,
    version: definition.version ?? "1",
    tags: Object.freeze([...(definition.tags ?? [])]),
    defaults: json(name, "defaults", definition.defaults),
    steps: Object.freeze(
      definition.steps.map((step) =>
        Object.freeze({
          name: step.name,
          pipeline: step.pipeline,
          dependsOn: Object.freeze([...(step.dependsOn ?? [])]),
          params: json(name, `step "${step.name}"`, step.params),
        }),
      ),
    ),
    policy: Object.freeze(policy),
    dependsOn: Object.freeze([...dependsOn]),
    concurrency: concurrency === undefined ? undefined : Object.freeze({ ...concurrency }),
  });
}

export function unknownDependency(
  group: string,
  step: string,
  dependency: string,
  names: Iterable<string>,
): GroupError {
  return new GroupError(
    `Group "${group}", step "${step}" depends on "${dependency}", which is not a step of it.${didYouMean(dependency, names)}`,
    {
      code: "GROUP_DEPENDENCY_UNKNOWN",
      context: { group, step, dependency },
    },
  );
}

function json(group: string, where: string, value: Readonly<Record<string, unknown>> | undefined): JsonObject {
  const encoded = encodeJsonObject(value ?? {});
  if (encoded.isErr())
    throw new GroupError(`Group "${group}", ${where}: ${encoded.error.message}`, {
      context: { group },
      cause: encoded.error,
    });
  return encoded.value;
}
