import { type Capture, slotText } from "@spine/core";
import type { CaptureDiff, ChangedRow, TableDiff } from "@spine/sql";
import { countText, instantText, valueText } from "../output/format.ts";
import { type Colour, oneLine, type Style } from "../output/style.ts";
import { pairLines, tableLines } from "../output/table.ts";

/** How the rows of two captures differ, for people: each difference on one line, changed columns before → after. */
export function diffLines({ from, to, tables }: CaptureDiff, style: Style): readonly string[] {
  return [
    ...pairLines(
      [
        ["before", captureText(from)],
        ["after", captureText(to)],
      ],
      style,
    ),
    ...(tables.length === 0 ? ["", "Neither capture has rows in a table."] : []),
    ...tables.flatMap((table) => ["", ...tableDiffLines(table, style)]),
  ];
}

function captureText(capture: Capture): string {
  const since = capture.availableAt === undefined ? "" : `  since ${instantText(capture.availableAt)}`;
  return `${capture.captureId}  ${slotText(capture)}${since}`;
}

function tableDiffLines(table: TableDiff, style: Style): readonly string[] {
  const { key, added, removed, changed, examples } = table;
  const rows = [
    ...examples.removed.map((row) => lineOf("-", key, row, restOf(row, key))),
    ...examples.changed.map((row) => lineOf("~", key, row.key, changesOf(row))),
    ...examples.added.map((row) => lineOf("+", key, row, restOf(row, key))),
  ];
  const left = added + removed + changed - rows.length;
  return [
    `${style.paint("bold", table.table)}  ${countsOf(table, style)}`,
    ...(rows.length === 0
      ? []
      : tableLines(
          [{ title: "  " }, ...key.map((title) => ({ title })), { title: "" }],
          rows.map(([mark = "", ...cells]) => [style.paint(markColours[mark] ?? "dim", `  ${mark}`), ...cells]),
          style,
        )),
    ...(left > 0 ? [`  and ${countText(left)} more: add --limit <count>`] : []),
  ];
}

const markColours: Readonly<Record<string, Colour>> = { "+": "green", "-": "red", "~": "yellow" };

function countsOf({ added, removed, changed, unchanged }: TableDiff, style: Style): string {
  if (added + removed + changed === 0) return `no difference in ${countText(unchanged)} rows`;
  return [
    ...(removed === 0 ? [] : [style.paint("red", `${countText(removed)} removed`)]),
    ...(changed === 0 ? [] : [style.paint("yellow", `${countText(changed)} changed`)]),
    ...(added === 0 ? [] : [style.paint("green", `${countText(added)} added`)]),
    `${countText(unchanged)} the same`,
  ].join(", ");
}

type Row = Readonly<Record<string, unknown>>;

function lineOf(mark: string, key: readonly string[], row: Row, rest: string): readonly string[] {
  return [mark, ...key.map((name) => cellText(row[name])), rest];
}

/** What a row holds besides its key and its capture. */
function restOf(row: Row, key: readonly string[]): string {
  const hidden = new Set([...key, "capture_id", "input_min_capture_id", "input_max_capture_id"]);
  return Object.entries(row)
    .filter(([name]) => !hidden.has(name))
    .map(([name, value]) => `${name}=${cellText(value)}`)
    .join(" ");
}

function changesOf({ columns }: ChangedRow): string {
  return Object.entries(columns)
    .map(([name, { before, after }]) => `${name} ${cellText(before)} → ${cellText(after)}`)
    .join(", ");
}

/** A value of a database on one line. */
function cellText(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return `${value.byteLength} bytes`;
  return typeof value === "bigint" ? value.toString() : oneLine(valueText(value));
}
