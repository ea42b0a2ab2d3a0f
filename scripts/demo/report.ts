import { statSync } from "node:fs";
import { commandText, databasePath, shortPath } from "./project.ts";
import type { DemoResults, Ranked } from "./results.ts";
import type { DemoWeek } from "./weeks.ts";

const counts = new Intl.NumberFormat("en-US");

/** What came of the weeks, in small tables. */
export function resultLines({ weeks, topSymbols, topVenues }: DemoResults): readonly string[] {
  const [, { week: last }] = weeks;
  const reasons = [...new Set(weeks.flatMap(({ rejectedByReason }) => rejectedByReason.map(([reason]) => reason)))];
  return [
    ...table(
      ["week", "records in", "normalised", "rejected", "shares", "trades"],
      weeks.map((week) => [
        week.week,
        ...[week.recordsIn, week.normalized, week.rejected, week.totalShares, week.totalTrades].map(countText),
      ]),
    ),
    "",
    ...table(
      ["rejected because", ...weeks.map(({ week }) => week)],
      reasons.map((reason) => [
        reason,
        ...weeks.map(({ rejectedByReason }) => countText(new Map(rejectedByReason).get(reason) ?? 0)),
      ]),
    ),
    "",
    ...rankedTable(`top symbols of ${last}`, "name", topSymbols),
    "",
    ...rankedTable(`top venues of ${last}`, "share", topVenues),
  ];
}

/** Where the data lies, and what to try next. */
export function nextLines(runId: string, week: DemoWeek): readonly string[] {
  const megabytes = (statSync(databasePath).size / 1024 / 1024).toFixed(1);
  return [
    `Everything is in ${shortPath(databasePath)} (${megabytes} MB, SQLite). Look around:`,
    `  ${commandText(`show ${runId.slice(-8)}`)}`,
    `  ${commandText("captures list")}`,
    `  ${commandText("gaps finra.otc.weekly.otc --from 2025-11-07 --to 2025-11-21")}`,
    `  ${commandText(`run finra.weekly_refresh --param file=${shortPath(week.path)} --force`)}`,
  ];
}

/** Where the database and the generator disagree; none if all is well. */
export function differences({ weeks }: DemoResults, expected: readonly DemoWeek[]): readonly string[] {
  return expected.flatMap(({ week, truth }) => {
    const found = weeks.find((candidate) => candidate.week === week);
    const pairs: readonly (readonly [string, number | bigint, number | bigint | undefined])[] = [
      ["records in", truth.recordsIn, found?.recordsIn],
      ["normalised records", truth.normalized, found?.normalized],
      ["rejected records", truth.rejected + truth.ragged, found?.rejected],
      ["shares", truth.totalShares, found?.totalShares],
      ["trades", truth.totalTrades, found?.totalTrades],
    ];
    return pairs
      .filter(([, wanted, got]) => got === undefined || BigInt(wanted) !== BigInt(got))
      .map(
        ([what, wanted, got]) =>
          `week ${week}: ${countText(wanted)} ${what} in the file, ${got === undefined ? "none" : countText(got)} in the database`,
      );
  });
}

export function countText(count: number | bigint): string {
  return counts.format(count);
}

function rankedTable(title: string, detail: string, ranked: readonly Ranked[]): readonly string[] {
  return table(
    [title, detail, "shares", "trades"],
    ranked.map((row) => [row.name, row.detail, countText(row.shares), countText(row.trades)]),
  );
}

/** The first column stands left, the others right unless they hold words. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const all = [heads, ...rows];
  const widths = heads.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  const isWords = heads.map((head, column) => column === 0 || head === "name");
  return all.map((row) => {
    const cells = row.map((cell, column) =>
      isWords[column] ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    return `  ${cells.join("  ").trimEnd()}`;
  });
}
