import type { Capture } from "@spine/core";
import { countText } from "../output/format.ts";
import { oneLine, type Style } from "../output/style.ts";
import { type Column, tableLines } from "../output/table.ts";
import { captureHint, captureStateText } from "./capture-state.ts";

interface CaptureColumn extends Column {
  cell(capture: Capture, style: Style): string;
  /** Left out where all rows say the same, which is what a filter or the list's subject says already. */
  readonly isOptional?: boolean;
}

const columns: readonly CaptureColumn[] = [
  { title: "CAPTURE", ids: true, cell: ({ captureId }) => captureId },
  { title: "DOMAIN", isOptional: true, cell: ({ domain }) => domain },
  { title: "PARTITION", cell: ({ partition }) => partition },
  { title: "STAGE", cell: ({ stage }) => stage },
  { title: "STATE", cell: captureStateText },
  { title: "ROWS", align: "right", cell: ({ rowCount }) => (rowCount === undefined ? "" : countText(rowCount)) },
  { title: "", cell: (capture) => oneLine(captureHint(capture)) },
];

/** Captures as a table, one line each. */
export function captureTable(captures: readonly Capture[], style: Style): readonly string[] {
  const shown = columns.filter(
    ({ isOptional, cell }) => isOptional !== true || new Set(captures.map((one) => cell(one, style))).size > 1,
  );
  return tableLines(
    shown,
    captures.map((capture) => shown.map(({ cell }) => cell(capture, style))),
    style,
  );
}
