import { type Instant, instantOfMs, msOf } from "../time.ts";
import type { Capture, GateDecision } from "./capture.ts";

/** A RUNNING capture with all that its end says of it. */
export type EndingCapture = Pick<Capture, "asOf" | "contentHash" | "reason"> & {
  readonly gate: GateDecision | undefined;
  /** Given when it is history that becomes available at this instant. */
  readonly importedAt: Instant | undefined;
};

/** How a capture ends. */
export interface Settlement {
  readonly status: "COMPLETE" | "UNCHANGED";
  readonly availableAt: Instant | undefined;
  readonly supersedes: string | undefined;
  readonly sameAs: string | undefined;
  readonly reason: string | undefined;
  /** Whether what was computed from the slot's other content is stale from now on. */
  readonly restates: boolean;
}

type Version = Pick<Capture, "captureId" | "availableAt" | "contentHash">;

/**
 * Decides how a capture ends (design 4.6): what it is to the capture readers saw before it, and from when on they see it.
 * - A capture of an old view of the world supersedes nothing and is neither first nor restatement.
 * - The present capture's content again is no new capture, unless it was forced or a gate holds it back. After other content that a gate
 *   held back it is one, `restored`: whoever was stopped by that content may go on.
 * - Availability grows strictly within a slot, also when a clock steps back: a later capture is never hidden behind the one before.
 * - History becomes available when it did then, and restates only when nothing that came after it is there.
 * @param heldBack whether a gate held a capture back since that version became available
 * @param before the slot's version readers would see at the moment this one becomes available
 * @param after the next version of the slot after that moment; only history has one
 */
export function settleCapture(
  ending: EndingCapture,
  {
    before,
    after,
    heldBack,
    now,
  }: {
    readonly before: Version | undefined;
    readonly after: Version | undefined;
    readonly heldBack: boolean;
    readonly now: Instant;
  },
): Settlement {
  const { asOf, importedAt } = ending;
  const none = { supersedes: undefined, sameAs: undefined, restates: false };
  if (asOf !== undefined) return { status: "COMPLETE", availableAt: now, reason: ending.reason, ...none };
  const isSame = before !== undefined && before.contentHash !== undefined && before.contentHash === ending.contentHash;
  const reason = reasonOf(ending.reason, before, isSame);
  if (isHeldBack(ending.gate)) return { status: "COMPLETE", availableAt: undefined, reason, ...none };
  if (importedAt !== undefined) {
    if (isSame && before.availableAt === importedAt && reason !== "forced") return unchanged(before, ending);
    return {
      ...none,
      status: "COMPLETE",
      availableAt: importedAt,
      supersedes: before?.captureId,
      reason: ending.reason ?? "imported",
      restates: after === undefined && before !== undefined && !isSame,
    };
  }
  if (isSame && ending.reason !== "forced" && !heldBack) return unchanged(before, ending);
  return {
    ...none,
    status: "COMPLETE",
    availableAt: laterThan(before?.availableAt, now),
    supersedes: before?.captureId,
    reason: isSame ? (ending.reason ?? "restored") : reason,
    restates: before !== undefined && !isSame,
  };
}

/** Whether a gate keeps a capture from readers. */
export function isHeldBack(gate: GateDecision | undefined): boolean {
  return gate === "QUARANTINE" || gate === "BLOCK";
}

/** Whether a capture is held back and came after what readers see: it stands until a later one passes, or somebody releases it. */
export function standsAfter(
  { completedAt, gate, asOf, captureId }: Pick<Capture, "completedAt" | "gate" | "asOf" | "captureId">,
  present: Pick<Capture, "captureId" | "availableAt"> | undefined,
): boolean {
  if (completedAt === undefined || !isHeldBack(gate) || asOf !== undefined) return false;
  if (present?.availableAt === undefined || completedAt > present.availableAt) return true;
  // Within one millisecond the ids tell the order: a slot's captures begin one after another.
  return completedAt === present.availableAt && captureId > present.captureId;
}

function unchanged(before: Version, ending: EndingCapture): Settlement {
  return {
    status: "UNCHANGED",
    availableAt: undefined,
    supersedes: undefined,
    sameAs: before.captureId,
    reason: ending.reason,
    restates: false,
  };
}

/** Forcing is a reason only where nothing else has changed. */
function reasonOf(given: string | undefined, before: Version | undefined, isSame: boolean): string {
  if (given !== undefined && (given !== "forced" || isSame)) return given;
  return before === undefined ? "first" : "restatement";
}

function laterThan(before: Instant | undefined, now: Instant): Instant {
  return before === undefined || before < now ? now : instantOfMs(msOf(before) + 1);
}

type Ordered = Pick<Capture, "captureId" | "availableAt" | "publishedAt" | "capturedAt" | "contentHash">;

const clockOf = {
  available: ({ availableAt }: Ordered) => availableAt,
  captured: ({ capturedAt }: Ordered) => capturedAt,
  published: ({ publishedAt }: Ordered) => publishedAt,
} as const;

/** The instant of a capture by a clock; undefined while it has none. */
export function instantBy(clock: keyof typeof clockOf, capture: Ordered): Instant | undefined {
  return clockOf[clock](capture);
}

/**
 * Which of two versions of a slot readers prefer by a clock: negative when `left` comes before `right`. Total, and the same whatever
 * the order in which they were loaded.
 */
export function compareVersions(clock: keyof typeof clockOf, left: Ordered, right: Ordered): number {
  const keysOf = (version: Ordered): readonly string[] => [
    clockOf[clock](version) ?? "",
    version.availableAt ?? "",
    version.contentHash ?? "",
    version.captureId,
  ];
  const rightKeys = keysOf(right);
  for (const [index, key] of keysOf(left).entries()) {
    const other = rightKeys[index] ?? "";
    if (key !== other) return key < other ? -1 : 1;
  }
  return 0;
}
