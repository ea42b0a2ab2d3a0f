import {
  type AttemptRecord,
  type EventRecord,
  type Instant,
  type JsonObject,
  type QualityMetrics,
  type SerializedError,
  type StepRecord,
} from "@spine/core";
import type { Selectable } from "kysely";
import { decodeBoolean, decodeJsonObject, decodeOptionalJson, optional } from "../codecs.ts";
import type { AttemptsTable, EventsTable, StepsTable } from "../run-tables.ts";

export function toStep(row: Selectable<StepsTable>): StepRecord {
  return Object.freeze({
    runId: row.run_id,
    step: row.step_name,
    kind: row.step_type,
    position: row.position,
    status: row.status,
    attempt: row.attempt,
    startedAt: optional(row.started_at),
    completedAt: optional(row.completed_at),
    durationMs: optional(row.duration_ms),
    output: decodeOptionalJson(row.output),
    updates: decodeOptionalJson<JsonObject>(row.updates),
    error: decodeOptionalJson<SerializedError>(row.error),
    reason: optional(row.reason),
    quality: decodeOptionalJson<QualityMetrics>(row.quality),
    next: optional(row.next_step),
    order: optional(row.settle_order),
    wait: decodeOptionalJson<JsonObject>(row.wait),
  });
}

export function toAttempt(row: Selectable<AttemptsTable>): AttemptRecord {
  return Object.freeze({
    runId: row.run_id,
    step: row.step_name,
    attempt: row.attempt,
    status: row.status,
    startedAt: row.started_at,
    completedAt: row.completed_at,
    durationMs: row.duration_ms,
    error: decodeOptionalJson<SerializedError>(row.error),
  });
}

/** What {@link heldAttempt} needs of a step's row: not its output. */
export const heldAttemptColumns = [
  "run_id",
  "step_name",
  "status",
  "attempt",
  "started_at",
  "completed_at",
  "duration_ms",
  "holds_attempt",
] as const;

type HeldAttemptRow = Pick<Selectable<StepsTable>, (typeof heldAttemptColumns)[number]>;

/** The try that a settled step's row stands for, if it does. */
export function heldAttempt(row: HeldAttemptRow): readonly AttemptRecord[] {
  const { status, completed_at, duration_ms } = row;
  if (!decodeBoolean(row.holds_attempt) || status === "RUNNING" || status === "WAITING" || completed_at === null)
    return [];
  const durationMs = duration_ms ?? 0;
  return [
    Object.freeze({
      runId: row.run_id,
      step: row.step_name,
      attempt: row.attempt,
      status,
      startedAt: row.started_at ?? earlier(completed_at, durationMs),
      completedAt: completed_at,
      durationMs,
      error: undefined,
    }),
  ];
}

export function toEvent(row: Selectable<EventsTable>): EventRecord {
  return Object.freeze({
    sequence: row.sequence,
    runId: row.run_id,
    step: optional(row.step_name),
    type: row.event_type,
    at: row.occurred_at,
    payload: decodeJsonObject(row.payload),
  });
}

/** An instant some milliseconds before another one. */
export function earlier(instant: Instant, durationMs: number): Instant {
  return new Date(Date.parse(instant) - Math.round(durationMs)).toISOString() as Instant;
}
