import { type Backfill, type BackfillItem, type BackfillItemStatus, msOf } from "@spine/core";
import { countOf, durationText, instantText } from "../output/format.ts";
import { section } from "../output/section.ts";
import { type Colour, oneLine, type Style } from "../output/style.ts";
import { pairLines, tableLines } from "../output/table.ts";
import type { BackfillTruth } from "./backfill-truth.ts";

const colours: Readonly<Record<BackfillTruth["status"] | BackfillItemStatus, Colour>> = {
  PLANNED: "cyan",
  PENDING: "dim",
  RUNNING: "cyan",
  PAUSED: "yellow",
  INTERRUPTED: "yellow",
  COMPLETED: "green",
  SKIPPED: "dim",
  PARTIAL: "yellow",
  FAILED: "red",
  CANCELLED: "yellow",
};

/** A status in its colour. */
export function backfillStatusText(status: BackfillTruth["status"] | BackfillItemStatus, style: Style): string {
  return style.paint(colours[status], status);
}

/** `12 of 300 partitions done, 2 failed`. */
export function progressCounts({ counts }: Pick<Backfill, "counts">): string {
  const { total, completed, skipped, failed, running, cancelled } = counts;
  const done = completed + skipped + failed + cancelled;
  return [
    `${done} of ${countOf(total, "partition")} done`,
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(skipped === 0 ? [] : [`${skipped} had nothing to do`]),
    ...(cancelled === 0 ? [] : [`${cancelled} cancelled`]),
    ...(running === 0 ? [] : [`${running} running`]),
  ].join(", ");
}

/** Everything that is known of a backfill without its partitions, for people. */
export function backfillLines(backfill: Backfill, truth: BackfillTruth, style: Style): readonly string[] {
  const { backfillId, expectation, target, mode, direction, maxParallel, reason, createdBy, createdAt } = backfill;
  return [
    `${style.paint("bold", expectation)}  ${backfillStatusText(truth.status, style)}  ${style.paint("dim", backfillId)}`,
    ...pairLines(
      [
        ["partitions", progressCounts(backfill)],
        ["does", `${mode}, ${direction}, ${maxParallel} at once, runs ${target}`],
        ["reason", oneLine(reason)],
        ["created", `${instantText(createdAt)} by ${oneLine(createdBy)}`],
        ["worked", workedText(backfill)],
        ["next", nextText(backfill, truth)],
      ],
      style,
    ),
  ];
}

/** Partitions of a backfill as a section. */
export function itemLines(items: readonly BackfillItem[], style: Style): readonly string[] {
  const columns = [
    { title: "#", align: "right" },
    { title: "PARTITION" },
    { title: "STATUS" },
    { title: "RUN", ids: true },
    { title: "TOOK", align: "right" },
    { title: "" },
  ] as const;
  const rows = items.map(({ position, partition, status, runId, attempt, startedAt, completedAt, error }) => [
    String(position),
    partition,
    backfillStatusText(status, style),
    runId ?? "",
    startedAt === undefined || completedAt === undefined ? "" : durationText(msOf(completedAt) - msOf(startedAt)),
    oneLine([attempt > 1 ? `attempt ${attempt}` : "", error ?? ""].filter((part) => part !== "").join(": ")),
  ]);
  return items.length === 0 ? [] : section("Partitions", tableLines(columns, rows, style), style);
}

function workedText({ startedAt, completedAt }: Backfill): string | undefined {
  if (startedAt === undefined) return undefined;
  if (completedAt === undefined) return `since ${instantText(startedAt)}`;
  return `${instantText(startedAt)}, took ${durationText(msOf(completedAt) - msOf(startedAt))}`;
}

/** How to go on with it, where that can be done. */
function nextText({ backfillId, counts }: Backfill, { status, resume }: BackfillTruth): string | undefined {
  if (resume !== undefined) return `${status === "PLANNED" ? "work it off" : "go on"} with: ${resume}`;
  if (counts.failed === 0 || status === "RUNNING") return undefined;
  return `once the cause is gone: spine backfill retry-failed ${backfillId} --run`;
}
