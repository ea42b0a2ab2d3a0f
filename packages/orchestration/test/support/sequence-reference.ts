import type { Fork, Leaf, Node } from "./sequence-tree.ts";

export interface Expected {
  /** Steps that ran, in order, with how they ended. */
  readonly ran: readonly string[];
  readonly status: "COMPLETED" | "PARTIAL" | "FAILED";
}

class RunEnds extends Error {}
class RunFails extends Error {}

/** What design 4.3 says of a workflow, read off its drawing: slow and obvious. */
export function interpret(nodes: readonly Node[]): Expected {
  const ran: string[] = [];
  try {
    runList(nodes, ran);
  } catch (thrown) {
    if (thrown instanceof RunFails) return { ran, status: "FAILED" };
    if (!(thrown instanceof RunEnds)) throw thrown;
  }
  return { ran, status: ran.some((line) => line.endsWith("FAILED")) ? "PARTIAL" : "COMPLETED" };
}

function runList(nodes: readonly Node[], ran: string[]): void {
  let jumpingTo: string | undefined;
  for (const node of nodes) {
    if (jumpingTo !== undefined && jumpingTo !== node.name) continue;
    jumpingTo = undefined;
    if ("holds" in node) runFork(node, ran);
    else jumpingTo = runLeaf(node, ran);
  }
}

function runFork({ name, holds, then, otherwise, joins }: Fork, ran: string[]): void {
  ran.push(`${name} COMPLETED`);
  const taken = holds ? then : otherwise;
  if (taken !== undefined) runList(taken, ran);
  if (!joins) throw new RunEnds();
}

function runLeaf({ name, behaviour, jumpTo }: Leaf, ran: string[]): string | undefined {
  if (behaviour === "works") ran.push(`${name} COMPLETED`);
  else if (behaviour === "skips") ran.push(`${name} SKIPPED`);
  else ran.push(`${name} FAILED`);
  if (behaviour === "fails") throw new RunFails();
  return behaviour === "tolerated" ? undefined : jumpTo;
}
