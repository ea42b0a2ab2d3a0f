import { type Capture, type CaptureRemark, type CheckResult, msOf, slotText } from "@spine/core";
import { anomalyLine } from "../anomalies/anomaly-line.ts";
import { countText, durationText, instantText, valueText } from "../output/format.ts";
import { section } from "../output/section.ts";
import { type Colour, oneLine, type Style } from "../output/style.ts";
import { pairLines, tableLines } from "../output/table.ts";
import type { CaptureDetail } from "./capture-detail.ts";
import { captureState, captureStateText } from "./capture-state.ts";

/** Everything that is known of a capture, for people. */
export function captureLines(detail: CaptureDetail, style: Style): readonly string[] {
  const { capture, checks, anomalies } = detail;
  return [
    `${style.paint("bold", slotText(capture))}  ${captureStateText(capture, style)}  ${style.paint("dim", capture.captureId)}`,
    ...pairLines(pairsOf(detail), style),
    ...section("Checks", checkLines(checks, style), style),
    ...section("Rejected", rejectLines(detail, style), style),
    ...section(
      "Anomalies",
      anomalies.map((anomaly) => `  ${anomalyLine(anomaly, style)}`),
      style,
    ),
    ...section("Computed from", relativeLines(detail.inputs, style), style),
    ...section("What was computed from it", relativeLines(detail.derived, style), style),
    ...section("Since then", remarkLines(detail.remarks, style), style),
  ];
}

type Pairs = readonly (readonly [string, string | undefined])[];

function pairsOf({ capture, tables }: CaptureDetail): Pairs {
  const at = (instant: Capture["availableAt"]): string | undefined =>
    instant === undefined ? undefined : instantText(instant);
  const { gate, rowCount, rejectCount, payloadRemovedAt, metrics } = capture;
  return [
    ["effective", capture.effectiveDate],
    ["published", at(capture.publishedAt)],
    ["captured", at(capture.capturedAt)],
    ["available", availableText(capture)],
    ["written", writtenText(capture)],
    ["rows", rowCount === undefined ? undefined : `${countText(rowCount)}${rejectedText(rejectCount)}`],
    ["in tables", payloadRemovedAt === undefined ? tables.join(", ") : `removed ${instantText(payloadRemovedAt)}`],
    ["content", capture.contentHash],
    ["reason", capture.reason],
    ["supersedes", capture.supersedes],
    ["same as", capture.sameAs],
    ["gate", gate],
    ["stale", staleText(capture)],
    ["as of", at(capture.asOf)],
    ["run", capture.runId === undefined ? undefined : `${capture.runId}${stepText(capture)}`],
    ["held by", holderText(capture)],
    ["error", capture.error === undefined ? undefined : oneLine(capture.error)],
    ["metrics", Object.keys(metrics).length === 0 ? undefined : oneLine(valueText(metrics))],
    ["next", nextText(capture)],
  ];
}

function availableText({ availableAt, imported }: Capture): string | undefined {
  if (availableAt === undefined) return undefined;
  return `${instantText(availableAt)}${imported ? ", imported as history" : ""}`;
}

function writtenText({ startedAt, completedAt }: Capture): string {
  if (completedAt === undefined) return `since ${instantText(startedAt)}`;
  return `${instantText(startedAt)}, took ${durationText(msOf(completedAt) - msOf(startedAt))}`;
}

function rejectedText(count: number | undefined): string {
  return count === undefined || count === 0 ? "" : `, ${countText(count)} rejected`;
}

function staleText({ staleAt, staleBy }: Capture): string | undefined {
  if (staleAt === undefined) return undefined;
  return `since ${instantText(staleAt)}${staleBy === undefined ? "" : ` by ${staleBy}`}`;
}

function stepText({ step }: Pick<Capture, "step">): string {
  return step === undefined ? "" : `, step ${step}`;
}

function holderText({ status, owner, leaseUntil }: Capture): string | undefined {
  if (status !== "RUNNING") return undefined;
  if (owner === undefined) return "whoever started it, until somebody ends it";
  return `${owner}${leaseUntil === undefined ? "" : `, lease until ${instantText(leaseUntil)}`}`;
}

/** What a person may want to do about it. */
function nextText(capture: Capture): string | undefined {
  const { captureId } = capture;
  switch (captureState(capture)) {
    case "BLOCKED":
    case "QUARANTINED":
      return `show it to readers all the same: spine captures release ${captureId} --why <text>`;
    case "STALE":
      return `see why: spine lineage ${captureId}`;
    default:
      return undefined;
  }
}

const checkColours: Readonly<Record<CheckResult["status"], Colour>> = { PASS: "green", WARN: "yellow", FAIL: "red" };

function checkLines(checks: readonly CheckResult[], style: Style): readonly string[] {
  if (checks.length === 0) return [];
  const value = (found: CheckResult["actual"]): string => (found === undefined ? "" : oneLine(valueText(found)));
  const columns = [
    { title: "  CHECK" },
    { title: "" },
    { title: "ACTUAL", align: "right" },
    { title: "EXPECTED", align: "right" },
    { title: "" },
  ] as const;
  const rows = checks.map(({ check, status, actual, expected, message }) => [
    `  ${check}`,
    style.paint(checkColours[status], status),
    value(actual),
    value(expected),
    oneLine(message),
  ]);
  return tableLines(columns, rows, style);
}

function rejectLines({ rejects }: CaptureDetail, style: Style): readonly string[] {
  if (rejects.length === 0) return [];
  const rows = rejects.map(({ reasonCode, count }) => [`  ${reasonCode}`, countText(count)]);
  return tableLines([{ title: "  REASON" }, { title: "COUNT", align: "right" }], rows, style);
}

function relativeLines(captures: readonly Capture[], style: Style): readonly string[] {
  if (captures.length === 0) return [];
  const rows = captures.map((capture) => [
    `  ${capture.captureId}`,
    captureStateText(capture, style),
    slotText(capture),
  ]);
  return tableLines([{ title: "  CAPTURE", ids: true }, { title: "STATE" }, { title: "OF" }], rows, style);
}

/** Remarks that are told: a source that is looked at every hour is found unchanged every hour. */
const toldRemarks = 20;

function remarkLines(remarks: readonly CaptureRemark[], style: Style): readonly string[] {
  const left = remarks.length - toldRemarks;
  return [
    ...(left > 0 ? [`  ${countText(left)} earlier ones; all of them: add --json`] : []),
    ...remarks.slice(-toldRemarks).map((remark) => `  ${instantText(remark.at)}  ${remarkText(remark, style)}`),
  ];
}

function remarkText(remark: CaptureRemark, style: Style): string {
  if (remark.kind === "released") {
    return `${style.paint("green", "released")} by ${oneLine(remark.by)}: ${oneLine(remark.why)}`;
  }
  const { runId } = remark;
  return `found unchanged${runId === undefined ? "" : ` by ${runId}${stepText(remark)}`}`;
}
