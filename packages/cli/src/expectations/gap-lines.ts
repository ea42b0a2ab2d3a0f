import type { GapReport, PartitionReport } from "@spine/core";
import { countOf, instantText } from "../output/format.ts";
import type { Style } from "../output/style.ts";
import { tableLines } from "../output/table.ts";
import { countsText, partitionStatusText, stagesText } from "./partition-state.ts";
import { needsRepair, repairsOf } from "./repair.ts";

export interface GapLinesOptions {
  /** How many partitions are listed. */
  readonly limit: number;
  readonly style: Style;
}

/** What is not as it should be in one expectation, and the commands that repair it. */
export function gapLines(expectation: string, report: GapReport, { limit, style }: GapLinesOptions): readonly string[] {
  const { partitions, counts } = report;
  const concerned = partitions.filter(needsRepair);
  const shown = concerned.slice(0, limit);
  return [
    `${style.paint("bold", expectation)}  ${countOf(partitions.length, "partition")} expected${partitions.length === 0 ? "" : `: ${countsText(counts, style)}`}`,
    ...partitionLines(shown, style),
    ...(shown.length < concerned.length
      ? [`${shown.length} of ${concerned.length} shown; more: add --limit <count>`]
      : []),
    ...repairsOf(expectation, concerned).map(({ status, partitions: same, command }) => {
      const what = `${countOf(same.length, "partition")} ${partitionStatusText(status, style)}:`;
      return `${style.paint("cyan", "→")} ${what} ${command}`;
    }),
  ];
}

function partitionLines(partitions: readonly PartitionReport[], style: Style): readonly string[] {
  if (partitions.length === 0) return [];
  const columns = [{ title: "PARTITION" }, { title: "STATUS" }, { title: "DUE SINCE" }, { title: "STAGES" }];
  const rows = partitions.map((partition) => [
    partition.partition,
    partitionStatusText(partition.status, style),
    instantText(partition.dueAt),
    stagesText(partition),
  ]);
  return tableLines(columns, rows, style);
}
