import type { Capture } from "../captures/capture.ts";
import { compareVersions, instantBy, isHeldBack } from "../captures/settle.ts";
import type { CaptureStore, ListCaptures, ResolveCapture, SlotHead } from "../store/captures.ts";
import type { Instant } from "../time.ts";
import { capturesOf, newestFirst } from "./slots.ts";
import { type LedgerTables, slotKey, type SlotState } from "./state.ts";

/** What readers see of a slot, or of all tiers of a stage. */
export function resolveCapture(ledger: LedgerTables, wanted: ResolveCapture): Capture | undefined {
  const { asOf, clock = "available" } = wanted;
  const own = ownCapture(ledger, wanted);
  if (own !== undefined) return own;
  const versions = statesOf(ledger, wanted).flatMap((state) => capturesOf(ledger, state.versions));
  return versions
    .filter((version) => asOf === undefined || isSeenAt(asOf, instantBy(clock, version)))
    .toSorted((left, right) => compareVersions(clock, left, right))
    .at(-1);
}

function isSeenAt(asOf: Instant, instant: Instant | undefined): boolean {
  return instant !== undefined && instant <= asOf;
}

/** What a run with an `asOf` of its own wrote itself, or one of its child runs. */
function ownCapture({ captures }: LedgerTables, { runId, ...wanted }: ResolveCapture): Capture | undefined {
  if (runId === undefined) return undefined;
  const { domain, partition, stage, tier } = wanted;
  return [...captures.values()]
    .filter((capture) => capture.asOf !== undefined && capture.status === "COMPLETE" && !isHeldBack(capture.gate))
    .filter((capture) => capture.runId === runId || capture.runId?.startsWith(`${runId}:`) === true)
    .filter((capture) => fits(capture, { domain, partition, stage, tier }))
    .toSorted((left, right) =>
      compareVersions("available", { ...left, contentHash: "" }, { ...right, contentHash: "" }),
    )
    .at(-1);
}

function statesOf({ captures, slots }: LedgerTables, wanted: ResolveCapture): readonly SlotState[] {
  const { domain, partition, stage, tier } = wanted;
  if (tier !== undefined)
    return [slots.get(slotKey({ domain, partition, stage, tier }))].filter((state) => state !== undefined);
  return [...slots.values()].filter(({ versions: [first = ""] }) => {
    const version = captures.get(first);
    return version !== undefined && fits(version, { domain, partition, stage });
  });
}

/** Newest first. */
export function listCaptures({ captures }: LedgerTables, filter: ListCaptures): readonly Capture[] {
  const { before, limit = 100, ...wanted } = filter;
  const last = before === undefined ? undefined : captures.get(before);
  if (before !== undefined && last === undefined) return [];
  return [...captures.values()]
    .filter((capture) => fits(capture, wanted) && (last === undefined || newestFirst(last, capture) < 0))
    .toSorted(newestFirst)
    .slice(0, limit);
}

function fits(capture: Capture, filter: Omit<ListCaptures, "before" | "limit">): boolean {
  return (
    (filter.domain === undefined || capture.domain === filter.domain) &&
    (filter.partition === undefined || capture.partition === filter.partition) &&
    (filter.stage === undefined || capture.stage === filter.stage) &&
    (filter.tier === undefined || capture.tier === filter.tier) &&
    (filter.status === undefined || capture.status === filter.status) &&
    (filter.gate === undefined || capture.gate === filter.gate) &&
    (filter.runId === undefined || capture.runId === filter.runId) &&
    (filter.stale === undefined || (capture.staleAt !== undefined) === filter.stale) &&
    (filter.available === undefined || isVersion(capture) === filter.available)
  );
}

function isVersion({ asOf, availableAt }: Capture): boolean {
  return asOf === undefined && availableAt !== undefined;
}

/** By partition, then tier. */
export function headsOf(ledger: LedgerTables, filter: Parameters<CaptureStore["heads"]>[0]): readonly SlotHead[] {
  const { domain, stage, tier } = filter;
  const partitions = filter.partitions === undefined ? undefined : new Set(filter.partitions);
  const heads: SlotHead[] = [];
  for (const { latest: latestId = "", versions } of ledger.slots.values()) {
    const latest = ledger.captures.get(latestId);
    if (latest === undefined || !fits(latest, { domain, stage, tier })) continue;
    if (partitions?.has(latest.partition) === false) continue;
    const [current] = capturesOf(ledger, versions.slice(-1));
    heads.push(Object.freeze({ partition: latest.partition, tier: latest.tier, current, latest }));
  }
  return heads.toSorted(byPartition);
}

function byPartition(left: SlotHead, right: SlotHead): number {
  if (left.partition !== right.partition) return left.partition < right.partition ? -1 : 1;
  return left.tier < right.tier ? -1 : 1;
}
