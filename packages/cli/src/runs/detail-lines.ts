import { type RunRecord, slotText } from "@spine/core";
import { anomalyLine } from "../anomalies/anomaly-line.ts";
import { captureStateText } from "../captures/capture-state.ts";
import { errorLines } from "../output/error-lines.ts";
import { countOf, countText, durationText, instantText, valueText } from "../output/format.ts";
import { section } from "../output/section.ts";
import { statusText } from "../output/status.ts";
import { oneLine, type Style } from "../output/style.ts";
import { pairLines, tableLines } from "../output/table.ts";
import { timelineLines } from "../output/timeline.ts";
import type { RunDetail } from "./run-detail.ts";
import { hintOf, resumeText, shownStepStatus } from "./truth.ts";

/** Everything that is known of a run, for people. */
export function detailLines(detail: RunDetail, style: Style): readonly string[] {
  const { run, truth, steps } = detail;
  const timeline = steps.map((step) => ({ ...step, status: shownStepStatus(step.status, truth.status) }));
  return [
    `${style.paint("bold", run.name)}  ${statusText(truth.status, style)}  ${style.paint("dim", run.runId)}`,
    ...pairLines(headPairs(detail), style),
    ...section("Steps", timelineLines(timeline, style), style),
    ...section("Attempts", attemptLines(detail, style), style),
    ...section("Errors", runErrorLines(detail, style), style),
    ...section("Captures", captureLines(detail, style), style),
    ...section("Rejected", rejectLines(detail, style), style),
    ...section(
      "Anomalies",
      detail.anomalies.map((anomaly) => `  ${anomalyLine(anomaly, style)}`),
      style,
    ),
    ...section("Child runs", childLines(detail, style), style),
  ];
}

function headPairs({ run, truth }: RunDetail): readonly (readonly [string, string | undefined])[] {
  const took = run.durationMs === undefined ? "" : `, took ${durationText(run.durationMs)}`;
  const { completed, total, failed, skipped } = run.counts;
  return [
    ["kind", `${run.kind}, version ${run.version}${run.dryRun ? ", dry run" : ""}`],
    ["started", `${instantText(run.startedAt)} by ${run.triggeredBy}${took}`],
    [
      "steps",
      `${completed} of ${total} completed${failed > 0 ? `, ${failed} failed` : ""}${skipped > 0 ? `, ${skipped} skipped` : ""}`,
    ],
    ["now", nowText(truth)],
    ["params", paramsText(run)],
    ["partition", run.partition],
    ["as of", run.asOf],
    ["batch", run.batchId],
    ["parent", run.parentRunId],
  ];
}

function nowText(truth: RunDetail["truth"]): string | undefined {
  return [hintOf(truth), resumeText(truth) ?? ""].filter((part) => part !== "").join("; ");
}

function paramsText({ params }: RunRecord): string {
  return Object.entries(params)
    .map(([name, value]) => oneLine(`${name}=${valueText(value)}`))
    .join("  ");
}

/** Only steps that were tried more than once have something to tell. */
function attemptLines({ attempts }: RunDetail, style: Style): readonly string[] {
  const repeated = new Set(attempts.filter(({ attempt }) => attempt > 1).map(({ step }) => step));
  return attempts
    .filter(({ step }) => repeated.has(step))
    .map(({ step, attempt, status, durationMs, error }) =>
      `  ${step} ${attempt}  ${statusText(status, style)}  ${durationText(durationMs)}  ${error === undefined ? "" : oneLine(`${error.code}: ${error.message}`)}`.trimEnd(),
    );
}

function runErrorLines({ run, steps }: RunDetail, style: Style): readonly string[] {
  const failed = steps.flatMap(({ step, error }) => (error === undefined ? [] : [{ step, error }]));
  const errors =
    failed.length > 0 || run.error === undefined ? failed : [{ step: run.errorStep ?? "", error: run.error }];
  return errors.flatMap(({ step, error }) =>
    errorLines(error, style).map((line, index) => `  ${index === 0 && step !== "" ? `${step}: ` : ""}${line}`),
  );
}

function captureLines({ captures }: RunDetail, style: Style): readonly string[] {
  if (captures.length === 0) return [];
  const rows = captures.map(({ capture }) => [
    `  ${capture.captureId}`,
    captureStateText(capture, style),
    slotText(capture),
    capture.rowCount === undefined ? "" : countText(capture.rowCount),
    capture.rejectCount === undefined ? "" : countText(capture.rejectCount),
    capture.reason ?? "",
  ]);
  const columns = [
    { title: "  CAPTURE", ids: true },
    { title: "STATE" },
    { title: "OF" },
    { title: "ROWS", align: "right" },
    { title: "REJECTED", align: "right" },
    { title: "REASON" },
  ] as const;
  return tableLines(columns, rows, style);
}

function rejectLines({ captures }: RunDetail, style: Style): readonly string[] {
  const rows = captures.flatMap(({ capture, rejects }) =>
    rejects.map(({ reasonCode, count }) => [
      `  ${reasonCode}`,
      countText(count),
      `${capture.stage} ${capture.captureId}`,
    ]),
  );
  return rows.length === 0
    ? []
    : tableLines([{ title: "  REASON" }, { title: "COUNT", align: "right" }, { title: "IN" }], rows, style);
}

function childLines({ children }: RunDetail, style: Style): readonly string[] {
  return children.map(
    ({ run, truth }) =>
      `  ${run.runId}  ${statusText(truth.status, style)}  ${run.name}  ${countOf(run.counts.total, "step")}`,
  );
}
