import type { BackfillMode, PartitionReport, PartitionStatus, PlainDate } from "@spine/core";
import { shellWord } from "../output/shell-word.ts";

/** Partitions in one state, and what repairs all of them. */
export interface Repair {
  readonly status: PartitionStatus;
  readonly partitions: readonly PartitionReport[];
  /** The command. */
  readonly command: string;
}

/** States in which something is to be done, the most pressing first. */
const repairable = ["blocked", "failed", "late", "quarantined", "missing", "stale"] as const;
type Repairable = (typeof repairable)[number];

const modes: Readonly<Record<Exclude<Repairable, "blocked" | "quarantined">, BackfillMode>> = {
  failed: "failed",
  late: "missing",
  missing: "missing",
  stale: "stale",
};

/** Whether something is to be done about a partition. */
export function needsRepair({ status }: Pick<PartitionReport, "status">): boolean {
  return repairable.some((candidate) => candidate === status);
}

/** One command for each state that partitions of an expectation are in. */
export function repairsOf(expectation: string, partitions: readonly PartitionReport[]): readonly Repair[] {
  return repairable.flatMap((status) => {
    const concerned = partitions.filter((partition) => partition.status === status);
    const command = commandFor(expectation, status, concerned);
    return command === undefined ? [] : [{ status, partitions: concerned, command }];
  });
}

/** The command that repairs one partition, or undefined when nothing is to be done. */
export function repairOf(expectation: string, partition: PartitionReport): string | undefined {
  return repairsOf(expectation, [partition])[0]?.command;
}

function commandFor(
  expectation: string,
  status: Repairable,
  partitions: readonly PartitionReport[],
): string | undefined {
  if (partitions.length === 0) return undefined;
  if (status === "blocked" || status === "quarantined") return lookAtHeldBack(partitions);
  const dates = partitions.map(({ date }) => date).toSorted();
  return backfillCommand(expectation, modes[status], { from: dates[0], to: dates.at(-1) });
}

/** A gate has said no: only a person or other data can help. */
function lookAtHeldBack(partitions: readonly PartitionReport[]): string | undefined {
  const held = partitions
    .flatMap(({ stages }) => stages)
    .find(({ status }) => status === "blocked" || status === "quarantined");
  if (held?.latest === undefined) return undefined;
  if (partitions.length === 1) return `spine captures show ${held.latest.captureId}`;
  const gate = held.status === "blocked" ? "BLOCK" : "QUARANTINE";
  return `spine captures --domain ${shellWord(held.latest.domain)} --gate ${gate}`;
}

/** What fills a range of dates. */
function backfillCommand(
  expectation: string,
  mode: BackfillMode,
  { from, to }: { readonly from: PlainDate | undefined; readonly to: PlainDate | undefined },
): string {
  const range = [from === undefined ? "" : ` --from ${from}`, to === undefined ? "" : ` --to ${to}`].join("");
  return `spine backfill create ${shellWord(expectation)} --mode ${mode}${range} --reason "<why>" --run`;
}
