import { type JsonObject, orThrow, type Pipeline, refuseUnknownParams, type RunKind, type Schema } from "@spine/core";
import type { Group, Spine, Workflow } from "@spine/orchestration";

/** Something that can be run by name, with what its parameters are checked against. */
export interface Runnable {
  readonly kind: RunKind;
  readonly name: string;
  readonly version: string;
  readonly description: string | undefined;
  readonly defaults: JsonObject;
  /** Its own schema first, then those of the pipelines that are given the same parameters. */
  readonly schemas: readonly (Schema | undefined)[];
  readonly definition: Workflow | Group | Pipeline;
}

/** What a name stands for: a workflow, else a group, else a pipeline. Throws `RUNNABLE_NOT_FOUND`, which names the nearest. */
export async function findRunnable(spine: Spine, name: string): Promise<Runnable> {
  const workflow = spine.workflows.get(name);
  if (workflow.isOk()) return runnableWorkflow(spine, workflow.value);
  const group = spine.groups.get(name);
  if (group.isOk()) return runnableGroup(spine, group.value);
  const pipeline = spine.pipelines.get(name);
  if (pipeline.isOk()) return runnablePipeline(pipeline.value);
  // Nothing has this name, so nothing runs: this asks for the error that names the nearest one.
  await orThrow(spine.run(name));
  throw pipeline.error;
}

/** `Workflow "finra.weekly_refresh"`, for texts. */
export function subjectOf({ kind, name }: Runnable): string {
  return `${kind.charAt(0).toUpperCase()}${kind.slice(1)} "${name}"`;
}

/**
 * Refuses parameters of a group that none of its pipelines takes: a group has no schema of its own, so the engine lets them pass, but
 * on a command line they are misspelt. Throws `PARAMS_INVALID`, which names the nearest.
 */
export function refuseStrangers(runnable: Runnable, params: Readonly<Record<string, unknown>>): void {
  if (runnable.kind === "group") refuseUnknown(runnable, params);
}

/** Refuses parameters that nothing takes, before any run is there to do so. Throws `PARAMS_INVALID`, which names the nearest. */
export function refuseUnknown(runnable: Runnable, params: Readonly<Record<string, unknown>>): void {
  const { kind, name, defaults, schemas } = runnable;
  const given = Object.fromEntries(Object.entries(params).filter(([param]) => !Object.hasOwn(defaults, param)));
  orThrow(refuseUnknownParams(schemas, given, { subject: subjectOf(runnable), context: { [kind]: name } }));
}

export function runnableWorkflow(spine: Spine, workflow: Workflow): Runnable {
  const pipelines = workflow.steps.flatMap((step) => step.kind.pipelinesOf?.(step) ?? []);
  const groups = workflow.steps.flatMap((step) => step.kind.groupsOf?.(step) ?? []);
  const ofGroups = groups.flatMap((name) => spine.groups.get(name).match(pipelinesOf, () => []));
  return {
    kind: "workflow",
    ...factsOf(workflow),
    schemas: [workflow.params, ...schemasOf(spine, [...pipelines, ...ofGroups])],
    definition: workflow,
  };
}

export function runnableGroup(spine: Spine, group: Group): Runnable {
  return { kind: "group", ...factsOf(group), schemas: schemasOf(spine, pipelinesOf(group)), definition: group };
}

export function runnablePipeline(pipeline: Pipeline): Runnable {
  const { key, version, description, params } = pipeline;
  return { kind: "pipeline", name: key, version, description, defaults: {}, schemas: [params], definition: pipeline };
}

function factsOf({
  name,
  version,
  description,
  defaults,
}: Workflow | Group): Pick<Runnable, "name" | "version" | "description" | "defaults"> {
  return { name, version, description, defaults };
}

function pipelinesOf(group: Group): readonly string[] {
  return group.steps.map(({ pipeline }) => pipeline);
}

function schemasOf(spine: Spine, keys: readonly string[]): readonly (Schema | undefined)[] {
  return [...new Set(keys)].flatMap((key) =>
    spine.pipelines.get(key).match(
      ({ params }): (Schema | undefined)[] => [params],
      () => [],
    ),
  );
}
