import { fit, type Style, widthOf } from "./style.ts";

/** A column: its heading, and on which side its cells stand. @defaultValue left */
export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
}

/** Rows under headings, each column as wide as its widest cell. On a terminal the last one is cut where the line ends. */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  style: Style,
): readonly string[] {
  const widths = columns.map(({ title }, index) =>
    Math.max(widthOf(title), ...rows.map((row) => widthOf(row[index] ?? ""))),
  );
  const last = columns.length - 1;
  const before = widths.slice(0, last).reduce((sum, width) => sum + width + 2, 0);
  const room = style.terminal ? Math.max(minLastColumns, style.columns - before) : Infinity;
  const lineOf = (cells: readonly string[]): string =>
    columns
      .map(({ align }, index) => {
        const cell = cells[index] ?? "";
        if (index === last && widthOf(cell) > room) return fit(cell, room);
        return pad(cell, widths[index] ?? 0, align ?? "left");
      })
      .join("  ")
      .trimEnd();
  return [style.paint("dim", lineOf(columns.map(({ title }) => title))), ...rows.map(lineOf)];
}

/** Less of a text would tell nothing; the line is broken by the terminal then. */
const minLastColumns = 20;

/** Names and values below each other; a pair without a value is left out. */
export function pairLines(
  pairs: readonly (readonly [name: string, value: string | undefined])[],
  style: Style,
): readonly string[] {
  const present = pairs.filter(([, value]) => value !== undefined && value !== "");
  const width = Math.max(0, ...present.map(([name]) => widthOf(name)));
  return present.map(([name, value]) => `  ${style.paint("dim", pad(name, width, "left"))}  ${value}`);
}

export function pad(text: string, width: number, align: "left" | "right"): string {
  const space = " ".repeat(Math.max(0, width - widthOf(text)));
  return align === "left" ? `${text}${space}` : `${space}${text}`;
}
