import { type Capture, type Lineage, slotText } from "@spine/core";
import type { Style } from "../output/style.ts";
import { shortId } from "../output/table.ts";
import { captureStateText } from "./capture-state.ts";

/** More lines are no picture any more. */
const maxLines = 1000;

export interface LineageTreeOptions {
  /** Edges from the root to the last line. @defaultValue as far as it goes */
  readonly depth: number | undefined;
  readonly style: Style;
}

/**
 * Provenance as a tree, the root first. A capture that several ways lead to is drawn with what is behind it once, where it comes first,
 * and only named after that.
 */
export function lineageTree(lineage: Lineage, { depth = Infinity, style }: LineageTreeOptions): readonly string[] {
  const { root, nodes } = lineage;
  const captures = new Map([root, ...nodes.map(({ capture }) => capture)].map((one) => [one.captureId, one]));
  const neighbours = neighboursOf(lineage);
  const drawn = new Set<string>();
  const lines: string[] = [];

  // A stack of what is left to draw, since a lineage may be deeper than calls can nest.
  const left: Drawing[] = [{ captureId: root.captureId, level: 0, lead: "", branch: "" }];
  for (let next = left.pop(); next !== undefined && lines.length < maxLines; next = left.pop()) {
    const { captureId, level, lead, branch } = next;
    const capture = captures.get(captureId);
    if (capture === undefined) continue;
    const behind = neighbours.get(captureId) ?? [];
    const isKnown = drawn.has(captureId);
    drawn.add(captureId);
    const isOpen = !isKnown && level < depth;
    lines.push(`${lead}${branch}${nodeText(capture, style)}${noteOf(behind.length, { isKnown, isOpen })}`);
    if (isOpen) left.push(...drawingsOf(behind, next).toReversed());
  }
  return left.length === 0 ? lines : [...lines, `… and more. Look at less of it with: --depth <levels>`];
}

interface Drawing {
  readonly captureId: string;
  readonly level: number;
  /** What stands before the branch: lines that pass by. */
  readonly lead: string;
  readonly branch: string;
}

function drawingsOf(ids: readonly string[], { level, lead, branch }: Drawing): readonly Drawing[] {
  const passing = branch === "" ? lead : `${lead}${branch.startsWith("├") ? "│  " : "   "}`;
  return ids.map((captureId, index) => ({
    captureId,
    level: level + 1,
    lead: passing,
    branch: index === ids.length - 1 ? "└─ " : "├─ ",
  }));
}

function neighboursOf({ direction, edges }: Lineage): ReadonlyMap<string, readonly string[]> {
  const neighbours = new Map<string, string[]>();
  for (const { captureId, input } of edges) {
    const [from, to] = direction === "up" ? [captureId, input] : [input, captureId];
    const known = neighbours.get(from);
    if (known === undefined) neighbours.set(from, [to]);
    else known.push(to);
  }
  for (const found of neighbours.values()) found.sort();
  return neighbours;
}

function nodeText(capture: Capture, style: Style): string {
  const id = style.terminal ? shortId(capture.captureId) : capture.captureId;
  return `${slotText(capture)}  ${style.paint("dim", id)}  ${captureStateText(capture, style)}`;
}

function noteOf(behind: number, { isKnown, isOpen }: { readonly isKnown: boolean; readonly isOpen: boolean }): string {
  if (behind === 0 || isOpen) return "";
  return isKnown ? "  (drawn above)" : `  (${behind} more behind it)`;
}
