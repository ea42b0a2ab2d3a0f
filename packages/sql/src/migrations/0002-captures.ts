import type { AlterTableColumnAlteringBuilder, ColumnDefinitionBuilder, Compilable } from "kysely";
import { defineMigration, type MigrationBuilder } from "./migration.ts";

/** The ledger as design 4.6 has it, and what is judged, expected and filled again: see `tables.ts` for what the columns mean. */
export const captures = defineMigration({
  name: "0002-captures",
  up: (build) => [
    ...manifestColumns(build),
    ...manifestIndexes(build),
    ...captureTables(build),
    ...qualityTables(build),
    ...expectationTables(build),
    ...backfillTables(build),
  ],
});

type Column = (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder;

const required: Column = (column) => column.notNull();
const key: Column = (column) => column.notNull().primaryKey();

/** One statement for each column: SQLite takes no more. */
function manifestColumns({ schema, type }: MigrationBuilder): readonly AlterTableColumnAlteringBuilder[] {
  const add = (name: string, of: (typeof type)["key"]): AlterTableColumnAlteringBuilder =>
    schema.alterTable("core_manifest").addColumn(name, of as never);
  return [
    add("gate", type.key),
    add("same_as", type.key),
    add("import_at", type.instant),
    add("removal_begun_at", type.instant),
    add("payload_removed_at", type.instant),
  ];
}

/**
 * What readers see is found by the clock of availability, whose index holds versions only, in the order in which readers prefer them: a
 * sort would carry whole rows. The two other clocks sort the few versions of a slot that they find by it. What runs, by whatever owner, is in `core_manifest_running`.
 */
function manifestIndexes({ schema, sql }: MigrationBuilder): readonly Compilable[] {
  const slot = ["domain", "stage", "partition_key", "tier"] as const;
  return [
    schema.dropIndex("core_manifest_current"),
    schema
      .createIndex("core_manifest_versions")
      .on("core_manifest")
      .columns([...slot, "available_at desc"])
      .expression(sql`(coalesce(content_hash, '')) desc`)
      .column("capture_id desc")
      .where(sql<boolean>`status = 'COMPLETE' and as_of is null and available_at is not null`),
    schema
      .createIndex("core_manifest_slot")
      .on("core_manifest")
      .columns([...slot, "started_at desc", "capture_id desc"]),
    schema
      .createIndex("core_manifest_stale")
      .on("core_manifest")
      .columns([...slot])
      .where(sql<boolean>`stale_at is not null`),
    schema
      .createIndex("core_manifest_leftovers")
      .on("core_manifest")
      .columns(["started_at", "capture_id"])
      .where(sql<boolean>`status in ('FAILED', 'UNCHANGED') and payload_removed_at is null`),
    schema
      .createIndex("core_manifest_held_back")
      .on("core_manifest")
      .columns([...slot])
      .where(sql<boolean>`gate in ('QUARANTINE', 'BLOCK')`),
  ];
}

function captureTables({ schema, type, keyed, sequencedTable }: MigrationBuilder): readonly Compilable[] {
  return [
    sequencedTable("core_capture_notes", "sequence")
      .addColumn("capture_id", type.key, required)
      .addColumn("kind", type.key, required)
      .addColumn("run_id", type.key)
      .addColumn("step", type.key)
      .addColumn("noted_by", type.text)
      .addColumn("why", type.text)
      .addColumn("noted_at", type.instant, required),
    schema.createIndex("core_capture_notes_capture").on("core_capture_notes").columns(["capture_id", "sequence"]),
    schema
      .createTable("core_capture_tables")
      .addColumn("capture_id", type.key, required)
      .addColumn("table_name", type.key, required)
      .addPrimaryKeyConstraint("core_capture_tables_key", ["capture_id", "table_name"])
      .modifyEnd(keyed),
  ];
}

function qualityTables({ schema, sql, type, sequencedTable, now }: MigrationBuilder): readonly Compilable[] {
  const stamped: Column = (column) => (now === undefined ? column.notNull() : column.notNull().defaultTo(now));
  const anomalies = (name: string, of: (typeof type)["key"]): Compilable =>
    schema.alterTable("core_anomalies").addColumn(name, of as never);
  return [
    sequencedTable("core_quality", "sequence")
      .addColumn("id", type.key, (column) => column.notNull().unique())
      .addColumn("capture_id", type.key, required)
      .addColumn("gate", type.key, required)
      .addColumn("check_name", type.key, required)
      .addColumn("category", type.key, required)
      .addColumn("status", type.key, required)
      .addColumn("message", type.text, required)
      .addColumn("actual", type.json)
      .addColumn("expected", type.json)
      .addColumn("run_id", type.key)
      .addColumn("step", type.key)
      .addColumn("recorded_at", type.instant, stamped),
    schema.createIndex("core_quality_capture").on("core_quality").columns(["capture_id", "sequence"]),
    schema
      .createIndex("core_quality_run")
      .on("core_quality")
      .columns(["run_id", "sequence"])
      .where(sql.ref("run_id"), "is not", null),
    anomalies("status_by", type.text),
    anomalies("status_reason", type.text),
    anomalies("status_at", type.instant),
    schema.createIndex("core_anomalies_status").on("core_anomalies").columns(["status", "sequence"]),
    sequencedTable("core_anomaly_changes", "sequence")
      .addColumn("anomaly_id", type.key, required)
      .addColumn("status", type.key, required)
      .addColumn("changed_by", type.text, required)
      .addColumn("why", type.text, required)
      .addColumn("changed_at", type.instant, required),
    schema.createIndex("core_anomaly_changes_anomaly").on("core_anomaly_changes").columns(["anomaly_id", "sequence"]),
  ];
}

function expectationTables({ schema, type, sequencedTable, keyed }: MigrationBuilder): readonly Compilable[] {
  return [
    schema
      .createTable("core_accepted_gaps")
      .addColumn("domain", type.key, required)
      .addColumn("stage", type.key, required)
      .addColumn("tier", type.key, required)
      .addColumn("partition_key", type.key, required)
      .addColumn("reason", type.text, required)
      .addColumn("author", type.text, required)
      .addColumn("accepted_at", type.instant, required)
      .addPrimaryKeyConstraint("core_accepted_gaps_key", ["domain", "stage", "tier", "partition_key"])
      .modifyEnd(keyed),
    sequencedTable("core_readiness", "sequence")
      .addColumn("id", type.key, (column) => column.notNull().unique())
      .addColumn("expectation", type.key, required)
      .addColumn("domain", type.key, required)
      .addColumn("partition_key", type.key, required)
      .addColumn("ready", type.boolean, required)
      .addColumn("stages", type.json, required)
      .addColumn("requirements", type.json, required)
      .addColumn("blockers", type.json, required)
      .addColumn("certified_at", type.instant, required)
      .addColumn("run_id", type.key),
    schema
      .createIndex("core_readiness_partition")
      .on("core_readiness")
      .columns(["expectation", "partition_key", "sequence"]),
  ];
}

function backfillTables({ schema, type, sql, keyed }: MigrationBuilder): readonly Compilable[] {
  const items = "core_backfill_items";
  return [
    schema
      .createTable("core_backfills")
      .addColumn("backfill_id", type.key, key)
      .addColumn("expectation", type.key, required)
      .addColumn("target", type.key, required)
      .addColumn("mode", type.key, required)
      .addColumn("direction", type.key, required)
      .addColumn("max_parallel", type.integer, required)
      .addColumn("reason", type.text, required)
      .addColumn("created_by", type.text, required)
      .addColumn("status", type.key, required)
      .addColumn("created_at", type.instant, required)
      .addColumn("started_at", type.instant)
      .addColumn("completed_at", type.instant),
    schema.createIndex("core_backfills_created").on("core_backfills").columns(["created_at desc", "backfill_id desc"]),
    schema
      .createTable(items)
      .addColumn("backfill_id", type.key, required)
      .addColumn("position", type.integer, required)
      .addColumn("partition_key", type.key, required)
      .addColumn("params", type.json, required)
      .addColumn("status", type.key, required)
      .addColumn("owner", type.key)
      .addColumn("run_id", type.key)
      .addColumn("attempt", type.integer, (column) => column.notNull().defaultTo(0))
      .addColumn("error", type.text)
      .addColumn("started_at", type.instant)
      .addColumn("completed_at", type.instant)
      .addPrimaryKeyConstraint("core_backfill_items_key", ["backfill_id", "position"])
      .modifyEnd(keyed),
    schema.createIndex("core_backfill_items_status").on(items).columns(["backfill_id", "status", "position"]),
    schema.createIndex("core_backfill_items_run").on(items).column("run_id").where(sql.ref("run_id"), "is not", null),
  ];
}
