import type { NewRun, RunRecord, SerializedError } from "@spine/core";
import { type Kysely, type RawBuilder, type Selectable, sql } from "kysely";
import { decodeBoolean, decodeJsonObject, decodeOptionalJson, optional } from "../codecs.ts";
import type { RunsTable } from "../run-tables.ts";
import type { CoreTables } from "../tables.ts";

/** What a run's row holds from its creation on. */
export function newRunRow<Now, Flag>(run: NewRun, now: Now, dryRun: Flag) {
  return {
    run_id: run.runId,
    kind: run.kind,
    workflow_name: run.name,
    workflow_version: run.version,
    domain: run.domain ?? null,
    partition_key: run.partition ?? null,
    as_of: run.asOf ?? null,
    status: "RUNNING" as const,
    started_at: now,
    params: JSON.stringify(run.params),
    total_steps: run.counts.total,
    completed_steps: run.counts.completed,
    failed_steps: run.counts.failed,
    skipped_steps: run.counts.skipped,
    triggered_by: run.triggeredBy,
    parent_run_id: run.parentRunId ?? null,
    batch_id: run.batchId ?? null,
    trace_id: run.traceId,
    execution_id: run.executionId,
    dry_run: dryRun,
    definition_hash: run.definitionHash,
    owner: run.owner,
    fence: 1,
    created_at: now,
    idempotency_key: run.idempotencyKey ?? null,
    rerun_of: run.rerunOf ?? null,
    rerun_from: run.rerunFrom ?? null,
    priority: run.priority ?? 0,
    concurrency_key: run.concurrencyKey ?? null,
  };
}

/** The columns of {@link newRunRow}. */
export const runColumns = [
  ...(["run_id", "kind", "workflow_name", "workflow_version", "domain", "partition_key", "as_of", "status"] as const),
  ...(["started_at", "params", "total_steps", "completed_steps", "failed_steps", "skipped_steps"] as const),
  ...(["triggered_by", "parent_run_id", "batch_id", "trace_id", "execution_id", "dry_run", "definition_hash"] as const),
  ...(["owner", "fence", "created_at", "idempotency_key", "rerun_of", "rerun_from", "priority"] as const),
  "concurrency_key" as const,
];

/** Runs with their counts as they are now: a running run's are those of its steps. */
export function selectRuns(db: Kysely<CoreTables>) {
  return db
    .selectFrom("core_workflow_runs")
    .selectAll()
    .select([
      countNow("COMPLETED", "completed_steps").as("completed_now"),
      countNow("FAILED", "failed_steps").as("failed_now"),
      countNow("SKIPPED", "skipped_steps").as("skipped_now"),
    ]);
}

function countNow(status: string, column: string): RawBuilder<number> {
  const stored = sql.ref(`core_workflow_runs.${column}`);
  return sql<number>`case when core_workflow_runs.status in ('RUNNING', 'WAITING') then (
    select count(*) from core_workflow_steps as s where s.run_id = core_workflow_runs.run_id and s.status = ${sql.lit(status)}
  ) else ${stored} end`;
}

type RunRow = Selectable<RunsTable> & {
  readonly completed_now: number;
  readonly failed_now: number;
  readonly skipped_now: number;
};

export function toRunRecord(row: RunRow): RunRecord {
  return Object.freeze({
    runId: row.run_id,
    kind: row.kind,
    name: row.workflow_name,
    version: row.workflow_version,
    domain: optional(row.domain),
    partition: optional(row.partition_key),
    asOf: optional(row.as_of),
    status: row.status,
    params: decodeJsonObject(row.params),
    error: decodeOptionalJson<SerializedError>(row.error),
    errorStep: optional(row.error_step),
    counts: Object.freeze({
      total: row.total_steps,
      completed: row.completed_now,
      failed: row.failed_now,
      skipped: row.skipped_now,
    }),
    startedAt: row.started_at,
    completedAt: optional(row.completed_at),
    durationMs: optional(row.duration_ms),
    triggeredBy: row.triggered_by,
    parentRunId: optional(row.parent_run_id),
    batchId: optional(row.batch_id),
    traceId: row.trace_id,
    executionId: row.execution_id,
    dryRun: decodeBoolean(row.dry_run),
    definitionHash: row.definition_hash,
    owner: optional(row.owner),
    fence: row.fence,
    idempotencyKey: optional(row.idempotency_key),
    rerunOf: optional(row.rerun_of),
    rerunFrom: optional(row.rerun_from),
    priority: row.priority,
    concurrencyKey: optional(row.concurrency_key),
    dueAt: optional(row.due_at),
    requested: optional(row.requested),
  });
}
