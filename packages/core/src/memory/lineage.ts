import type { CaptureEdge, CaptureStore } from "../store/captures.ts";
import type { LedgerTables } from "./state.ts";

const none: readonly string[] = Object.freeze([]);

export function inputsOf({ inputs }: LedgerTables, captureId: string): readonly string[] {
  return inputs.get(captureId) ?? none;
}

/**
 * Keeps what a capture was computed from, besides what is kept already. What turned out UNCHANGED counts as the capture whose content
 * it has, and nothing is an input of itself.
 */
export function addInputs(ledger: LedgerTables, captureId: string, given: readonly string[]): void {
  const known = new Set(inputsOf(ledger, captureId));
  for (const input of resolveInputs(ledger, given)) {
    if (input === captureId || known.has(input)) continue;
    known.add(input);
    ledger.dependants.set(input, Object.freeze([...(ledger.dependants.get(input) ?? none), captureId]));
  }
  ledger.inputs.set(captureId, Object.freeze([...known]));
}

/** Lets what was computed from one capture count as computed from another. */
export function moveDependants(ledger: LedgerTables, from: string, to: string): void {
  const moved = ledger.dependants.get(from) ?? none;
  ledger.dependants.set(from, Object.freeze([]));
  for (const captureId of moved) {
    const others = inputsOf(ledger, captureId).filter((input) => input !== from);
    ledger.inputs.set(captureId, Object.freeze(others));
    addInputs(ledger, captureId, [to]);
  }
}

/** Ids of captures with those of UNCHANGED ones replaced. */
export function resolveInputs({ captures }: LedgerTables, captureIds: readonly string[]): readonly string[] {
  return captureIds.map((captureId) => captures.get(captureId)?.sameAs ?? captureId);
}

/** All edges on the way up or down from a capture, each once; cycles end where they began. */
export function edgesFrom(
  ledger: LedgerTables,
  { captureId, direction, nearest = false }: Parameters<CaptureStore["edges"]>[0],
): readonly CaptureEdge[] {
  const table = direction === "up" ? ledger.inputs : ledger.dependants;
  const edges: CaptureEdge[] = [];
  const seen = new Set([captureId]);
  // A set's iteration also comes to what is added on the way.
  for (const from of seen) {
    for (const to of table.get(from) ?? none) {
      edges.push(Object.freeze(direction === "up" ? { captureId: from, input: to } : { captureId: to, input: from }));
      if (!nearest) seen.add(to);
    }
  }
  return Object.freeze(edges);
}
