import type { ColumnDefinitionBuilder, Compilable } from "kysely";
import { defineMigration, type MigrationBuilder } from "./migration.ts";

/** Captures, quality, runs, owners, references and alerts: see `tables.ts` for what the columns mean. */
export const foundation = defineMigration({
  name: "0001-foundation",
  up: (build) => [
    ...captureTables(build),
    ...qualityTables(build),
    ...runTables(build),
    ...stepTables(build),
    ...alertTables(build),
  ],
});

type Column = (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder;

const required: Column = (column) => column.notNull();
const key: Column = (column) => column.notNull().primaryKey();

function captureTables({ schema, sql, type, keyed }: MigrationBuilder): readonly Compilable[] {
  const slot = ["domain", "partition_key", "stage", "tier"] as const;
  return [
    schema
      .createTable("core_manifest")
      .addColumn("capture_id", type.key, key)
      .addColumn("domain", type.key, required)
      .addColumn("partition_key", type.key, required)
      .addColumn("stage", type.key, required)
      .addColumn("tier", type.key, required)
      .addColumn("status", type.key, required)
      .addColumn("started_at", type.instant, required)
      .addColumn("completed_at", type.instant)
      .addColumn("row_count", type.bigint)
      .addColumn("reject_count", type.bigint)
      .addColumn("content_hash", type.key)
      .addColumn("effective_date", type.key)
      .addColumn("published_at", type.instant)
      .addColumn("captured_at", type.instant)
      .addColumn("available_at", type.instant)
      .addColumn("supersedes", type.key)
      .addColumn("reason", type.text)
      .addColumn("error", type.text)
      .addColumn("run_id", type.key)
      .addColumn("step", type.key)
      .addColumn("owner", type.key)
      .addColumn("lease_until", type.instant)
      .addColumn("heartbeat_at", type.instant)
      .addColumn("as_of", type.instant)
      .addColumn("imported", type.boolean, (column) => column.notNull().defaultTo(sql`false`))
      .addColumn("stale_at", type.instant)
      .addColumn("stale_by", type.key)
      .addColumn("metrics", type.json),
    schema
      .createIndex("core_manifest_running")
      .unique()
      .on("core_manifest")
      .columns([...slot])
      .where(sql.ref("status"), "=", sql.lit("RUNNING")),
    schema
      .createIndex("core_manifest_current")
      .on("core_manifest")
      .columns([...slot, "available_at desc"]),
    schema.createIndex("core_manifest_started").on("core_manifest").columns(["started_at desc", "capture_id desc"]),
    schema
      .createIndex("core_manifest_run")
      .on("core_manifest")
      .column("run_id")
      .where(sql.ref("run_id"), "is not", null),
    schema
      .createTable("core_capture_inputs")
      .addColumn("capture_id", type.key, required)
      .addColumn("input_capture_id", type.key, required)
      .addPrimaryKeyConstraint("core_capture_inputs_key", ["capture_id", "input_capture_id"])
      .modifyEnd(keyed),
    schema.createIndex("core_capture_inputs_reverse").on("core_capture_inputs").column("input_capture_id"),
  ];
}

function qualityTables({ schema, sql, type, sequencedTable, now }: MigrationBuilder): readonly Compilable[] {
  const stamped: Column = (column) => (now === undefined ? column.notNull() : column.notNull().defaultTo(now));
  return [
    sequencedTable("core_anomalies", "sequence")
      .addColumn("id", type.key, (column) => column.notNull().unique())
      .addColumn("capture_id", type.key)
      .addColumn("anomaly_code", type.key, required)
      .addColumn("message", type.text, required)
      .addColumn("severity", type.key, required)
      .addColumn("context", type.json, required)
      .addColumn("recorded_at", type.instant, stamped)
      .addColumn("domain", type.key)
      .addColumn("partition_key", type.key)
      .addColumn("stage", type.key)
      .addColumn("run_id", type.key)
      .addColumn("step", type.key)
      .addColumn("status", type.key, (column) => column.notNull().defaultTo(sql.lit("OPEN"))),
    schema.createIndex("core_anomalies_capture").on("core_anomalies").columns(["capture_id", "sequence"]),
    schema.createIndex("core_anomalies_run").on("core_anomalies").columns(["run_id", "sequence"]),
    schema.createIndex("core_anomalies_domain").on("core_anomalies").columns(["domain", "sequence"]),
    sequencedTable("core_rejects", "sequence")
      .addColumn("id", type.key, (column) => column.notNull().unique())
      .addColumn("capture_id", type.key, required)
      .addColumn("stage", type.key, required)
      .addColumn("reason_code", type.key, required)
      .addColumn("reason_detail", type.text, required)
      .addColumn("record", type.json, required)
      .addColumn("source_locator", type.text)
      .addColumn("line_number", type.bigint)
      .addColumn("created_at", type.instant, stamped),
    schema.createIndex("core_rejects_capture").on("core_rejects").columns(["capture_id", "sequence"]),
  ];
}

function runTables({ schema, sql, type, keyed }: MigrationBuilder): readonly Compilable[] {
  const runs = "core_workflow_runs";
  const counter: Column = (column) => column.notNull().defaultTo(0);
  return [
    schema
      .createTable(runs)
      .addColumn("run_id", type.key, key)
      .addColumn("kind", type.key, required)
      .addColumn("workflow_name", type.key, required)
      .addColumn("workflow_version", type.key, required)
      .addColumn("domain", type.key)
      .addColumn("partition_key", type.key)
      .addColumn("as_of", type.instant)
      .addColumn("status", type.key, required)
      .addColumn("started_at", type.instant, required)
      .addColumn("completed_at", type.instant)
      .addColumn("duration_ms", type.real)
      .addColumn("params", type.json, required)
      .addColumn("error", type.json)
      .addColumn("error_category", type.key)
      .addColumn("error_step", type.key)
      .addColumn("total_steps", type.integer, counter)
      .addColumn("completed_steps", type.integer, counter)
      .addColumn("failed_steps", type.integer, counter)
      .addColumn("skipped_steps", type.integer, counter)
      .addColumn("triggered_by", type.text, required)
      .addColumn("parent_run_id", type.key)
      .addColumn("batch_id", type.key)
      .addColumn("trace_id", type.key, required)
      .addColumn("execution_id", type.key, required)
      .addColumn("dry_run", type.boolean, required)
      .addColumn("definition_hash", type.key, required)
      .addColumn("owner", type.key)
      .addColumn("fence", type.integer, required)
      .addColumn("created_at", type.instant, required)
      .addColumn("first_event", type.bigint)
      .addColumn("last_event", type.bigint),
    schema.createIndex("core_workflow_runs_status").on(runs).columns(["status", "run_id"]),
    schema.createIndex("core_workflow_runs_name").on(runs).columns(["workflow_name", "run_id"]),
    ...["partition_key", "batch_id", "parent_run_id"].map((column) =>
      schema
        .createIndex(`core_workflow_runs_${column}`)
        .on(runs)
        .columns([column, "run_id"])
        .where(sql.ref(column), "is not", null),
    ),
    schema
      .createTable("core_workflow_definitions")
      .addColumn("hash", type.key, key)
      .addColumn("definition", type.json, required)
      .addColumn("created_at", type.instant, required),
    schema
      .createTable("core_owners")
      .addColumn("owner", type.key, key)
      .addColumn("place", type.text, required)
      .addColumn("pid", type.bigint, required)
      .addColumn("started_at", type.instant, required)
      .addColumn("lease_until", type.instant, required)
      .modifyEnd(keyed),
    schema
      .createTable("core_references")
      .addColumn("id", type.key, key)
      .addColumn("run_id", type.key)
      .addColumn("value", type.json, required)
      .addColumn("size_bytes", type.bigint, required)
      .addColumn("content_hash", type.key, required)
      .addColumn("created_at", type.instant, required),
    schema.createIndex("core_references_run").on("core_references").column("run_id"),
  ];
}

function stepTables({ schema, type, sequencedTable, keyed, traits }: MigrationBuilder): readonly Compilable[] {
  return [
    schema
      .createTable("core_workflow_steps")
      .addColumn("run_id", type.key, required)
      .addColumn("step_name", type.key, required)
      .addColumn("step_type", type.key, required)
      .addColumn("position", type.integer, required)
      .addColumn("status", type.key, required)
      .addColumn("attempt", type.integer, required)
      .addColumn("started_at", type.instant)
      .addColumn("completed_at", type.instant)
      .addColumn("duration_ms", type.real)
      .addColumn("output", type.json)
      .addColumn("updates", type.json)
      .addColumn("error", type.json)
      .addColumn("reason", type.text)
      .addColumn("quality", type.json)
      .addColumn("next_step", type.key)
      .addColumn("settle_order", type.integer)
      .addColumn("holds_attempt", type.boolean, required)
      .addPrimaryKeyConstraint("core_workflow_steps_key", ["run_id", "step_name"])
      .modifyEnd(keyed),
    schema
      .createTable("core_workflow_attempts")
      .addColumn("run_id", type.key, required)
      .addColumn("step_name", type.key, required)
      .addColumn("attempt", type.integer, required)
      .addColumn("status", type.key, required)
      .addColumn("started_at", type.instant, required)
      .addColumn("completed_at", type.instant, required)
      .addColumn("duration_ms", type.real, required)
      .addColumn("error", type.json)
      .addPrimaryKeyConstraint("core_workflow_attempts_key", ["run_id", "step_name", "attempt"])
      .modifyEnd(keyed),
    sequencedTable("core_workflow_events", "sequence")
      .addColumn("run_id", type.key, required)
      .addColumn("step_name", type.key)
      .addColumn("event_type", type.key, required)
      .addColumn("occurred_at", type.instant, required)
      .addColumn("payload", type.json, required),
    ...(traits.runEvents === "span"
      ? []
      : [schema.createIndex("core_workflow_events_run").on("core_workflow_events").columns(["run_id", "sequence"])]),
  ];
}

function alertTables({ schema, sql, type }: MigrationBuilder): readonly Compilable[] {
  return [
    schema
      .createTable("core_alerts")
      .addColumn("id", type.key, key)
      .addColumn("severity", type.key, required)
      .addColumn("title", type.text, required)
      .addColumn("message", type.text, required)
      .addColumn("source", type.text, required)
      .addColumn("domain", type.key)
      .addColumn("run_id", type.key)
      .addColumn("metadata", type.json)
      .addColumn("error_category", type.key)
      .addColumn("created_at", type.instant, required)
      .addColumn("dedup_key", type.key)
      .addColumn("capture_id", type.key),
    schema.createIndex("core_alerts_created").on("core_alerts").column("created_at desc"),
    schema
      .createIndex("core_alerts_dedup")
      .on("core_alerts")
      .columns(["dedup_key", "created_at"])
      .where(sql.ref("dedup_key"), "is not", null),
    schema.createIndex("core_alerts_run").on("core_alerts").column("run_id").where(sql.ref("run_id"), "is not", null),
    schema
      .createTable("core_alert_deliveries")
      .addColumn("id", type.key, key)
      .addColumn("alert_id", type.key, required)
      .addColumn("channel", type.key, required)
      .addColumn("status", type.key, required)
      .addColumn("attempted_at", type.instant)
      .addColumn("delivered_at", type.instant)
      .addColumn("response", type.json)
      .addColumn("error", type.text)
      .addColumn("attempt", type.integer, required)
      .addColumn("next_retry_at", type.instant)
      .addColumn("created_at", type.instant, required)
      .addUniqueConstraint("core_alert_deliveries_attempt", ["alert_id", "channel", "attempt"]),
    schema
      .createIndex("core_alert_deliveries_due")
      .on("core_alert_deliveries")
      .column("next_retry_at")
      .where(sql.ref("next_retry_at"), "is not", null),
  ];
}
