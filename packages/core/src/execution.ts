import type { IdSource } from "./ids.ts";
import { type Clock, type Instant, nowOf } from "./time.ts";

/** Who caused what: each execution has an id, knows its parent, and shares the batch of a coordinated run. */
export interface ExecutionContext {
  readonly executionId: string;
  readonly batchId: string | undefined;
  readonly parentExecutionId: string | undefined;
  readonly startedAt: Instant;
}

export interface ExecutionSources {
  readonly ids: IdSource;
  readonly clock: Clock;
}

export function newExecution(sources: ExecutionSources, options: { readonly batchId?: string } = {}): ExecutionContext {
  return Object.freeze({
    executionId: sources.ids.next("exec"),
    batchId: options.batchId,
    parentExecutionId: undefined,
    startedAt: nowOf(sources.clock),
  });
}

/** A new execution whose parent is `parent` and which belongs to the same batch. */
export function childExecution(parent: ExecutionContext, sources: ExecutionSources): ExecutionContext {
  return Object.freeze({
    ...newExecution(sources),
    batchId: parent.batchId,
    parentExecutionId: parent.executionId,
  });
}

/** The same execution as a member of a batch. */
export function withBatch(execution: ExecutionContext, batchId: string): ExecutionContext {
  return Object.freeze({ ...execution, batchId });
}
