import type { BackfillPlan } from "@spine/core";
import { countOf, valueText } from "../output/format.ts";
import { section } from "../output/section.ts";
import { oneLine, type Style } from "../output/style.ts";
import { tableLines } from "../output/table.ts";

/** What a backfill would do, for people: which partitions and why, and which it would leave alone. */
export function planLines(
  plan: BackfillPlan,
  { limit, style }: { readonly limit: number; readonly style: Style },
): readonly string[] {
  const { expectation, target, mode, direction, items, excluded, counts } = plan;
  const columns = [{ title: "  PARTITION" }, { title: "WHY" }, { title: "PARAMS" }];
  const rows = items.slice(0, limit).map(({ partition, params, why }) => [
    `  ${partition}`,
    why,
    oneLine(
      Object.entries(params)
        .map(([name, value]) => `${name}=${valueText(value)}`)
        .join(" "),
    ),
  ]);
  const aside = excluded.slice(0, limit).map(({ partition, why }) => [`  ${partition}`, oneLine(why)]);
  return [
    `${style.paint("bold", expectation)}  ${mode}, ${direction}, runs ${target}`,
    `  ${countOf(counts.planned, "partition")} to do, ${counts.excluded} left alone, ${counts.untouched} need nothing; ${counts.expected} expected`,
    ...section("To do", [...tableLines(columns, rows, style), ...moreLines(items.length, limit)], style),
    ...section(
      "Left alone",
      aside.length === 0
        ? []
        : [
            ...tableLines([{ title: "  PARTITION" }, { title: "WHY" }], aside, style),
            ...moreLines(excluded.length, limit),
          ],
      style,
    ),
  ];
}

function moreLines(count: number, limit: number): readonly string[] {
  return count <= limit ? [] : [`  and ${count - limit} more: add --limit <count>`];
}
