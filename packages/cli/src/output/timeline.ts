import type { StepRecord } from "@spine/core";
import type { ShownStepStatus } from "../runs/truth.ts";
import { countOf, countText, durationText } from "./format.ts";
import { type Colour, fit, oneLine, type Style, widthOf } from "./style.ts";
import { pad } from "./table.ts";

/** A step as the timeline shows it. */
export type TimelineStep = Pick<StepRecord, "step" | "attempt" | "durationMs" | "reason" | "error"> &
  Partial<Pick<StepRecord, "output" | "quality">> & { readonly status: ShownStepStatus };

const marks: Readonly<Record<ShownStepStatus, readonly [mark: string, colour: Colour]>> = {
  COMPLETED: ["✓", "green"],
  FAILED: ["✗", "red"],
  SKIPPED: ["–", "dim"],
  RUNNING: ["●", "cyan"],
  WAITING: ["◌", "cyan"],
  INTERRUPTED: ["!", "yellow"],
};

const barColumns = 20;
const blocks = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** One line for each step: mark, name, bar, duration and what came of it; words instead of marks when nobody watches. */
export function timelineLines(steps: readonly TimelineStep[], style: Style): readonly string[] {
  const nameColumns = Math.max(0, ...steps.map(({ step }) => widthOf(step)));
  const longestMs = Math.max(0, ...steps.map(({ durationMs = 0 }) => durationMs));
  const durations = steps.map(({ durationMs }) => (durationMs === undefined ? "" : durationText(durationMs)));
  const durationColumns = Math.max(0, ...durations.map(widthOf));
  return steps.map((step, index) => {
    const name = pad(step.step, nameColumns, "left");
    const duration = pad(durations[index] ?? "", durationColumns, "right");
    const note = oneLine(noteOf(step));
    if (!style.terminal) return `  ${name}  ${pad(step.status, 11, "left")}  ${duration}  ${note}`.trimEnd();
    const [mark, colour] = marks[step.status];
    const bar = pad(barText(step.durationMs ?? 0, longestMs), barColumns, "left");
    const left = `  ${mark} ${name}  ${bar}  ${duration}  `;
    const shown = fit(note, Math.max(20, style.columns - widthOf(left) - 1));
    return `  ${style.paint(colour, mark)} ${name}  ${style.paint(colour, bar)}  ${duration}  ${shown}`.trimEnd();
  });
}

/** What came of a step: rows and rejects, why it was skipped, its error. */
function noteOf(step: TimelineStep): string {
  const tries = step.attempt > 1 ? ` (attempt ${step.attempt})` : "";
  if (step.status === "SKIPPED") return `skipped: ${step.reason ?? "no reason was given"}${tries}`;
  if (step.error !== undefined) return `${step.error.code}: ${step.error.message}${tries}`;
  if (step.status === "INTERRUPTED") return `its process ended before it did${tries}`;
  return `${rowsText(step)}${tries}`.trim();
}

/** What the step says it made; else what it measured. */
function rowsText({ output, quality }: TimelineStep): string {
  const rows = numberAt(output, ["recordCount", "rowCount", "rows"]) ?? quality?.validCount ?? quality?.recordCount;
  const rejected = numberAt(output, ["rejected", "rejectCount"]) ?? quality?.invalidCount;
  return [
    ...(rows === undefined ? [] : [countOf(rows, "row")]),
    ...(rejected === undefined || rejected === 0 ? [] : [`${countText(rejected)} rejected`]),
  ].join(", ");
}

function numberAt(output: TimelineStep["output"], names: readonly string[]): number | undefined {
  if (typeof output !== "object" || output === null || Array.isArray(output)) return undefined;
  const found = names.map((name): unknown => (output as Readonly<Record<string, unknown>>)[name]);
  return found.find((value): value is number => typeof value === "number");
}

function barText(durationMs: number, longestMs: number): string {
  if (longestMs === 0 || durationMs === 0) return "";
  const eighths = Math.max(1, Math.round((durationMs / longestMs) * barColumns * 8));
  return `${"█".repeat(Math.floor(eighths / 8))}${blocks[eighths % 8] ?? ""}`;
}
