import {
  type Anomaly,
  type AttemptRecord,
  type Capture,
  orThrow,
  type RunRecord,
  type StepRecord,
  type Store,
} from "@spine/core";
import { runPages } from "./find-run.ts";
import { type JudgedRun, judgeRun, judgeRuns } from "./truth.ts";

export interface CaptureDetail {
  readonly capture: Capture;
  readonly rejects: readonly { readonly reasonCode: string; readonly count: number }[];
}

/** Everything the store knows of a run and of the runs it started. */
export interface RunDetail extends JudgedRun {
  readonly steps: readonly StepRecord[];
  readonly attempts: readonly AttemptRecord[];
  /** Oldest first. */
  readonly children: readonly JudgedRun[];
  /** Of the run and its children, oldest first. */
  readonly captures: readonly CaptureDetail[];
  /** Newest first, at most 100. */
  readonly anomalies: readonly Anomaly[];
}

export async function readRunDetail(store: Store, found: RunRecord): Promise<RunDetail> {
  const { runId } = found;
  const children: RunRecord[] = [];
  for await (const page of runPages(store.history, { parentRunId: runId })) children.push(...page);
  const steps = await orThrow(store.history.steps({ runId }));
  const own = await judgeRun(store, found);
  const others = await judgeRuns(store, children.toReversed());
  return {
    ...own,
    // Read before the run was judged, so read again when it has ended since.
    steps: own.run.status === found.status ? steps : await orThrow(store.history.steps({ runId })),
    attempts: await orThrow(store.history.attempts({ runId })),
    children: others,
    captures: await capturesOf(store, [runId, ...others.map(({ run }) => run.runId)]),
    anomalies: await orThrow(store.anomalies.list({ runId, limit: 100 })),
  };
}

async function capturesOf(
  { captures, anomalies }: Store,
  runIds: readonly string[],
): Promise<readonly CaptureDetail[]> {
  const found: CaptureDetail[] = [];
  for (const runId of runIds) {
    const made = await orThrow(captures.list({ runId, limit: 1000 }));
    for (const capture of made.toReversed()) {
      found.push({ capture, rejects: await orThrow(anomalies.rejectCounts({ captureId: capture.captureId })) });
    }
  }
  return found;
}
