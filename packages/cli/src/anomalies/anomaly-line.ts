import type { Anomaly, AnomalySeverity } from "@spine/core";
import { type Colour, oneLine, type Style } from "../output/style.ts";

const colours: Readonly<Record<AnomalySeverity, Colour>> = {
  DEBUG: "dim",
  INFO: "dim",
  WARNING: "yellow",
  ERROR: "red",
  CRITICAL: "red",
};

/** A severity in its colour. */
export function severityText(severity: AnomalySeverity, style: Style): string {
  return style.paint(colours[severity], severity);
}

/** `WARNING NULL_VOLUME: 12 rows have no volume.`, with what was decided about it. */
export function anomalyLine({ severity, code, message, status }: Anomaly, style: Style): string {
  const decided = status === "OPEN" ? "" : ` (${status})`;
  return `${severityText(severity, style)} ${code}: ${oneLine(message)}${decided}`;
}
