import {
  deserializeError,
  err,
  type Json,
  type ListRuns,
  ok,
  type Result,
  type ResultAsync,
  resultAsync,
  type RunRecord,
  type SpineError,
  type StepRecord,
  type Store,
} from "@spine/core";
import type { Engine } from "./engine/engine.ts";
import type { RerunOptions, ResumeOptions } from "./engine/resume-options.ts";
import type { Run } from "./engine/run.ts";
import { runNotFound } from "./engine/run-errors.ts";
import { approvalSignal, type Decision } from "./workflows/steps/approval.ts";

/** One item of a map step, as its outcome is read afterwards. */
export interface RunItem {
  readonly index: number;
  readonly item: Json;
  readonly status: "PENDING" | "COMPLETED" | "FAILED";
  readonly output: Json | undefined;
  readonly error: SpineError | undefined;
}

export interface RunsApi {
  /** Fails with `RUN_NOT_FOUND`. */
  get(runId: string): ResultAsync<RunRecord, SpineError>;
  /** Newest first, a page at a time: pass the last run's id as `before` for the next one. */
  list(filter?: ListRuns): ResultAsync<readonly RunRecord[], SpineError>;
  steps(runId: string): ResultAsync<readonly StepRecord[], SpineError>;
  /** The items of a map step in their order, read page by page. */
  items(runId: string, step: string): AsyncIterable<Result<RunItem, SpineError>>;
  readonly resume: (runId: string, options?: ResumeOptions) => ResultAsync<Run, SpineError>;
  /** A new run that begins with what an earlier one has up to a step, and says so in `rerunOf`. Fails with `STEP_NOT_FOUND`. */
  readonly rerun: (runId: string, options?: RerunOptions) => ResultAsync<Run, SpineError>;
  readonly cancel: Engine["cancel"];
  readonly pause: Engine["pause"];
  readonly signal: Engine["signal"];
  /** Decides an approval step. */
  approve(runId: string, step: string, decision?: Decision): ResultAsync<void, SpineError>;
  reject(runId: string, step: string, decision?: Decision): ResultAsync<void, SpineError>;
}

export function createRunsApi(options: {
  readonly engine: Engine;
  readonly store: Store;
  readonly resume: RunsApi["resume"];
  readonly rerun: RunsApi["rerun"];
}): RunsApi {
  const { engine, store, resume, rerun } = options;
  const decide = (runId: string, step: string, approved: boolean, { by, comment }: Decision = {}) =>
    engine.signal(runId, approvalSignal(step), {
      approved,
      ...(by === undefined ? {} : { by }),
      ...(comment === undefined ? {} : { comment }),
    });
  return Object.freeze<RunsApi>({
    get: (runId) =>
      resultAsync(async () => {
        const record = await store.history.get({ runId });
        if (record.isErr()) return err(record.error);
        return record.value === undefined ? err(runNotFound(runId)) : ok(record.value);
      }),
    list: (filter = {}) => store.history.list(filter),
    steps: (runId) => store.history.steps({ runId }),
    items: (runId, step) => readItems(store, runId, step),
    resume,
    rerun,
    cancel: (runId) => engine.cancel(runId),
    pause: (runId) => engine.pause(runId),
    signal: (runId, name, payload) => engine.signal(runId, name, payload),
    approve: (runId, step, decision) => decide(runId, step, true, decision),
    reject: (runId, step, decision) => decide(runId, step, false, decision),
  });
}

const pageSize = 500;

async function* readItems(store: Store, runId: string, step: string): AsyncGenerator<Result<RunItem, SpineError>> {
  for (let after = -1; ;) {
    const page = await store.items.page({ runId, step, after, limit: pageSize });
    if (page.isErr()) {
      yield err(page.error);
      return;
    }
    for (const { index, item, status, output, error } of page.value) {
      yield ok({ index, item, status, output, error: error === undefined ? undefined : deserializeError(error) });
    }
    const last = page.value.at(-1);
    if (last === undefined) return;
    after = last.index;
  }
}
