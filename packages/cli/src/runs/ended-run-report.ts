import { orThrow, type SerializedError, serializeError, type Store } from "@spine/core";
import type { Run } from "@spine/orchestration";
import type { Invocation, Report } from "../command.ts";
import { exitCodeOfRun } from "../exit-code.ts";
import { errorDocument } from "../output/error-lines.ts";
import { durationText } from "../output/format.ts";
import { statusText } from "../output/status.ts";
import { type TimelineStep, timelineLines } from "../output/timeline.ts";
import { stepDocument } from "./run-document.ts";

/** What a command that ran something ends with: the run's timeline, or the run as a document. */
export async function endedRunReport(run: Run, store: Store, { style }: Pick<Invocation, "style">): Promise<Report> {
  const stored = await orThrow(store.history.steps({ runId: run.runId }));
  // A dry run is not recorded.
  const dryRun = stored.length === 0;
  const steps: readonly TimelineStep[] = dryRun
    ? run.steps.toSorted((a, b) => a.position - b.position).map(asTimelineStep)
    : stored;
  const errors = errorsOf(run, steps);
  const resumable = !dryRun && ["FAILED", "PARTIAL", "CANCELLED"].includes(run.status);
  const { outputs, error: _, ...facts } = run;
  return {
    exitCode: exitCodeOfRun(run.status),
    document: {
      ...facts,
      dryRun,
      outputs: { ...outputs },
      steps: dryRun ? run.steps : stored.map((step) => stepDocument(step, run.status)),
      ...(run.error === undefined ? {} : { error: errorDocument(serializeError(run.error)) }),
      ...(resumable ? { resume: `spine resume ${run.runId}` } : {}),
    },
    lines: [
      [
        style.paint("bold", run.name),
        statusText(run.status, style),
        durationText(run.durationMs),
        style.paint("dim", dryRun ? "dry run, nothing was recorded" : run.runId),
      ].join("  "),
      ...timelineLines(steps, style),
      ...(resumable && run.status !== "CANCELLED"
        ? [`Once the cause is gone, go on with: spine resume ${run.runId}`]
        : []),
    ],
    errors,
  };
}

type StepSummary = Run["steps"][number];

function asTimelineStep(step: StepSummary): TimelineStep {
  const { durationMs, output, reason, error, quality } = step;
  return { ...step, durationMs, output, reason, error, quality };
}

/** The errors of the steps that failed; where none did, what ended the run. */
function errorsOf(run: Run, steps: readonly TimelineStep[]): readonly SerializedError[] {
  if (run.status === "COMPLETED") return [];
  const failures = steps.flatMap(({ error }) => (error === undefined ? [] : [error]));
  if (failures.length > 0 || run.error === undefined) return failures;
  return [serializeError(run.error)];
}
