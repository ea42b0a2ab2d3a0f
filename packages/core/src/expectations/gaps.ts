import type { Capture, CaptureSlot, CaptureTier } from "../captures/capture.ts";
import { standsAfter } from "../captures/settle.ts";
import type { SlotHead } from "../store/captures.ts";
import type { Instant } from "../time.ts";
import type { ExpectedStage } from "./expectation.ts";
import type { ExpectedPartition } from "./partitions.ts";

/** A partition that is absent and need not come, with who said so and why. */
export interface AcceptedGap extends CaptureSlot {
  readonly reason: string;
  readonly author: string;
  readonly acceptedAt: Instant;
}

/**
 * What there is to say of an expected stage of a partition, the most pressing first:
 * - `blocked`: a gate refused a later capture, and stops what depends on the partition
 * - `failed`: the last capture failed
 * - `late`: absent past its grace
 * - `quarantined`: a gate keeps a later capture aside; readers go on with the one before, if there is one
 * - `missing`: due and absent
 * - `stale`: something it was computed from was restated
 * - `pending`: absent and not due
 * - `accepted`: absent, and somebody said it need not come
 * - `arrivedLate`: there, and its first capture came past its grace
 * - `present`: there
 */
export type PartitionStatus =
  | "blocked"
  | "failed"
  | "late"
  | "quarantined"
  | "missing"
  | "stale"
  | "pending"
  | "accepted"
  | "arrivedLate"
  | "present";

const pressing: readonly PartitionStatus[] = [
  "blocked",
  "failed",
  "late",
  "quarantined",
  "missing",
  "stale",
  "pending",
  "accepted",
  "arrivedLate",
  "present",
];

export interface StageReport {
  readonly stage: string;
  readonly tier: CaptureTier;
  readonly status: PartitionStatus;
  /** Whether it is due, absent and not accepted. */
  readonly isGap: boolean;
  /** The capture readers see. */
  readonly current: Capture | undefined;
  /** The capture that was started last, seen or not. */
  readonly latest: Capture | undefined;
  /** The capture by which a gate blocks the partition, as long as nothing became available since. */
  readonly block: Capture | undefined;
  readonly accepted: AcceptedGap | undefined;
}

export interface PartitionReport extends ExpectedPartition {
  /** The most pressing of its stages. */
  readonly status: PartitionStatus;
  /** In the order of the expectation. */
  readonly stages: readonly StageReport[];
}

/** A stage of a partition that is due, absent and not accepted. */
export interface Gap {
  readonly partition: string;
  readonly stage: string;
  readonly tier: CaptureTier;
  readonly dueAt: Instant;
  readonly isLate: boolean;
}

export interface GapReport {
  /** In the order of what is expected. */
  readonly partitions: readonly PartitionReport[];
  /** Partitions by status. */
  readonly counts: Readonly<Record<PartitionStatus, number>>;
  /** Expected and due, less present, less accepted. */
  readonly gaps: readonly Gap[];
  readonly at: Instant;
}

/** What is known of one expected stage in all partitions. */
export interface StageHeads extends ExpectedStage {
  readonly heads: readonly SlotHead[];
  /** Captures of the stage that a gate blocked, newest first: one still stands while a later one runs or failed. */
  readonly blocks: readonly Capture[];
}

/** Compares what should exist with what does. Costs time in proportion to expected partitions and heads. */
export function gapsOf(facts: {
  readonly expected: readonly ExpectedPartition[];
  readonly stages: readonly StageHeads[];
  readonly accepted: readonly AcceptedGap[];
  readonly now: Instant;
}): GapReport {
  const { expected, now } = facts;
  const lookUps = facts.stages.map((known) => lookUpOf(known, facts.accepted));
  const counts = Object.fromEntries(pressing.map((status) => [status, 0])) as Record<PartitionStatus, number>;
  const gaps: Gap[] = [];
  const partitions = expected.map((partition) => {
    const stages = lookUps.map(({ stage, tier, heads, blocks, accepted }) => {
      const key = partition.partition;
      const head = heads.get(key);
      const known = { head, block: standingBlock(head, blocks.get(key)), accepted: accepted.get(key) };
      return reportOf({ stage, tier }, partition, known, now);
    });
    for (const { stage, tier, isGap } of stages) {
      const { dueAt, lateAt } = partition;
      if (isGap) gaps.push(Object.freeze({ partition: partition.partition, stage, tier, dueAt, isLate: now > lateAt }));
    }
    const status = mostPressing(stages);
    counts[status] += 1;
    return Object.freeze({ ...partition, status, stages: Object.freeze(stages) });
  });
  return Object.freeze({
    partitions: Object.freeze(partitions),
    counts: Object.freeze(counts),
    gaps: Object.freeze(gaps),
    at: now,
  });
}

/** What is known of a stage, by partition. */
function lookUpOf({ stage, tier, heads, blocks }: StageHeads, accepted: readonly AcceptedGap[]) {
  const byPartition = <T extends { readonly partition: string; readonly tier: string }>(all: readonly T[]) =>
    new Map(all.filter((one) => one.tier === tier).map((one) => [one.partition, one]));
  return {
    stage,
    tier,
    heads: byPartition(heads),
    // The last one of a partition stays in the map.
    blocks: byPartition(blocks.filter(({ asOf }) => asOf === undefined).toReversed()),
    accepted: byPartition(accepted.filter((gap) => gap.stage === stage)),
  };
}

/** The capture by which a partition is blocked, unless something became available since. */
function standingBlock(head: SlotHead | undefined, block: Capture | undefined): Capture | undefined {
  const latest = head?.latest;
  if (latest?.gate === "BLOCK" && latest.availableAt === undefined) return latest;
  return block !== undefined && standsAfter(block, head?.current) ? block : undefined;
}

interface Known {
  readonly head: SlotHead | undefined;
  readonly block: Capture | undefined;
  readonly accepted: AcceptedGap | undefined;
}

function reportOf(
  { stage, tier }: ExpectedStage,
  partition: ExpectedPartition,
  known: Known,
  now: Instant,
): StageReport {
  const { head, block, accepted } = known;
  const isDue = now >= partition.dueAt;
  return Object.freeze({
    stage,
    tier,
    status: statusOf(partition, known, now),
    isGap: isDue && head?.current === undefined && accepted === undefined,
    current: head?.current,
    latest: head?.latest,
    block,
    accepted,
  });
}

function statusOf(
  { dueAt, lateAt }: ExpectedPartition,
  { head, block, accepted }: Known,
  now: Instant,
): PartitionStatus {
  const current = head?.current;
  if (current === undefined && accepted !== undefined) return "accepted";
  if (block !== undefined) return "blocked";
  if (head?.latest.status === "FAILED") return "failed";
  if (head?.latest.gate === "QUARANTINE" && head.latest.availableAt === undefined) return "quarantined";
  if (current === undefined) {
    if (now < dueAt) return "pending";
    return now > lateAt ? "late" : "missing";
  }
  if (current.staleAt !== undefined) return "stale";
  // Of a restated partition it is no longer known here when its first capture came.
  const isFirst = current.supersedes === undefined;
  return isFirst && current.availableAt !== undefined && current.availableAt > lateAt ? "arrivedLate" : "present";
}

function mostPressing(stages: readonly StageReport[]): PartitionStatus {
  return pressing.find((status) => stages.some((stage) => stage.status === status)) ?? "present";
}
