import type { Compilable, ColumnDefinitionBuilder } from "kysely";
import { defineMigration, type MigrationBuilder } from "./migration.ts";

const required = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull();

/** Schedules, and a row for each of their instants. */
export const schedules = defineMigration({
  name: "0003-schedules",
  up: (build) => [...scheduleTable(build), ...firingTable(build)],
});

function scheduleTable({ schema, sql, type }: MigrationBuilder): readonly Compilable[] {
  const table = "core_schedules";
  return [
    schema
      .createTable(table)
      .addColumn("name", type.key, (column) => column.primaryKey().notNull())
      .addColumn("target", type.key, required)
      .addColumn("definition", type.json, required)
      .addColumn("definition_hash", type.key, required)
      .addColumn("origin", type.key, required)
      .addColumn("follows", type.key)
      .addColumn("next_instant", type.instant)
      .addColumn("paused_at", type.instant)
      .addColumn("paused_by", type.text)
      .addColumn("pause_reason", type.text)
      .addColumn("retired_at", type.instant)
      .addColumn("updated_at", type.instant, required),
    schema
      .createIndex("core_schedules_next")
      .on(table)
      .column("next_instant")
      .where(sql.ref("next_instant"), "is not", null),
    schema.createIndex("core_schedules_follows").on(table).column("follows").where(sql.ref("follows"), "is not", null),
  ];
}

function firingTable({ schema, sql, type }: MigrationBuilder): readonly Compilable[] {
  const table = "core_schedule_firings";
  return [
    schema
      .createTable(table)
      .addColumn("schedule", type.key, required)
      .addColumn("instant", type.instant, required)
      .addColumn("kind", type.key, required)
      .addColumn("status", type.key, required)
      .addColumn("reason", type.key)
      .addColumn("detail", type.text)
      .addColumn("through", type.instant)
      .addColumn("run_id", type.key, required)
      .addColumn("params", type.json)
      .addColumn("due_at", type.instant, required)
      .addColumn("owner", type.key)
      .addColumn("lease_until", type.instant)
      .addColumn("attempt", type.integer, required)
      .addColumn("cancel_requested_at", type.instant)
      .addColumn("recorded_at", type.instant, required)
      .addColumn("ended_at", type.instant)
      .addColumn("error", type.text)
      .addPrimaryKeyConstraint("core_schedule_firings_key", ["schedule", "instant"]),
    // Few rows are open at a time, however many there are.
    schema
      .createIndex("core_schedule_firings_open")
      .on(table)
      .columns(["status", "due_at"])
      .where(sql.ref("status"), "in", sql`('PENDING', 'BUFFERED', 'STARTED')`),
    schema
      .createIndex("core_schedule_firings_active")
      .on(table)
      .columns(["schedule", "status"])
      .where(sql.ref("status"), "in", sql`('PENDING', 'BUFFERED', 'STARTED')`),
    schema.createIndex("core_schedule_firings_instant").on(table).column("instant"),
  ];
}
