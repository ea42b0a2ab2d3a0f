import type {
  AnomalySeverity,
  AnomalyStatus,
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
} from "@spine/core";
import type { Generated } from "kysely";
import type {
  RunsTable,
  DefinitionsTable,
  StepsTable,
  AttemptsTable,
  EventsTable,
  SignalsTable,
  MapItemsTable,
  SlotsTable,
} from "./run-tables.ts";
import type { ScheduleFiringsTable, SchedulesTable } from "./schedule-tables.ts";
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
  core_schedules: SchedulesTable;
  core_schedule_firings: ScheduleFiringsTable;
  core_migrations: MigrationsTable;
}
