import { type Anomaly, type AttemptRecord, type Capture, orThrow, type RunRecord, type StepRecord, type Store } from "@spine/core";
import { runsNewestFirst } from "./find-run.ts";
import { type RunTruth, truthsBy } from "./truth.ts";

export interface CaptureDetail {
  readonly capture: Capture;
  readonly rejects: readonly { readonly reasonCode: string; readonly count: number }[];
}

/** Everything the store knows of a run and of the runs it started. */
export interface RunDetail {
  readonly run: RunRecord;
  readonly truth: RunTruth;
  readonly steps: readonly StepRecord[];
  readonly attempts: readonly AttemptRecord[];
  /** Oldest first. */
  readonly children: readonly { readonly run: RunRecord; readonly truth: RunTruth }[];
  /** Of the run and its children, oldest first. */
  readonly captures: readonly CaptureDetail[];
  /** Newest first, at most 100. */
  readonly anomalies: readonly Anomaly[];
}

export async function readRunDetail(store: Store, run: RunRecord): Promise<RunDetail> {
  const { runId } = run;
  const truthOf = truthsBy(await orThrow(store.owners.list()));
  const children: RunRecord[] = [];
  for await (const child of runsNewestFirst(store.history, { parentRunId: runId })) children.push(child);
  children.reverse();
  const captures: CaptureDetail[] = [];
  for (const id of [runId, ...children.map((child) => child.runId)]) {
    const made = await orThrow(store.captures.list({ runId: id, limit: 1000 }));
    for (const capture of made.toReversed()) {
      captures.push({ capture, rejects: await orThrow(store.anomalies.rejectCounts({ captureId: capture.captureId })) });
    }
  }
  return {
    run,
    truth: truthOf(run),
    steps: await orThrow(store.history.steps({ runId })),
    attempts: await orThrow(store.history.attempts({ runId })),
    children: children.map((child) => ({ run: child, truth: truthOf(child) })),
    captures,
    anomalies: await orThrow(store.anomalies.list({ runId, limit: 100 })),
  };
}
