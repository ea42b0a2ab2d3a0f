import { encodeJson, type JsonObject, ok, type Result, type SpineError } from "@spine/core";
import type { Executable, ExecutableStep } from "../engine/executable.ts";
import type { StepOutcome } from "../engine/program.ts";
import { descendantsOf } from "../workflows/ancestors.ts";
import { concurrencyOf } from "../workflows/concurrency.ts";
import { pipelineKind, pipelineStep } from "../workflows/steps/pipeline.ts";
import { dagProgram } from "./dag-program.ts";
import type { Group } from "./group.ts";
import { type Plan, resolvePlan } from "./plan.ts";

const executables = new WeakMap<Group, Executable>();

/** A group as the engine runs it. Fails like {@link resolvePlan}, of which pipelines' existence is checked when a run starts. */
export function groupExecutable(group: Group): Result<Executable, SpineError> {
  const known = executables.get(group);
  if (known !== undefined) return ok(known);
  return resolvePlan(group).map((plan) => {
    const executable = executableOf(group, plan);
    executables.set(group, executable);
    return executable;
  });
}

function executableOf(group: Group, plan: Plan): Executable {
  const own = new Map(group.steps.map((step) => [step.name, step.params]));
  const { timeoutMinutes } = group.policy;
  const positions = new Map(plan.steps.map(({ name }, position) => [name, position]));
  const graph = plan.steps.map(({ dependsOn }) => ({ dependsOn: dependsOn.map((name) => positions.get(name) ?? -1) }));
  return Object.freeze({
    kind: "group",
    name: group.name,
    version: group.version,
    domain: group.domain,
    steps: plan.steps.map(({ name, pipeline }): ExecutableStep => {
      const step = pipelineStep(name, pipeline, { params: own.get(name) ?? {} });
      return {
        ...step,
        kind: pipelineKind.kind,
        execute: async (context, scope) => withoutUpdates(await pipelineKind.execute(step, context, scope)),
      };
    }),
    paramsSchema: undefined,
    defaults: group.defaults,
    refusesUnknownParams: true,
    maxConcurrency: group.policy.execution === "parallel" ? group.policy.maxConcurrency : 1,
    timeoutMs: timeoutMinutes === undefined ? undefined : timeoutMinutes * 60_000,
    batchPrefix: `group_${group.name}`,
    pipelines: plan.steps.map(({ pipeline }) => pipeline),
    document: groupDocument(group),
    dependsOnGroups: group.dependsOn,
    redoneWith: descendantsOf(graph),
    ...(group.concurrency === undefined ? {} : { concurrency: concurrencyOf(group.name, group.concurrency) }),
    program: () => dagProgram(plan),
  } satisfies Executable);
}

/** Steps of a group share parameters, never data (seed 003), or parallel ones would see what happened to end first. */
function withoutUpdates(outcome: StepOutcome): StepOutcome {
  if (outcome.status === "WAITING" || outcome.updates === undefined) return outcome;
  const { updates: _, ...rest } = outcome;
  return rest;
}

/** A group as data, in the nested form of its YAML (seed 003, D5). */
export function groupDocument(group: Group): JsonObject {
  const document = {
    apiVersion: "spine.io/v1",
    kind: "PipelineGroup",
    metadata: {
      name: group.name,
      domain: group.domain,
      description: group.description,
      version: group.version,
      tags: group.tags,
    },
    spec: {
      ...(group.dependsOn.length === 0 ? {} : { depends_on: group.dependsOn }),
      ...(group.concurrency === undefined ? {} : { concurrency: group.concurrency }),
      defaults: group.defaults,
      pipelines: group.steps.map(({ name, pipeline, dependsOn, params }) => ({
        name,
        pipeline,
        depends_on: dependsOn,
        params,
      })),
      policy: {
        execution: group.policy.execution,
        max_concurrency: group.policy.maxConcurrency,
        on_failure: group.policy.onFailure,
        timeout_minutes: group.policy.timeoutMinutes,
      },
    },
  };
  return encodeJson(document).unwrapOr({}) as JsonObject;
}
