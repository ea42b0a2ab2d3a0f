import {
  type Clock,
  createEventBus,
  createIds,
  createPipelineRegistry,
  createRegistry,
  type EventBus,
  GroupError,
  OrchestrationError,
  type IdSource,
  type Logger,
  type Pipeline,
  type Registry,
  silentLogger,
  type Store,
  systemClock,
} from "@spine/core";
import type { Group } from "../groups/group.ts";
import type { Workflow } from "../workflows/workflow.ts";
import type { EngineEnvironment } from "./scope.ts";

/** What a runner may be given; everything has a default. */
export interface EnvironmentOptions {
  readonly pipelines?: readonly Pipeline[];
  readonly groups?: readonly Group[];
  /** Workflows that steps of others run. */
  readonly workflows?: readonly Workflow[];
  /** An open store; closing it is the caller's business. @defaultValue none: nothing is recorded */
  readonly store?: Store;
  readonly clock?: Clock;
  readonly ids?: IdSource;
  readonly logger?: Logger;
  readonly bus?: EventBus;
}

/** Throws `KEY_DUPLICATE` or `KEY_INVALID`, as the lists are program text. */
export function environmentOf(options: EnvironmentOptions): EngineEnvironment {
  const { clock = systemClock, logger = silentLogger } = options;
  const pipelines = createPipelineRegistry();
  for (const pipeline of options.pipelines ?? []) register(pipelines, pipeline.key, pipeline);
  const groups = createGroupRegistry();
  for (const group of options.groups ?? []) register(groups, group.name, group);
  const workflows = createWorkflowRegistry();
  for (const workflow of options.workflows ?? []) register(workflows, workflow.name, workflow);
  return {
    pipelines,
    groups,
    workflows,
    store: options.store,
    clock,
    ids: options.ids ?? createIds(clock),
    logger,
    bus: options.bus ?? createEventBus(logger),
    services: {},
    random: Math.random,
  };
}

export function createWorkflowRegistry(): Registry<Workflow> {
  return createRegistry<Workflow>("workflow", {
    notFound: (name, hint) =>
      new OrchestrationError(`Workflow "${name}" is not registered.${hint}`, {
        code: "WORKFLOW_NOT_FOUND",
        context: { workflow: name },
      }),
  });
}

export function createGroupRegistry(): Registry<Group> {
  return createRegistry<Group>("group", {
    notFound: (name, hint) =>
      new GroupError(`Group "${name}" is not registered.${hint}`, {
        code: "GROUP_NOT_FOUND",
        context: { group: name },
      }),
  });
}

function register<T>(registry: Registry<T>, key: string, value: T): void {
  const registered = registry.register(key, value);
  if (registered.isErr()) throw registered.error;
}
