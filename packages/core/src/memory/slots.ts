import type { Capture, CaptureSlot } from "../captures/capture.ts";
import { compareVersions, standsAfter } from "../captures/settle.ts";
import type { Instant } from "../time.ts";
import { type LedgerTables, slotKey, type SlotState } from "./state.ts";

const emptySlot: SlotState = Object.freeze({
  running: undefined,
  latest: undefined,
  heldBack: undefined,
  versions: Object.freeze([]),
});

export function slotOf(ledger: LedgerTables, slot: CaptureSlot): SlotState {
  return ledger.slots.get(slotKey(slot)) ?? emptySlot;
}

export function changeSlot(ledger: LedgerTables, slot: CaptureSlot, change: Partial<SlotState>): void {
  ledger.slots.set(slotKey(slot), Object.freeze({ ...slotOf(ledger, slot), ...change }));
}

/** The captures with these ids that are there, in their order. */
export function capturesOf({ captures }: LedgerTables, captureIds: readonly string[]): readonly Capture[] {
  return captureIds.map((captureId) => captures.get(captureId)).filter((capture) => capture !== undefined);
}

/** What readers see or saw of a slot, in the order of availability. */
export function versionsOf(ledger: LedgerTables, slot: CaptureSlot): readonly Capture[] {
  return capturesOf(ledger, slotOf(ledger, slot).versions);
}

/** What readers see of a slot now. */
export function presentOf(ledger: LedgerTables, slot: CaptureSlot): Capture | undefined {
  return versionsOf(ledger, slot).at(-1);
}

/** The versions between which a capture comes (at the end, unless it is history), and whether a gate held one back since the last. */
export function neighboursOf(
  ledger: LedgerTables,
  capture: Capture,
  importedAt: Instant | undefined,
): { readonly before: Capture | undefined; readonly after: Capture | undefined; readonly heldBack: boolean } {
  const versions = versionsOf(ledger, capture);
  const present = versions.at(-1);
  if (importedAt === undefined) {
    const { heldBack = "" } = slotOf(ledger, capture);
    const stands = capturesOf(ledger, [heldBack]).some((held) => standsAfter(held, present));
    return { before: present, after: undefined, heldBack: stands };
  }
  const after = versions.findIndex((version) => isAfter(version, importedAt, capture.contentHash));
  if (after === -1) return { before: present, after: undefined, heldBack: false };
  return { before: versions[after - 1], after: versions[after], heldBack: false };
}

function isAfter(version: Capture, availableAt: Instant, contentHash = ""): boolean {
  const other = version.availableAt ?? "";
  return other === availableAt ? (version.contentHash ?? "") > contentHash : other > availableAt;
}

/** Puts a capture that is in the ledger among the versions of its slot. */
export function addVersion(ledger: LedgerTables, capture: Capture): void {
  const versions = [...versionsOf(ledger, capture), capture].toSorted((a, b) => compareVersions("available", a, b));
  changeSlot(ledger, capture, { versions: Object.freeze(versions.map(({ captureId }) => captureId)) });
}

/** By start, then id: the order of lists, and what makes a capture the latest of its slot. */
export function newestFirst(left: Capture, right: Capture): number {
  if (left.startedAt !== right.startedAt) return left.startedAt > right.startedAt ? -1 : 1;
  return left.captureId > right.captureId ? -1 : 1;
}
