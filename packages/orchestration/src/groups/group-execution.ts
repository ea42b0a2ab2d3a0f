import {
  err,
  type Instant,
  isJsonObject,
  type Json,
  type JsonObject,
  ok,
  type Result,
  type ResultAsync,
  resultAsync,
  type RunRecord,
  type RunStatus,
  type SerializedError,
  type SpineError,
  type StepCounts,
  type StepRecord,
  type StepStatus,
  type Store,
} from "@spine/core";
import { runNotFound } from "../engine/run-errors.ts";

/** One step of a group's run: PENDING until it is begun. */
export interface GroupStepExecution {
  readonly name: string;
  readonly pipeline: string;
  readonly status: StepStatus | "PENDING";
  /** Tries so far. */
  readonly attempt: number;
  readonly startedAt: Instant | undefined;
  readonly completedAt: Instant | undefined;
  readonly durationMs: number | undefined;
  readonly error: SerializedError | undefined;
  /** Why it was skipped. */
  readonly reason: string | undefined;
}

/** How far a run of a group is (seed 003): the run, and every step of the definition it was started with. */
export interface GroupExecution {
  readonly runId: string;
  readonly group: string;
  readonly batchId: string | undefined;
  readonly status: RunStatus;
  readonly params: JsonObject;
  readonly partition: string | undefined;
  readonly startedAt: Instant;
  readonly completedAt: Instant | undefined;
  readonly durationMs: number | undefined;
  readonly error: SerializedError | undefined;
  readonly errorStep: string | undefined;
  readonly counts: StepCounts;
  /** In the order of the definition. */
  readonly steps: readonly GroupStepExecution[];
}

/** Reads how far a group's run is. Fails with `RUN_NOT_FOUND`, also for a run of something else. */
export function groupExecutionOf(store: Store, runId: string): ResultAsync<GroupExecution, SpineError> {
  return resultAsync(async (): Promise<Result<GroupExecution, SpineError>> => {
    const run = await store.history.get({ runId });
    if (run.isErr()) return err(run.error);
    if (run.value?.kind !== "group") return err(runNotFound(runId));
    const { definitionHash } = run.value;
    const [definition, steps] = [await store.runs.definition({ definitionHash }), await store.history.steps({ runId })];
    if (definition.isErr()) return err(definition.error);
    if (steps.isErr()) return err(steps.error);
    return ok(toExecution(run.value, definition.value, steps.value));
  });
}

function toExecution(
  run: RunRecord,
  definition: JsonObject | undefined,
  records: readonly StepRecord[],
): GroupExecution {
  const {
    runId,
    name,
    batchId,
    status,
    params,
    partition,
    startedAt,
    completedAt,
    durationMs,
    error,
    errorStep,
    counts,
  } = run;
  const known = new Map(records.map((record) => [record.step, record]));
  const steps = stepsOf(definition).map(([step, pipeline]) => stepExecution(step, pipeline, known.get(step)));
  return Object.freeze({
    runId,
    group: name,
    batchId,
    status,
    params,
    partition,
    startedAt,
    completedAt,
    durationMs,
    error,
    errorStep,
    counts,
    steps: Object.freeze(steps),
  });
}

function stepExecution(name: string, pipeline: string, record: StepRecord | undefined): GroupStepExecution {
  return Object.freeze({
    name,
    pipeline,
    status: record?.status ?? "PENDING",
    attempt: record?.attempt ?? 0,
    startedAt: record?.startedAt,
    completedAt: record?.completedAt,
    durationMs: record?.durationMs,
    error: record?.error,
    reason: record?.reason,
  });
}

function stepsOf(definition: JsonObject | undefined): readonly (readonly [name: string, pipeline: string])[] {
  const spec = definition?.["spec"];
  const steps = isJsonObject(spec) ? spec["pipelines"] : undefined;
  if (!Array.isArray(steps)) return [];
  return (steps as readonly JsonObject[]).map(({ name, pipeline }) => [textOf(name), textOf(pipeline)] as const);
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
