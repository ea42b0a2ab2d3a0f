import type { RunRecord, StepRecord } from "@spine/core";
import { errorDocument } from "../output/error-lines.ts";
import { type RunTruth, shownStepStatus, type ShownStatus } from "./truth.ts";

/** A stored run as `--json` prints it. */
export function runDocument(run: RunRecord, truth: RunTruth): Readonly<Record<string, unknown>> {
  return {
    ...run,
    status: truth.status,
    ...(run.error === undefined ? {} : { error: errorDocument(run.error) }),
    owner: truth.owner,
    interrupted: truth.why,
    resume: truth.resume,
  };
}

/** A stored step as `--json` prints it. */
export function stepDocument(step: StepRecord, run: ShownStatus): Readonly<Record<string, unknown>> {
  const { runId: _, order: __, ...facts } = step;
  return {
    ...facts,
    status: shownStepStatus(step.status, run),
    ...(step.error === undefined ? {} : { error: errorDocument(step.error) }),
  };
}
