import type { FiringRecord, JsonObject, NewFiring, ScheduleRecord } from "@spine/core";
import type { Insertable, RawBuilder, Selectable } from "kysely";
import type { Instant } from "@spine/core";
import { decodeJsonObject, decodeOptionalJson, jsonText, optional, plainText } from "../codecs.ts";
import type { ScheduleFiringsTable, SchedulesTable } from "../schedule-tables.ts";

export function toSchedule(row: Selectable<SchedulesTable>): ScheduleRecord {
  return Object.freeze({
    name: row.name,
    target: row.target,
    definition: decodeJsonObject(row.definition),
    definitionHash: row.definition_hash,
    origin: row.origin,
    follows: optional(row.follows),
    nextInstant: optional(row.next_instant),
    pausedAt: optional(row.paused_at),
    pausedBy: optional(row.paused_by),
    pauseReason: optional(row.pause_reason),
    retiredAt: optional(row.retired_at),
    updatedAt: row.updated_at,
  });
}

export function toFiring(row: Selectable<ScheduleFiringsTable>): FiringRecord {
  return Object.freeze({
    schedule: row.schedule,
    instant: row.instant,
    kind: row.kind,
    status: row.status,
    reason: optional(row.reason),
    detail: optional(row.detail),
    through: optional(row.through),
    runId: row.run_id,
    params: decodeOptionalJson<JsonObject>(row.params),
    dueAt: row.due_at,
    owner: optional(row.owner),
    leaseUntil: optional(row.lease_until),
    attempt: row.attempt,
    cancelRequestedAt: optional(row.cancel_requested_at),
    recordedAt: row.recorded_at,
    endedAt: optional(row.ended_at),
    error: optional(row.error),
  });
}

/** A row to insert; `now` is the store's present. */
export function newFiringRow(firing: NewFiring, now: RawBuilder<Instant>) {
  return {
    schedule: firing.schedule,
    instant: firing.instant,
    kind: firing.kind,
    status: firing.status,
    reason: firing.reason ?? null,
    detail: plainText(firing.detail),
    through: firing.through ?? null,
    run_id: firing.runId,
    params: jsonText(firing.params),
    due_at: firing.dueAt,
    attempt: 0,
    recorded_at: now,
    ended_at: firing.status === "SKIPPED" ? now : null,
  } satisfies Partial<Record<keyof Insertable<ScheduleFiringsTable>, unknown>>;
}
