import type {
  AnomalySeverity,
  AnomalyStatus,
  AttemptStatus,
  BackfillDirection,
  BackfillItemStatus,
  BackfillMode,
  BackfillStatus,
  CaptureRemark,
  CaptureStatus,
  CheckCategory,
  CheckStatus,
  GateDecision,
  Instant,
  ItemStatus,
  RunKind,
  RunRequest,
  RunStatus,
  StepStatus,
} from "@spine/core";
import type { Generated } from "kysely";
import type { SqlBoolean } from "./codecs.ts";

/** One capture of one partition at one stage: seed 001's columns and what design 4.6 adds. Rows are never deleted by spine. */
export interface ManifestTable {
  capture_id: string;
  domain: string;
  partition_key: string;
  stage: string;
  tier: string;
  status: CaptureStatus;
  started_at: Instant;
  completed_at: Instant | null;
  row_count: number | null;
  reject_count: number | null;
  content_hash: string | null;
  effective_date: string | null;
  published_at: Instant | null;
  captured_at: Instant | null;
  available_at: Instant | null;
  supersedes: string | null;
  reason: string | null;
  error: string | null;
  run_id: string | null;
  step: string | null;
  owner: string | null;
  lease_until: Instant | null;
  heartbeat_at: Instant | null;
  as_of: Instant | null;
  imported: Generated<SqlBoolean>;
  stale_at: Instant | null;
  stale_by: string | null;
  metrics: string | null;
  gate: GateDecision | null;
  /** Of an UNCHANGED capture: the present one with the same content. */
  same_as: string | null;
  /** Of history: the instant at which it becomes available. */
  import_at: Instant | null;
  /** Its rows are no longer whole from here on. */
  removal_begun_at: Instant | null;
  payload_removed_at: Instant | null;
}

/** Which captures a capture was computed from. */
export interface CaptureInputsTable {
  capture_id: string;
  input_capture_id: string;
}

/** What became of a capture since it was complete: a run found its content again, or somebody let through what its gate held back. */
export interface CaptureNotesTable {
  sequence: Generated<number>;
  capture_id: string;
  kind: CaptureRemark["kind"];
  run_id: string | null;
  step: string | null;
  noted_by: string | null;
  why: string | null;
  noted_at: Instant;
}

/** In which data tables a capture has rows. */
export interface CaptureTablesTable {
  capture_id: string;
  table_name: string;
}

/** What checks found of a capture, in the order in which it was recorded. */
export interface QualityTable {
  sequence: Generated<number>;
  id: string;
  capture_id: string;
  gate: string;
  check_name: string;
  category: CheckCategory;
  status: CheckStatus;
  message: string;
  actual: string | null;
  expected: string | null;
  run_id: string | null;
  step: string | null;
  recorded_at: Instant;
}

/** Recorded data problems: seed 001's columns and where they happened. */
export interface AnomaliesTable {
  sequence: Generated<number>;
  id: string;
  capture_id: string | null;
  anomaly_code: string;
  message: string;
  severity: AnomalySeverity;
  context: string;
  recorded_at: Instant;
  domain: string | null;
  partition_key: string | null;
  stage: string | null;
  run_id: string | null;
  step: string | null;
  status: Generated<AnomalyStatus>;
  status_by: string | null;
  status_reason: string | null;
  status_at: Instant | null;
}

/** Every step of an anomaly's life. */
export interface AnomalyChangesTable {
  sequence: Generated<number>;
  anomaly_id: string;
  status: AnomalyStatus;
  changed_by: string;
  why: string;
  changed_at: Instant;
}

/** Refused records, in the order in which they were written. */
export interface RejectsTable {
  sequence: Generated<number>;
  id: string;
  capture_id: string;
  stage: string;
  reason_code: string;
  reason_detail: string;
  record: string;
  source_locator: string | null;
  line_number: number | null;
  created_at: Instant;
}

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

export interface OwnersTable {
  owner: string;
  place: string;
  pid: number;
  started_at: Instant;
  lease_until: Instant;
}

export interface ReferencesTable {
  id: string;
  run_id: string | null;
  value: string;
  size_bytes: number;
  content_hash: string;
  created_at: Instant;
}

/** Partitions that are absent and need not come. */
export interface AcceptedGapsTable {
  domain: string;
  stage: string;
  tier: string;
  partition_key: string;
  reason: string;
  author: string;
  accepted_at: Instant;
}

/** Certificates, appended; `stages`, `requirements` and `blockers` are JSON. */
export interface ReadinessTable {
  sequence: Generated<number>;
  id: string;
  expectation: string;
  domain: string;
  partition_key: string;
  ready: SqlBoolean;
  stages: string;
  requirements: string;
  blockers: string;
  certified_at: Instant;
  run_id: string | null;
}

/** Backfills; how many of their items are in which state is counted from the items. */
export interface BackfillsTable {
  backfill_id: string;
  expectation: string;
  target: string;
  mode: BackfillMode;
  direction: BackfillDirection;
  max_parallel: number;
  reason: string;
  created_by: string;
  status: BackfillStatus;
  created_at: Instant;
  started_at: Instant | null;
  completed_at: Instant | null;
}

export interface BackfillItemsTable {
  backfill_id: string;
  position: number;
  partition_key: string;
  params: string;
  status: BackfillItemStatus;
  /** The process that works on it, while it is RUNNING. */
  owner: string | null;
  run_id: string | null;
  attempt: Generated<number>;
  error: string | null;
  started_at: Instant | null;
  completed_at: Instant | null;
}

export interface AlertsTable {
  id: string;
  severity: AnomalySeverity;
  title: string;
  message: string;
  source: string;
  domain: string | null;
  run_id: string | null;
  metadata: string | null;
  error_category: string | null;
  created_at: Instant;
  dedup_key: string | null;
  capture_id: string | null;
}

export interface AlertDeliveriesTable {
  id: string;
  alert_id: string;
  channel: string;
  status: string;
  attempted_at: Instant | null;
  delivered_at: Instant | null;
  response: string | null;
  error: string | null;
  attempt: number;
  next_retry_at: Instant | null;
  created_at: Instant;
}

export interface MigrationsTable {
  /** `spine`, or the plugin's name. */
  owner: string;
  name: string;
  checksum: string;
  applied_at: Instant;
}

/** spine's own tables, for `kyselyOf<CoreTables>`. Read them freely; write through the store. */
export interface CoreTables {
  core_manifest: ManifestTable;
  core_capture_inputs: CaptureInputsTable;
  core_capture_notes: CaptureNotesTable;
  core_capture_tables: CaptureTablesTable;
  core_quality: QualityTable;
  core_anomalies: AnomaliesTable;
  core_anomaly_changes: AnomalyChangesTable;
  core_rejects: RejectsTable;
  core_accepted_gaps: AcceptedGapsTable;
  core_readiness: ReadinessTable;
  core_backfills: BackfillsTable;
  core_backfill_items: BackfillItemsTable;
  core_workflow_runs: RunsTable;
  core_workflow_definitions: DefinitionsTable;
  core_workflow_steps: StepsTable;
  core_workflow_attempts: AttemptsTable;
  core_workflow_events: EventsTable;
  core_signals: SignalsTable;
  core_map_items: MapItemsTable;
  core_slots: SlotsTable;
  core_owners: OwnersTable;
  core_references: ReferencesTable;
  core_alerts: AlertsTable;
  core_alert_deliveries: AlertDeliveriesTable;
  core_migrations: MigrationsTable;
}
