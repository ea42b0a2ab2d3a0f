import type { Anomaly, AnomalyChange, AnomalyStatus } from "@spine/core";
import { instantText, valueText } from "../output/format.ts";
import { section } from "../output/section.ts";
import { type Colour, oneLine, type Style } from "../output/style.ts";
import { pairLines, tableLines } from "../output/table.ts";
import { severityText } from "./anomaly-line.ts";

const colours: Readonly<Record<AnomalyStatus, Colour>> = {
  OPEN: "yellow",
  ACKNOWLEDGED: "cyan",
  RESOLVED: "green",
  ACCEPTED: "green",
};

/** Anomalies as a table, one line each. */
export function anomalyTable(anomalies: readonly Anomaly[], style: Style): readonly string[] {
  const columns = [
    { title: "ANOMALY", ids: true },
    { title: "RECORDED" },
    { title: "SEVERITY" },
    { title: "CODE" },
    { title: "" },
  ];
  const rows = anomalies.map((anomaly) => [
    anomaly.anomalyId,
    instantText(anomaly.recordedAt),
    severityText(anomaly.severity, style),
    anomaly.code,
    oneLine(`${anomaly.status === "OPEN" ? "" : `(${anomaly.status}) `}${subjectText(anomaly)}${anomaly.message}`),
  ]);
  return tableLines(columns, rows, style);
}

/** Everything that is known of an anomaly, for people. */
export function anomalyLines(anomaly: Anomaly, changes: readonly AnomalyChange[], style: Style): readonly string[] {
  const { anomalyId, code, severity, status, runId, step } = anomaly;
  const context = Object.keys(anomaly.context).length === 0 ? undefined : oneLine(valueText(anomaly.context));
  return [
    `${style.paint("bold", code)}  ${severityText(severity, style)}  ${style.paint(colours[status], status)}  ${style.paint("dim", anomalyId)}`,
    `  ${oneLine(anomaly.message)}`,
    ...pairLines(
      [
        ["recorded", instantText(anomaly.recordedAt)],
        ["of", [anomaly.domain, anomaly.partition, anomaly.stage].filter((part) => part !== undefined).join(" ")],
        ["capture", anomaly.captureId],
        ["run", runId === undefined ? undefined : `${runId}${step === undefined ? "" : `, step ${step}`}`],
        ["context", context],
      ],
      style,
    ),
    ...section(
      "What was decided",
      changes.map(
        (change) =>
          `  ${instantText(change.at)}  ${style.paint(colours[change.status], change.status)} by ${oneLine(change.by)}: ${oneLine(change.why)}`,
      ),
      style,
    ),
  ];
}

function subjectText({ partition, stage }: Anomaly): string {
  const parts = [partition, stage].filter((part) => part !== undefined);
  return parts.length === 0 ? "" : `${parts.join(" ")}: `;
}
