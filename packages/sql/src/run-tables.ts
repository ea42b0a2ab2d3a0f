import type { AttemptStatus, Instant, ItemStatus, RunKind, RunRequest, RunStatus, StepStatus } from "@spine/core";
import type { Generated } from "kysely";
import type { SqlBoolean } from "./codecs.ts";

/**
 * One execution. While a run is RUNNING its `completed_steps`, `failed_steps` and `skipped_steps` are those of its rows in
 * `core_workflow_steps`, so that a checkpoint need not rewrite this row, its parameters included; from its end on they are here.
 */
export interface RunsTable {
  run_id: string;
  kind: RunKind;
  workflow_name: string;
  workflow_version: string;
  domain: string | null;
  partition_key: string | null;
  as_of: Instant | null;
  status: RunStatus;
  started_at: Instant;
  completed_at: Instant | null;
  duration_ms: number | null;
  params: string;
  error: string | null;
  error_category: string | null;
  error_step: string | null;
  total_steps: number;
  completed_steps: number;
  failed_steps: number;
  skipped_steps: number;
  triggered_by: string;
  parent_run_id: string | null;
  batch_id: string | null;
  trace_id: string;
  execution_id: string;
  dry_run: SqlBoolean;
  definition_hash: string;
  owner: string | null;
  fence: number;
  created_at: Instant;
  /** Where its events begin and end in the log, where `traits.runEvents` is `span`. */
  first_event: number | null;
  last_event: number | null;
  idempotency_key: string | null;
  rerun_of: string | null;
  rerun_from: string | null;
  priority: Generated<number>;
  concurrency_key: string | null;
  due_at: Instant | null;
  requested: RunRequest | null;
}

export interface DefinitionsTable {
  hash: string;
  definition: string;
  created_at: Instant;
}

/** The present state of each step. `holds_attempt` says that its last try is this row and has none in `core_workflow_attempts`. */
export interface StepsTable {
  run_id: string;
  step_name: string;
  step_type: string;
  position: number;
  status: StepStatus;
  attempt: number;
  started_at: Instant | null;
  completed_at: Instant | null;
  duration_ms: number | null;
  output: string | null;
  updates: string | null;
  error: string | null;
  reason: string | null;
  quality: string | null;
  next_step: string | null;
  settle_order: number | null;
  holds_attempt: SqlBoolean;
  wait: string | null;
}

/**
 * Tries of a step that another try followed, or that differ from how the step ended. A try that ended its step without an error is
 * the step's own row: one row less to write for nearly every step.
 */
export interface AttemptsTable {
  run_id: string;
  step_name: string;
  attempt: number;
  status: AttemptStatus;
  started_at: Instant;
  completed_at: Instant;
  duration_ms: number;
  error: string | null;
}

/** The event log. SQLite gives the newest row's number again when that row is deleted, so whoever prunes keeps the newest. */
export interface EventsTable {
  sequence: Generated<number>;
  run_id: string;
  step_name: string | null;
  event_type: string;
  occurred_at: Instant;
  payload: string;
}

/** Messages to runs, in the order in which they came. */
export interface SignalsTable {
  sequence: Generated<number>;
  id: string;
  run_id: string;
  name: string;
  payload: string;
  sent_at: Instant;
}

/** The items of map steps. */
export interface MapItemsTable {
  run_id: string;
  step_name: string;
  item_index: number;
  status: ItemStatus;
  item: string;
  output: string | null;
  error: string | null;
  attempt: number;
}

/** Who holds which of the numbered slots of a key. */
export interface SlotsTable {
  slot_key: string;
  slot: number;
  run_id: string;
}
