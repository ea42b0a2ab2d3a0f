import type { Backfill, BackfillItem, SpineEvent } from "@spine/core";
import { progressCounts } from "../backfills/backfill-lines.ts";
import type { Invocation } from "../command.ts";
import type { CliIo } from "../io.ts";
import { durationText } from "../output/format.ts";
import { fit, oneLine, type Style, styleOf } from "../output/style.ts";
import { shortId } from "../output/table.ts";
import { animate } from "./animation.ts";
import { labelOf } from "./event-facts.ts";
import { createLiveRegion } from "./live-region.ts";
import type { Progress } from "./progress.ts";

/** Which partition a run is about, if that is known. */
export type PartitionOf = (runId: string) => Promise<string | undefined>;

/** Tells people on stderr how a backfill is going, while it goes. */
export interface BackfillProgress extends Progress {
  begin(backfill: Backfill, partitionOf: PartitionOf): void;
  /** A partition ended here. */
  settle(item: BackfillItem, backfill: Backfill): void;
}

/** Lines in place on a terminal, a line for each partition elsewhere, nothing with `--json`. */
export function createBackfillProgress({ io, json }: Pick<Invocation, "io" | "json">): BackfillProgress {
  if (json) return silent;
  const style = styleOf(io.stderr, io.env);
  return style.terminal ? createLive(io, style) : createPlain(io);
}

const silent: BackfillProgress = Object.freeze({
  begin: () => undefined,
  settle: () => undefined,
  tell: () => undefined,
  note: () => undefined,
  close: () => undefined,
});

function createPlain({ stderr }: Pick<CliIo, "stderr">): BackfillProgress {
  const note = (text: string): void => void stderr.write(`${text}\n`);
  return {
    ...silent,
    note,
    begin: (backfill) => note(`${backfill.expectation} as ${backfill.backfillId}: ${progressCounts(backfill)}`),
    settle(item, backfill) {
      const { counts } = backfill;
      note(`${endingText(item)} (${counts.total - counts.pending - counts.running} of ${counts.total})`);
    },
  };
}

interface RunningPartition {
  readonly label: string;
  readonly step: string;
  readonly startedMs: number;
}

/** More lines than this would scroll out of small terminals, and what has scrolled out cannot be redrawn. */
const maxLines = 12;

/** One line for the backfill and one for each partition that runs, redrawn in place; partitions that failed stay above. */
function createLive({ stderr, clock }: Pick<CliIo, "stderr" | "clock">, style: Style): BackfillProgress {
  const region = createLiveRegion(stderr);
  const running = new Map<string, RunningPartition>();
  const startedMs = clock.monotonicMs();
  let shown: Backfill | undefined;
  let partitionOf: PartitionOf = () => Promise.resolve(undefined);

  function linesNow(): readonly string[] {
    if (shown === undefined) return [];
    const nowMs = clock.monotonicMs();
    const title = `${shown.expectation}  ${progressCounts(shown)}  ${durationText(nowMs - startedMs)}`;
    const lines = [...running.values()].map(({ label, step, startedMs: since }) =>
      fit(`  ${animation.mark()} ${label}  ${step}  ${durationText(nowMs - since)}`, style.columns - 1),
    );
    const rest = lines.length - maxLines;
    return [
      style.paint("bold", fit(title, style.columns - 1)),
      ...(rest > 0 ? [...lines.slice(0, maxLines), `    and ${rest} more`] : lines),
    ];
  }

  const animation = animate({ clock }, () => region.show(linesNow()));

  function change(runId: string, facts: Partial<RunningPartition>): void {
    const known = running.get(runId) ?? { label: shortId(runId), step: "", startedMs: clock.monotonicMs() };
    running.set(runId, { ...known, ...facts });
  }

  async function name(runId: string): Promise<void> {
    const label = await partitionOf(runId);
    if (label !== undefined && running.has(runId)) change(runId, { label });
  }

  function tell(event: SpineEvent): void {
    const { runId = "", type } = event;
    const [root = ""] = runId.split(":", 1);
    if (type === "step.started") change(root, { step: labelOf(event) });
    if (runId !== root) return;
    if (type === "run.started") {
      change(root, {});
      // Names are for people: a store that does not answer now is told about by who needs it.
      void name(root).catch(() => undefined);
    } else if (type.startsWith("run.") && type !== "run.resumed") running.delete(root);
  }

  return {
    tell,
    begin(backfill, of) {
      shown = backfill;
      partitionOf = of;
    },
    settle(item, backfill) {
      shown = backfill;
      if (item.runId !== undefined) running.delete(item.runId);
      if (item.status === "FAILED") region.write([fit(endingText(item), style.columns - 1)]);
    },
    note: (text) => region.write([text]),
    close() {
      animation.stop();
      region.show([]);
    },
  };
}

const endings: Readonly<Record<BackfillItem["status"], string>> = {
  PENDING: "interrupted",
  RUNNING: "running",
  COMPLETED: "completed",
  SKIPPED: "had nothing to do",
  FAILED: "failed",
  CANCELLED: "cancelled",
};

function endingText({ partition, status, error }: BackfillItem): string {
  return oneLine(`${partition} ${endings[status]}${error === undefined ? "" : `: ${error}`}`);
}
