import type { SpineEvent } from "@spine/core";
import type { CliIo } from "../io.ts";
import { durationText } from "../output/format.ts";
import { fit, type Style } from "../output/style.ts";
import { animate } from "./animation.ts";
import { labelOf, numberOf, progressText, retryText, textOf } from "./event-facts.ts";
import { createLiveRegion } from "./live-region.ts";
import type { Progress } from "./progress.ts";

/** More lines than this would scroll out of small terminals, and what has scrolled out cannot be redrawn. */
const maxLines = 12;

interface RunningStep {
  readonly startedMs: number;
  readonly text: string;
}

/** One line for the run and one for each running step, redrawn in place. */
export function createLiveProgress({ stderr, clock }: Pick<CliIo, "stderr" | "clock">, style: Style): Progress {
  const region = createLiveRegion(stderr);
  const running = new Map<string, RunningStep>();
  let title = "";
  let total: number | undefined;
  let ended = 0;

  function linesNow(): readonly string[] {
    const mark = animation.mark();
    const nowMs = clock.monotonicMs();
    const steps = [...running].map(([label, { startedMs, text }]) =>
      fit(`  ${mark} ${label}  ${durationText(nowMs - startedMs)}  ${text}`.trimEnd(), style.columns - 1),
    );
    const rest = steps.length - maxLines;
    const shown = rest > 0 ? [...steps.slice(0, maxLines), `    and ${rest} more`] : steps;
    const count = total === undefined ? `${ended} steps done` : `${ended} of ${total} steps`;
    return [style.paint("bold", fit(`${title === "" ? "resuming" : title}  ${count}`, style.columns - 1)), ...shown];
  }

  const animation = animate({ clock }, () => region.show(linesNow()));

  function settle(event: SpineEvent): void {
    running.delete(labelOf(event));
    // A child run's steps are not among those the run was started with.
    if (!(event.runId ?? "").includes(":")) ended += 1;
  }

  return {
    tell(event) {
      const label = labelOf(event);
      if (event.type === "run.started" && label === "") {
        title = `${textOf(event, "name")}  ${event.runId ?? ""}`;
        total = numberOf(event, "steps");
      } else if (event.type === "step.started") running.set(label, { startedMs: clock.monotonicMs(), text: "" });
      else if (event.type === "step.progress") {
        const step = running.get(label);
        if (step !== undefined) running.set(label, { ...step, text: progressText(event) });
      } else if (event.type === "step.retrying")
        region.write([fit(`  ${label}: ${retryText(event)}`, style.columns - 1)]);
      else if (/^step\.(?:completed|failed|skipped)$/.test(event.type)) settle(event);
    },
    note(text) {
      region.write([text]);
    },
    close() {
      animation.stop();
      region.show([]);
    },
  };
}
