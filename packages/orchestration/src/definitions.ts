import { err, type Host, OrchestrationError, type Registry, type Result, type SpineError } from "@spine/core";
import { createGroupRegistry, createWorkflowRegistry } from "./engine/environment.ts";
import type { Group } from "./groups/group.ts";
import { checkGroupDependencies } from "./groups/group-dependencies.ts";
import { resolvePlan } from "./groups/plan.ts";
import type { Workflow } from "./workflows/workflow.ts";

/** Workflows and groups of a host. */
export interface Definitions {
  readonly workflows: Registry<Workflow>;
  readonly groups: Registry<Group>;
  /** Registers what plugins and options bring, and checks it against the host's pipelines. */
  load(host: Host): Result<void, SpineError>;
}

export function createDefinitions(ownWorkflows: readonly Workflow[], ownGroups: readonly Group[]): Definitions {
  const workflows = createWorkflowRegistry();
  const groups = createGroupRegistry();
  return {
    workflows,
    groups,
    load(host) {
      const all = <T>(kind: string, given: readonly T[]): { owner: string; value: T }[] => [
        ...host.contributions(kind).map(({ owner, value }) => ({ owner, value: value as T })),
        ...given.map((value) => ({ owner: "host", value })),
      ];
      for (const { owner, value } of all<Workflow>("workflows", ownWorkflows)) {
        const registered = workflows.register(value.name, value, { owner });
        if (registered.isErr()) return registered;
      }
      for (const { owner, value } of all<Group>("groups", ownGroups)) {
        const registered = groups.register(value.name, value, { owner });
        if (registered.isErr()) return registered;
      }
      workflows.seal();
      groups.seal();
      return checkDefinitions(host, workflows, groups);
    },
  };
}

function checkDefinitions(
  host: Host,
  workflows: Registry<Workflow>,
  groups: Registry<Group>,
): Result<void, SpineError> {
  for (const { value } of workflows.list()) {
    for (const step of value.steps) {
      for (const key of step.kind.pipelinesOf?.(step) ?? []) {
        const found = host.pipelines.get(key);
        if (found.isErr()) return err(inStep(found.error, `Workflow "${value.name}"`, step.name));
      }
      for (const name of step.kind.workflowsOf?.(step) ?? []) {
        const found = workflows.get(name);
        if (found.isErr()) return err(inStep(found.error, `Workflow "${value.name}"`, step.name));
      }
      for (const name of step.kind.groupsOf?.(step) ?? []) {
        const found = groups.get(name);
        if (found.isErr()) return err(inStep(found.error, `Workflow "${value.name}"`, step.name));
      }
    }
  }
  const cycle = cycleOf(workflows);
  if (cycle !== undefined) return err(cycle);
  for (const { value } of groups.list()) {
    const plan = resolvePlan(value, { pipelines: host.pipelines });
    if (plan.isErr()) return err(plan.error);
  }
  return checkGroupDependencies(groups);
}

/** Workflows that run each other in a circle would never end; the text shows the circle. */
function cycleOf(workflows: Registry<Workflow>): SpineError | undefined {
  const calls = new Map(
    workflows.list().map(({ key, value }) => [key, value.steps.flatMap((step) => step.kind.workflowsOf?.(step) ?? [])]),
  );
  const done = new Set<string>();
  for (const start of calls.keys()) {
    const path: { readonly name: string; next: number }[] = [{ name: start, next: 0 }];
    const onPath = new Set([start]);
    while (path.length > 0) {
      const top = path.at(-1);
      const called = top === undefined ? undefined : calls.get(top.name)?.[top.next];
      if (top === undefined) break;
      if (called === undefined || done.has(top.name)) {
        done.add(top.name);
        onPath.delete(top.name);
        path.pop();
        continue;
      }
      top.next += 1;
      if (onPath.has(called)) {
        const names = path.map(({ name }) => name);
        const circle = [...names.slice(names.indexOf(called)), called];
        return new OrchestrationError(
          `Workflows run each other in a circle: ${circle.join(" → ")}. Take one of these steps out.`,
          { code: "WORKFLOW_CYCLE", context: { cycle: circle } },
        );
      }
      if (done.has(called)) continue;
      path.push({ name: called, next: 0 });
      onPath.add(called);
    }
  }
  return undefined;
}

function inStep(error: SpineError, subject: string, step: string): SpineError {
  return new OrchestrationError(`${subject}, step "${step}": ${error.message}`, {
    code: error.code,
    context: { ...error.context, step },
    cause: error,
  });
}
