import type { CaptureEdge } from "../store/captures.ts";
import type { Capture } from "./capture.ts";

/** Which way to follow provenance: to what a capture was computed from, or to what was computed from it. */
export type LineageDirection = "up" | "down";

export interface LineageNode {
  readonly captureId: string;
  /** Edges on the shortest way from the root; 1 for the nearest. */
  readonly depth: number;
}

/** Where a capture comes from, or what came of it. */
export interface Lineage {
  readonly root: Capture;
  readonly direction: LineageDirection;
  /** Without the root, the nearest first, then by id. */
  readonly nodes: readonly (LineageNode & { readonly capture: Capture })[];
  /** All edges among root and nodes that lead away from the root. */
  readonly edges: readonly CaptureEdge[];
}

/**
 * Everything that can be reached from a capture, each once, with its distance, the nearest first, then by id. Edges that form a circle are
 * followed once; the root itself is never in the answer.
 */
export function closureOf(
  edges: readonly CaptureEdge[],
  { captureId, direction }: { readonly captureId: string; readonly direction: LineageDirection },
): readonly LineageNode[] {
  const neighbours = new Map<string, string[]>();
  for (const { captureId: derived, input } of edges) {
    const [from, to] = direction === "up" ? [derived, input] : [input, derived];
    const known = neighbours.get(from);
    if (known === undefined) neighbours.set(from, [to]);
    else known.push(to);
  }
  const seen = new Set([captureId]);
  const nodes: LineageNode[] = [];
  let level: readonly string[] = [captureId];
  for (let depth = 1; level.length > 0; depth += 1) {
    const next = new Set(level.flatMap((id) => neighbours.get(id) ?? []).filter((id) => !seen.has(id)));
    level = [...next].toSorted();
    for (const id of level) {
      seen.add(id);
      nodes.push(Object.freeze({ captureId: id, depth }));
    }
  }
  return Object.freeze(nodes);
}

/** Columns that say of a row which captures it was computed from (seed 001 §4, step 5). */
export interface Provenance {
  readonly input_min_capture_id: string | null;
  readonly input_max_capture_id: string | null;
}

/** Rows with the least and the greatest id of the captures they were computed from; null without any. */
export function stampProvenance<Row extends object>(
  rows: readonly Row[],
  inputs: readonly string[],
): readonly (Row & Provenance)[] {
  const sorted = inputs.toSorted();
  const provenance: Provenance = {
    input_min_capture_id: sorted.at(0) ?? null,
    input_max_capture_id: sorted.at(-1) ?? null,
  };
  return rows.map((row) => ({ ...row, ...provenance }));
}
