import type { Group } from "../groups/group.ts";
import type { Plan } from "../groups/plan.ts";
import type { Workflow } from "../workflows/workflow.ts";

/** A definition as boxes and arrows, from which every drawing is made. */
export interface Graph {
  readonly name: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

export interface GraphNode {
  readonly name: string;
  /** `pipeline`, `choice`, … */
  readonly kind: string;
  /** What it calls, or the condition it decides by. */
  readonly detail: string | undefined;
  readonly branches: boolean;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** `yes` and `no` of a choice. */
  readonly label: string | undefined;
}

/** The steps of a workflow, group or plan, and which leads to which. */
export function graphOf(definition: Workflow | Group | Plan): Graph {
  if ("policy" in definition)
    return graphOfDag("name" in definition ? definition.name : definition.group, definition.steps);
  const { name, steps } = definition;
  const isGraph = steps.some(({ dependsOn }) => dependsOn !== undefined);
  const nodes = steps.map((step): GraphNode => {
    const { when } = step.kind.toDocument(step);
    const calls = [
      ...(step.kind.pipelinesOf?.(step) ?? []),
      ...(step.kind.groupsOf?.(step) ?? []),
      ...(step.kind.workflowsOf?.(step) ?? []),
    ];
    const detail = typeof when === "string" ? when : calls.length === 0 ? undefined : calls.join(", ");
    return { name: step.name, kind: step.kind.kind, detail, branches: step.kind.branchingOf !== undefined };
  });
  return { name, nodes, edges: isGraph ? dependencyEdges(definition) : sequenceEdges(definition) };
}

function graphOfDag(
  name: string,
  steps: readonly { readonly name: string; readonly pipeline: string; readonly dependsOn: readonly string[] }[],
): Graph {
  return {
    name,
    nodes: steps.map((step) => ({ name: step.name, kind: "pipeline", detail: step.pipeline, branches: false })),
    edges: steps.flatMap(({ name: to, dependsOn }) => dependsOn.map((from) => ({ from, to, label: undefined }))),
  };
}

function dependencyEdges({ steps }: Workflow): readonly GraphEdge[] {
  return steps.flatMap((step) => {
    const { then, otherwise } = step.kind.branchingOf?.(step) ?? {};
    return [
      ...(step.dependsOn ?? []).map((from) => ({ from, to: step.name, label: undefined })),
      ...(then === undefined ? [] : [{ from: step.name, to: then, label: "yes" }]),
      ...(otherwise === undefined ? [] : [{ from: step.name, to: otherwise, label: "no" }]),
    ];
  });
}

/** A branch ends before the other target of its choice, and goes on at the join or with the end of the run (design 4.3). */
function sequenceEdges({ steps }: Workflow): readonly GraphEdge[] {
  const edges: GraphEdge[] = [];
  const open: { readonly ends: ReadonlySet<string>; readonly join: string | undefined }[] = [];
  for (const [position, step] of steps.entries()) {
    const next = steps[position + 1]?.name;
    const branching = step.kind.branchingOf?.(step);
    if (branching !== undefined) {
      const { then, otherwise, join } = branching;
      edges.push({ from: step.name, to: then, label: "yes" });
      const no = otherwise ?? join;
      if (no !== undefined) edges.push({ from: step.name, to: no, label: "no" });
      open.push({ ends: new Set([then, otherwise, join].filter((name) => name !== undefined)), join });
      continue;
    }
    if (next === undefined) continue;
    const ended = open.findLast(({ ends, join }) => ends.has(next) && next !== join);
    const to = ended === undefined ? next : ended.join;
    if (to !== undefined) edges.push({ from: step.name, to, label: undefined });
  }
  return edges;
}
