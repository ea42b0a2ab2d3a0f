import {
  createRegistry,
  err,
  type Host,
  ok,
  OrchestrationError,
  type Registry,
  type Result,
  type SpineError,
} from "@spine/core";
import { createGroupRegistry } from "./engine/environment.ts";
import type { Group } from "./groups/group.ts";
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
  const workflows = createRegistry<Workflow>("workflow", {
    notFound: (name, hint) =>
      new OrchestrationError(`Workflow "${name}" is not registered.${hint}`, {
        code: "WORKFLOW_NOT_FOUND",
        context: { workflow: name },
      }),
  });
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
      for (const name of step.kind.groupsOf?.(step) ?? []) {
        const found = groups.get(name);
        if (found.isErr()) return err(inStep(found.error, `Workflow "${value.name}"`, step.name));
      }
    }
  }
  for (const { value } of groups.list()) {
    const plan = resolvePlan(value, { pipelines: host.pipelines });
    if (plan.isErr()) return err(plan.error);
  }
  return ok(undefined);
}

function inStep(error: SpineError, subject: string, step: string): SpineError {
  return new OrchestrationError(`${subject}, step "${step}": ${error.message}`, {
    code: error.code,
    context: { ...error.context, step },
    cause: error,
  });
}
