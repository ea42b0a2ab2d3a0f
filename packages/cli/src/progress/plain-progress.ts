import type { SpineEvent } from "@spine/core";
import type { CliIo } from "../io.ts";
import { durationText } from "../output/format.ts";
import { labelOf, numberOf, progressText, retryText, textOf } from "./event-facts.ts";
import type { Progress } from "./progress.ts";

/** Between two lines about the progress of one step, as a log that nobody watches need not grow faster. */
const quietMs = 5000;

/** A line for each thing that happens. */
export function createPlainProgress({ stderr, clock }: Pick<CliIo, "stderr" | "clock">): Progress {
  const toldMs = new Map<string, number>();
  const note = (text: string): void => void stderr.write(`${text}\n`);

  function progress(event: SpineEvent): void {
    const label = labelOf(event);
    const nowMs = clock.monotonicMs();
    if (nowMs - (toldMs.get(label) ?? -Infinity) < quietMs) return;
    toldMs.set(label, nowMs);
    note(`${label}: ${progressText(event)}`);
  }

  return {
    tell(event) {
      if (event.type === "step.progress") progress(event);
      else if (event.type === "step.retrying") note(`${labelOf(event)}: ${retryText(event)}`);
      else if (event.type === "run.started" && labelOf(event) === "")
        note(`${textOf(event, "name")} started as ${event.runId ?? ""}`);
      else if (event.type in endings) note(`${labelOf(event)} ${endings[event.type] ?? ""}${howItEnded(event)}`);
    },
    note,
    close: () => undefined,
  };
}

const endings: Readonly<Record<string, string>> = {
  "step.started": "started",
  "step.completed": "completed",
  "step.skipped": "skipped",
  "step.failed": "failed",
};

function howItEnded(event: SpineEvent): string {
  const durationMs = numberOf(event, "durationMs");
  const took = durationMs === undefined ? "" : ` after ${durationText(durationMs)}`;
  if (event.type === "step.skipped") return `: ${textOf(event, "reason")}`;
  return event.type === "step.failed" ? `${took}: ${textOf(event, "code")}: ${textOf(event, "message")}` : took;
}
