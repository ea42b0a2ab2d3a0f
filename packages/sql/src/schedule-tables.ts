import type { FiringKind, FiringStatus, Instant, ScheduleOrigin } from "@spine/core";

export interface SchedulesTable {
  name: string;
  target: string;
  definition: string;
  definition_hash: string;
  origin: ScheduleOrigin;
  follows: string | null;
  next_instant: Instant | null;
  paused_at: Instant | null;
  paused_by: string | null;
  pause_reason: string | null;
  retired_at: Instant | null;
  updated_at: Instant;
}

/** A row for every instant of every schedule that came, run or not. */
export interface ScheduleFiringsTable {
  schedule: string;
  instant: Instant;
  kind: FiringKind;
  status: FiringStatus;
  reason: string | null;
  detail: string | null;
  through: Instant | null;
  run_id: string;
  params: string | null;
  due_at: Instant;
  owner: string | null;
  lease_until: Instant | null;
  attempt: number;
  cancel_requested_at: Instant | null;
  recorded_at: Instant;
  ended_at: Instant | null;
  error: string | null;
}
