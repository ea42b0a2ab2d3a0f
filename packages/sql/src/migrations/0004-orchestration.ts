import type { ColumnDefinitionBuilder } from "kysely";
import { defineMigration } from "./migration.ts";

type Column = (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder;

const required: Column = (column) => column.notNull();

/** Waiting runs, keys, reruns, requests, signals, map items, slots: see `tables.ts` for what the columns mean. */
export const orchestration = defineMigration({
  name: "0004-orchestration",
  up: ({ schema, sql, type, sequencedTable, keyed }) => {
    const runs = "core_workflow_runs";
    const added = (name: string, kind: typeof type.key, build: Column = (column) => column) =>
      schema.alterTable(runs).addColumn(name, kind, build);
    return [
      added("idempotency_key", type.key),
      added("rerun_of", type.key),
      added("rerun_from", type.key),
      added("priority", type.integer, (column) => column.notNull().defaultTo(0)),
      added("concurrency_key", type.key),
      added("due_at", type.instant),
      added("requested", type.key),
      schema.alterTable("core_workflow_steps").addColumn("wait", type.json),
      schema
        .createIndex("core_workflow_runs_idempotency")
        .unique()
        .on(runs)
        .columns(["kind", "workflow_name", "idempotency_key"])
        .where(sql.ref("idempotency_key"), "is not", null),
      schema.createIndex("core_workflow_runs_due").on(runs).column("due_at").where(sql.ref("due_at"), "is not", null),
      schema
        .createIndex("core_workflow_runs_requested")
        .on(runs)
        .column("owner")
        .where(sql.ref("requested"), "is not", null),
      schema
        .createIndex("core_workflow_runs_rerun")
        .on(runs)
        .columns(["rerun_of", "run_id"])
        .where(sql.ref("rerun_of"), "is not", null),
      schema
        .createIndex("core_workflow_runs_concurrency")
        .on(runs)
        .columns(["concurrency_key", "status"])
        .where(sql.ref("concurrency_key"), "is not", null),
      schema.createIndex("core_workflow_runs_started").on(runs).columns(["started_at", "run_id"]),
      sequencedTable("core_signals", "sequence")
        .addColumn("id", type.key, (column) => column.notNull().unique())
        .addColumn("run_id", type.key, required)
        .addColumn("name", type.key, required)
        .addColumn("payload", type.json, required)
        .addColumn("sent_at", type.instant, required),
      schema.createIndex("core_signals_run").on("core_signals").columns(["run_id", "sequence"]),
      schema
        .createTable("core_map_items")
        .addColumn("run_id", type.key, required)
        .addColumn("step_name", type.key, required)
        .addColumn("item_index", type.integer, required)
        .addColumn("status", type.key, required)
        .addColumn("item", type.json, required)
        .addColumn("output", type.json)
        .addColumn("error", type.json)
        .addColumn("attempt", type.integer, required)
        .addPrimaryKeyConstraint("core_map_items_key", ["run_id", "step_name", "item_index"])
        .modifyEnd(keyed),
      schema
        .createTable("core_slots")
        .addColumn("slot_key", type.key, required)
        .addColumn("slot", type.integer, required)
        .addColumn("run_id", type.key, required)
        .addPrimaryKeyConstraint("core_slots_key", ["slot_key", "slot"])
        .modifyEnd(keyed),
      schema.createIndex("core_slots_run").on("core_slots").column("run_id"),
    ];
  },
});
