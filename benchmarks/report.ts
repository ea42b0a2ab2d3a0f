import { type BenchResult, isMissed } from "./bench.ts";

const nameWidth = 36;

export function heading(): string {
  return line(["bench", "value", "floor", "unit", "ratio", "spread", "goal", ""]);
}

export function resultLine(result: BenchResult): string {
  const { name, unit, value, floor, ratio, goal, spread } = result;
  return line([
    name,
    shown(value),
    floor === null ? "-" : shown(floor),
    unit,
    ratio === null ? "-" : `${shown(ratio)}×`,
    spread.map(shown).join("–"),
    goalText(result),
    goal === null ? "" : isMissed(result) ? "MISSED" : "ok",
  ]);
}

/** The closing line: how many goals were met, and which were not. */
export function summaryLine(results: readonly BenchResult[]): string {
  const withGoal = results.filter(({ goal }) => goal !== null);
  if (withGoal.length === 0) return "No goals among these; the figures are only reported.";
  const missed = withGoal.filter(isMissed);
  const counts = `${withGoal.length - missed.length} of ${withGoal.length} goals met`;
  return missed.length === 0 ? counts : `${counts}; MISSED: ${missed.map(({ name }) => name).join(", ")}`;
}

function goalText({ goal, ratio, unit }: BenchResult): string {
  if (goal === null) return "-";
  return ratio === null ? `≤ ${goal} ${unit}` : `≤ ${goal}×`;
}

function line([name = "", ...cells]: readonly string[]): string {
  const widths = [8, 8, 12, 8, 13, 10, 0];
  return `${name.padEnd(nameWidth)}${cells.map((cell, index) => pad(cell, widths[index] ?? 0)).join("  ")}`.trimEnd();
}

/** Numbers to the right, the words after them to the left. */
function pad(cell: string, width: number): string {
  return /^[\d-]/.test(cell) ? cell.padStart(width) : cell.padEnd(width);
}

function shown(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString("en-US") : String(value);
}
