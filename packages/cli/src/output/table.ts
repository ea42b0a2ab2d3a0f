import { fit, type Style, widthOf } from "./style.ts";

/** A column: its heading, and on which side its cells stand. @defaultValue left */
export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
  /** Whether its cells are ids, of which the end will do where lines are short. @defaultValue false */
  readonly ids?: boolean;
}

/**
 * Rows under headings, each column as wide as its widest cell. On a terminal too narrow for them ids are shortened, then the last column is
 * cut where the line ends.
 */
export function tableLines(
  columns: readonly Column[],
  given: readonly (readonly string[])[],
  style: Style,
): readonly string[] {
  const isNarrow = style.terminal && sum(widthsOf(columns, given)) + 2 * (columns.length - 1) > style.columns;
  const rows = isNarrow ? given.map((row) => withShortIds(row, columns)) : given;
  const widths = widthsOf(columns, rows);
  const last = columns.length - 1;
  const before = sum(widths.slice(0, last)) + 2 * last;
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

function widthsOf(columns: readonly Column[], rows: readonly (readonly string[])[]): readonly number[] {
  return columns.map(({ title }, index) =>
    rows.reduce((widest, row) => Math.max(widest, widthOf(row[index] ?? "")), widthOf(title)),
  );
}

function sum(widths: readonly number[]): number {
  return widths.reduce((total, width) => total + width, 0);
}

function withShortIds(row: readonly string[], columns: readonly Column[]): readonly string[] {
  return row.map((cell, index) => (columns[index]?.ids === true ? shortId(cell) : cell));
}

/** The end of an id tells it from others made in the same moment: `k3vq8z1p` of `cap_01kav3…k3vq8z1p`, `7h2k9qzc:load` of a child run's. */
export function shortId(id: string): string {
  return id.replace(/(^\s*)[a-z]+_[0-9a-z]{18}([0-9a-z]{8})/, "$1$2");
}

/** Less of a text would tell nothing; the line is broken by the terminal then. */
const minLastColumns = 12;

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
