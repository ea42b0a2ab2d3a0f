import type { ShownStatus, ShownStepStatus } from "../runs/truth.ts";
import type { Colour, Style } from "./style.ts";

const colours: Readonly<Record<ShownStatus | ShownStepStatus, Colour>> = {
  COMPLETED: "green",
  RUNNING: "cyan",
  WAITING: "cyan",
  PARTIAL: "yellow",
  INTERRUPTED: "yellow",
  CANCELLED: "yellow",
  SKIPPED: "dim",
  FAILED: "red",
};

/** A status in its colour. */
export function statusText(status: ShownStatus | ShownStepStatus, style: Style): string {
  return style.paint(colours[status], status);
}
