import { type Clock, didYouMean, memory, type Pipeline, serializeError } from "@spine/core";
import { createSpine, type Group, resolvePlan, type Spine, type Workflow } from "@spine/orchestration";
import { countOf } from "../output/format.ts";
import type { Project } from "../session.ts";
import type { Check } from "./check.ts";
import { dataChecks } from "./data-checks.ts";
import { problem } from "./store-checks.ts";

/**
 * Whether every workflow and group names what is there, every pipeline gets what it needs, and the data is as it should be. All mistakes,
 * not the first.
 * @param options.reachable whether the store can be opened; without it only the definitions are looked at
 */
export async function definitionChecks(
  project: Project,
  options: { readonly reachable: boolean; readonly clock: Clock },
): Promise<readonly Check[]> {
  const mistakes = referenceChecks(project);
  if (mistakes.length > 0) return mistakes;
  const store = options.reachable ? project.store : undefined;
  const { clock } = options;
  const created = await createSpine({ ...project.config, store: store ?? memory(), clock });
  if (created.isErr()) return [problem("definitions", serializeError(created.error))];
  const spine: Spine = created.value;
  const definitions: Check = { name: "definitions", status: "ok", text: countsText(project) };
  const ofStore = store === undefined ? [] : [...(await needChecks(spine)), ...(await dataChecks(spine, clock))];
  await spine.close();
  return [definitions, ...ofStore];
}

function referenceChecks(project: Project): readonly Check[] {
  const { pipelines, groups, workflows } = definitionsOf(project);
  const keys = new Set(pipelines.map(({ key }) => key));
  const names = new Set(groups.map(({ name }) => name));
  const unregistered = (where: string, kind: string, key: string, known: ReadonlySet<string>): Check => ({
    name: "definitions",
    status: "problem",
    text: `${where} names ${kind} "${key}", which is not registered.${didYouMean(key, known)}`,
    remedy: `Correct the name, or add the plugin that has this ${kind}.`,
  });
  return [
    ...workflows.flatMap(({ name, steps }) =>
      steps.flatMap((step) => {
        const where = `Workflow "${name}", step "${step.name}"`;
        const absent = (step.kind.pipelinesOf?.(step) ?? []).filter((key) => !keys.has(key));
        const absentGroups = (step.kind.groupsOf?.(step) ?? []).filter((group) => !names.has(group));
        return [
          ...absent.map((key) => unregistered(where, "pipeline", key, keys)),
          ...absentGroups.map((group) => unregistered(where, "group", group, names)),
        ];
      }),
    ),
    ...groups.flatMap((group) => {
      const absent = group.steps.filter(({ pipeline }) => !keys.has(pipeline));
      const plan = resolvePlan(group);
      return [
        ...absent.map((step) =>
          unregistered(`Group "${group.name}", step "${step.name}"`, "pipeline", step.pipeline, keys),
        ),
        ...(plan.isErr() ? [problem("definitions", serializeError(plan.error))] : []),
      ];
    }),
  ];
}

/** A dry run asks for what a pipeline needs before anything else, and performs nothing. */
async function needChecks(spine: Spine): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const { key, needs } of spine.pipelines.list()) {
    if (needs.length === 0) continue;
    const run = await spine.run(key, { dryRun: true });
    if (run.isErr() && run.error.code === "CAPABILITY_MISSING")
      checks.push(problem("needs", serializeError(run.error)));
  }
  return checks.length > 0 ? checks : [{ name: "needs", status: "ok", text: "every pipeline has what it needs" }];
}

function countsText(project: Project): string {
  const { pipelines, groups, workflows } = definitionsOf(project);
  return [
    countOf(workflows.length, "workflow"),
    countOf(groups.length, "group"),
    countOf(pipelines.length, "pipeline"),
  ].join(", ");
}

interface Definitions {
  readonly pipelines: readonly Pipeline[];
  readonly groups: readonly Group[];
  readonly workflows: readonly Workflow[];
}

function definitionsOf({ config }: Project): Definitions {
  const contributed = <T>(kind: string): readonly T[] =>
    (config.plugins ?? []).flatMap(({ contributions }) => (contributions[kind] ?? []) as readonly T[]);
  return {
    pipelines: [...contributed<Pipeline>("pipelines"), ...(config.pipelines ?? [])],
    groups: [...contributed<Group>("groups"), ...(config.groups ?? [])],
    workflows: [...contributed<Workflow>("workflows"), ...(config.workflows ?? [])],
  };
}
