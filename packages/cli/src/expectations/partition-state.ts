import type { PartitionReport, PartitionStatus } from "@spine/core";
import type { Colour, Style } from "../output/style.ts";

const colours: Readonly<Record<PartitionStatus, Colour>> = {
  blocked: "red",
  failed: "red",
  late: "red",
  quarantined: "yellow",
  missing: "yellow",
  stale: "yellow",
  pending: "dim",
  accepted: "dim",
  arrivedLate: "green",
  present: "green",
};

/** What a status is called among other words. */
const words: Readonly<Record<PartitionStatus, string>> = {
  blocked: "blocked",
  failed: "failed",
  late: "late",
  quarantined: "quarantined",
  missing: "missing",
  stale: "stale",
  pending: "not due",
  accepted: "accepted",
  arrivedLate: "came late",
  present: "present",
};

/** A partition's status in its colour. */
export function partitionStatusText(status: PartitionStatus, style: Style): string {
  return style.paint(colours[status], words[status]);
}

/** `40 present, 3 late, 1 stale`, most pressing first. */
export function countsText(counts: Readonly<Record<PartitionStatus, number>>, style: Style): string {
  const statuses = Object.keys(words) as readonly PartitionStatus[];
  return statuses
    .filter((status) => counts[status] > 0)
    .map((status) => `${counts[status]} ${partitionStatusText(status, style)}`)
    .join(", ");
}

/** Which stages are why a partition is in its status: `INGEST, NORMALIZE`. */
export function stagesText({ stages, status }: PartitionReport): string {
  return stages
    .filter((stage) => stage.status === status || stage.isGap)
    .map((stage) => (stage.status === status ? stage.stage : `${stage.stage} ${words[stage.status]}`))
    .join(", ");
}
