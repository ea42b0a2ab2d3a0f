import type { Pipeline, PipelineContext } from "@spine/core";
import { expectOk } from "@spine/testkit";
import { defineGroup, type Group, type GroupPolicy, type Run, type RunOptions, Step } from "../../src/index.ts";
import { type OpenedSpine, openSpine } from "./open-spine.ts";
import { passTime } from "./pass-time.ts";
import { stub } from "./pipelines.ts";

export interface GroupGiven {
  readonly policy?: Partial<GroupPolicy>;
  /** Steps whose pipeline fails. */
  readonly failing?: readonly string[];
  /** What the pipelines of all other steps do. */
  readonly work?: (context: PipelineContext) => unknown;
  readonly run?: RunOptions;
}

export interface RanGroup extends OpenedSpine {
  readonly group: Group;
  readonly run: Run;
}

/** Step → the steps it depends on. */
export type Dependencies = Readonly<Record<string, readonly string[]>>;

/** A group named `weekly` from `step: what it depends on`, each with a pipeline `p.<step>` of its own. */
export function groupOf(
  dependencies: Dependencies,
  given: GroupGiven = {},
): { readonly group: Group; readonly pipelines: readonly Pipeline[] } {
  const { failing = [], work = ({ run }) => ({ done: run.step }) } = given;
  const fails = (): never => {
    throw new Error("no");
  };
  const steps = Object.entries(dependencies).map(([name, dependsOn]) => ({
    name,
    dependsOn,
    pipeline: Step.dynamic(`p.${name}`),
  }));
  return {
    group: defineGroup({ name: "weekly", steps, policy: given.policy ?? {} }),
    pipelines: Object.keys(dependencies).map((name) => stub(`p.${name}`, failing.includes(name) ? fails : work)),
  };
}

export async function runGroup(dependencies: Dependencies, given: GroupGiven = {}): Promise<RanGroup> {
  const { group, pipelines } = groupOf(dependencies, given);
  const opened = await openSpine({ pipelines, groups: [group] });
  const run = await passTime(opened.clock, expectOk(opened.spine.groups.run("weekly", given.run)));
  return { ...opened, group, run };
}
