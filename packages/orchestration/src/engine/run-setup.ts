import {
  contentHash,
  deserializeError,
  type Instant,
  type Json,
  newBatchId,
  type NewRun,
  nowOf,
  type RunRecord,
  type StepCounts,
  type StepRecord,
} from "@spine/core";
import { objectView, VersionedMap } from "../workflows/versioned-map.ts";
import { WorkflowContext } from "../workflows/context.ts";
import type { Executable } from "./executable.ts";
import type { Prepared, RunOptions } from "./prepare.ts";
import { createRun, type Run } from "./run.ts";
import type { EngineEnvironment } from "./scope.ts";

/** The step that started a child run. */
export interface Parent {
  readonly context: WorkflowContext;
  /** The child's id, which a repeated attempt of the step finds again. */
  readonly childRunId: string;
  /** Whether nobody waits for it, so that it is woken and recovered for itself. */
  readonly detached?: boolean;
}

/** The run whose outputs a new run begins with. */
export interface Rerun {
  readonly of: string;
  readonly from: string;
}

export function freshContext(
  executable: Executable,
  options: RunOptions,
  prepared: Prepared,
  environment: EngineEnvironment,
  parent: Parent | undefined,
): WorkflowContext {
  const { ids, clock, store } = environment;
  const runId = parent?.childRunId ?? options.runId ?? ids.next("run");
  return WorkflowContext.create({
    run: {
      runId,
      name: executable.name,
      // A run is the first execution of its own trace unless somebody else began it.
      traceId: parent?.context.traceId ?? runId,
      executionId: runId,
      batchId: options.batchId ?? parent?.context.batchId ?? batchOf(executable, environment),
      parentRunId: parent?.detached === true ? undefined : parent?.context.runId,
      startedAt: nowOf(clock),
      partition: options.partition ?? parent?.context.partition,
      asOf: prepared.asOf ?? parent?.context.asOf,
      isDryRun: options.dryRun ?? parent?.context.isDryRun ?? false,
    },
    params: prepared.params,
    references: store?.references,
    items: store?.items,
  });
}

function batchOf({ batchPrefix }: Executable, { clock }: EngineEnvironment): string | undefined {
  return batchPrefix === undefined ? undefined : newBatchId(batchPrefix, clock);
}

export function newRun(
  executable: Executable,
  context: WorkflowContext,
  options: {
    readonly params: Prepared["params"];
    readonly owner: string;
    readonly triggeredBy: string;
    readonly counts: StepCounts;
    readonly idempotencyKey: string | undefined;
    readonly priority: number | undefined;
    readonly rerun: Rerun | undefined;
  },
): NewRun {
  const { run } = context;
  return {
    runId: run.runId,
    kind: executable.kind,
    name: executable.name,
    version: executable.version,
    domain: executable.domain,
    partition: run.partition,
    asOf: run.asOf,
    params: options.params,
    counts: options.counts,
    triggeredBy: options.triggeredBy,
    parentRunId: run.parentRunId,
    batchId: run.batchId,
    traceId: run.traceId,
    executionId: run.executionId,
    dryRun: run.isDryRun,
    definitionHash: contentHash(executable.document),
    definition: executable.document,
    owner: options.owner,
    idempotencyKey: options.idempotencyKey,
    priority: options.priority ?? 0,
    rerunOf: options.rerun?.of,
    rerunFrom: options.rerun?.from,
    concurrencyKey: executable.concurrency?.keyOf(options.params),
  };
}

/** The context a stored run began with. */
export function storedContext(record: RunRecord, environment: EngineEnvironment): WorkflowContext {
  return WorkflowContext.create({
    run: {
      runId: record.runId,
      name: record.name,
      traceId: record.traceId,
      executionId: record.executionId,
      batchId: record.batchId,
      parentRunId: record.parentRunId,
      startedAt: record.startedAt,
      partition: record.partition,
      asOf: record.asOf,
      isDryRun: record.dryRun,
    },
    params: record.params,
    references: environment.store?.references,
    items: environment.store?.items,
  });
}

/** A run of history in the form in which a caller gets one that has just ended. */
export function runOfHistory(record: RunRecord, steps: readonly StepRecord[]): Run {
  const outputs = steps.flatMap(({ step, output }): [string, Json][] => (output === undefined ? [] : [[step, output]]));
  return createRun({
    runId: record.runId,
    kind: record.kind,
    name: record.name,
    status: record.status,
    outputs: objectView(VersionedMap.of(Object.fromEntries(outputs))),
    steps: steps.flatMap((step) =>
      step.status === "RUNNING" || step.status === "WAITING" ? [] : [{ ...step, status: step.status }],
    ),
    counts: record.counts,
    error: record.error === undefined ? undefined : deserializeError(record.error),
    errorStep: record.errorStep,
    startedAt: record.startedAt,
    completedAt: record.completedAt satisfies Instant | undefined,
    durationMs: record.durationMs ?? 0,
    dueAt: record.dueAt,
    batchId: record.batchId,
    traceId: record.traceId,
  });
}
