import type { Capture } from "../captures/capture.ts";
import type { Instant } from "../time.ts";
import { inputsOf, resolveInputs } from "./lineage.ts";
import { capturesOf, versionsOf } from "./slots.ts";
import type { LedgerTables } from "./state.ts";

/**
 * Marks everything that was computed, however indirectly, from the slot's other content as stale, but neither the restatement itself
 * nor what it was computed from. What is stale already stays as it is, and what belongs to an old view of the world is not judged.
 * @returns how many became stale
 */
export function markStale(ledger: LedgerTables, restatement: Capture, at: Instant): number {
  const { captureId, contentHash } = restatement;
  const spared = new Set([captureId, ...inputsOf(ledger, captureId)]);
  const restated = versionsOf(ledger, restatement).filter((version) => !isSameContent(version, contentHash));
  let staled = 0;
  for (const capture of computedFrom(ledger, restated)) {
    if (capture.status !== "COMPLETE" || capture.staleAt !== undefined || spared.has(capture.captureId)) continue;
    ledger.captures.set(capture.captureId, Object.freeze({ ...capture, staleAt: at, staleBy: captureId }));
    staled += 1;
  }
  return staled;
}

function computedFrom(ledger: LedgerTables, origins: readonly Capture[]): Iterable<Capture> {
  const queue = [...origins];
  const reached = new Set<Capture>();
  for (const origin of queue) {
    for (const capture of capturesOf(ledger, ledger.dependants.get(origin.captureId) ?? [])) {
      if (capture.asOf !== undefined || reached.has(capture)) continue;
      reached.add(capture);
      queue.push(capture);
    }
  }
  return reached;
}

/**
 * The restatement that makes whatever is computed from these inputs stale from its beginning, if any: one of them is stale itself, or
 * its slot went on to other content while the work was done.
 */
export function staleFrom(ledger: LedgerTables, inputs: readonly string[]): string | undefined {
  for (const input of capturesOf(ledger, resolveInputs(ledger, inputs))) {
    if (input.staleAt !== undefined) return input.staleBy;
    const versions = versionsOf(ledger, input);
    // What belongs to an old view of the world, or was held back, is no version and has no place among them.
    const place = versions.findIndex(({ captureId }) => captureId === input.captureId);
    const restatement = versions.find(
      (version, index) => place !== -1 && index > place && !isSameContent(version, input.contentHash),
    );
    if (restatement !== undefined) return restatement.captureId;
  }
  return undefined;
}

/** Content nobody hashed is never known to be the same. */
function isSameContent({ contentHash }: Capture, other: string | undefined): boolean {
  return contentHash !== undefined && contentHash === other;
}
