import type { Group } from "../groups/group.ts";
import type { Plan } from "../groups/plan.ts";
import type { Workflow } from "../workflows/workflow.ts";
import { type GraphNode, graphOf } from "./graph.ts";

/** A flow chart in Mermaid's language, as documentation pages and code hosts draw it. */
export function toMermaid(definition: Workflow | Group | Plan): string {
  const { nodes, edges } = graphOf(definition);
  // Names may be words of Mermaid, such as `end`; numbers never are.
  const ids = new Map(nodes.map(({ name }, index) => [name, `s${index}`]));
  const lines = [
    ...nodes.map((node) => `  ${ids.get(node.name) ?? ""}${boxOf(node)}`),
    ...edges.map(({ from, to, label }) => {
      const arrow = label === undefined ? "-->" : `-->|${label}|`;
      return `  ${ids.get(from) ?? ""} ${arrow} ${ids.get(to) ?? ""}`;
    }),
  ];
  return `flowchart TD\n${lines.join("\n")}\n`;
}

/** A drawing for terminals: a line for each step, and under it where it leads. */
export function toText(definition: Workflow | Group | Plan): string {
  const { name, nodes, edges } = graphOf(definition);
  const lines = nodes.flatMap((node, index) => {
    const out = edges.filter(({ from }) => from === node.name);
    const next = nodes[index + 1]?.name;
    const [only] = out;
    const goesOn = out.length === 1 && only?.to === next && only?.label === undefined;
    const detail = node.detail === undefined ? "" : `  ${node.detail}`;
    return [
      `${node.branches ? "◇" : "●"} ${node.name}  ${node.kind}${detail}`,
      ...(goesOn ? ["│"] : out.map(({ to, label }) => `├─${label === undefined ? "" : ` ${label}`}→ ${to}`)),
    ];
  });
  return `${name}\n${lines.join("\n")}\n`;
}

function boxOf({ name, kind, detail, branches }: GraphNode): string {
  const text = `"${[name, branches ? detail : (detail ?? kind)]
    .filter((part) => part !== undefined)
    .map(escaped)
    .join("<br/>")}"`;
  return branches ? `{${text}}` : `[${text}]`;
}

function escaped(text: string): string {
  return text.replaceAll(/[^\w .:/,\-()[\]]/gu, (found) => `#${found.codePointAt(0)};`);
}
