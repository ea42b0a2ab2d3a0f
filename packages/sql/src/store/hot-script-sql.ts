import { type Kysely, type RawBuilder, sql } from "kysely";
import type { CoreTables } from "../tables.ts";
import { runColumns } from "./run-rows.ts";

const stepColumns = [
  ...(["run_id", "step_name", "step_type", "position", "status", "attempt", "started_at", "completed_at"] as const),
  ...(["duration_ms", "output", "updates", "error", "reason", "quality", "next_step", "settle_order"] as const),
  "holds_attempt" as const,
];
const attemptColumns = [
  "run_id",
  "step_name",
  "attempt",
  "status",
  "started_at",
  "completed_at",
  "duration_ms",
  "error",
] as const;
const eventColumns = ["run_id", "step_name", "event_type", "occurred_at", "payload"] as const;

/** The texts of the hot script's statements; parameters are in the order of the columns that are named. */
export function buildHotStatements(db: Kysely<CoreTables>) {
  const value = sql<never>`${null}`;
  const lastEvent = db.selectFrom("core_workflow_events").select(({ fn }) => fn.max("sequence").as("sequence"));
  const ownRun = db.updateTable("core_workflow_runs").where("run_id", "=", value);
  const stepStart = db
    .selectFrom("core_workflow_steps")
    .select("started_at")
    .where("run_id", "=", value)
    .where("step_name", "=", value);
  return {
    fence: db
      .selectFrom("core_workflow_runs")
      .select("total_steps")
      .where("run_id", "=", value)
      .where("owner", "=", value)
      .where("fence", "=", value)
      .where("status", "=", sql.lit("RUNNING"))
      .compile().sql,
    lastEvent: lastEvent.compile().sql,
    total: ownRun.set({ total_steps: value }).compile().sql,
    end: ownRun
      .set({
        status: value,
        completed_at: value,
        duration_ms: value,
        error: value,
        error_category: value,
        error_step: value,
        total_steps: value,
        completed_steps: value,
        failed_steps: value,
        skipped_steps: value,
        owner: sql.lit(null),
        last_event: lastEvent,
      })
      .compile().sql,
    step: db
      .insertInto("core_workflow_steps")
      .values(each(stepColumns, () => value))
      .onConflict((conflict) =>
        conflict.columns(["run_id", "step_name"]).doUpdateSet((build) => ({
          ...each(stepColumns.slice(2), excluded),
          started_at: build.fn.coalesce("excluded.started_at", "core_workflow_steps.started_at"),
        })),
      )
      .compile().sql,
    attempt: db
      .insertInto("core_workflow_attempts")
      .values({
        ...each(attemptColumns, () => value),
        started_at: ({ fn }) => fn.coalesce(stepStart, value),
      })
      .onConflict((conflict) =>
        conflict.columns(["run_id", "step_name", "attempt"]).doUpdateSet(each(attemptColumns.slice(3), excluded)),
      )
      .compile().sql,
    event: db
      .insertInto("core_workflow_events")
      .values(each(eventColumns, () => value))
      .compile().sql,
    definition: db
      .insertInto("core_workflow_definitions")
      .values({ hash: value, definition: value, created_at: value })
      .onConflict((conflict) => conflict.doNothing())
      .compile().sql,
    run: db
      .insertInto("core_workflow_runs")
      .values({ ...each(runColumns, () => value), first_event: value })
      .compile().sql,
  };
}

function excluded(column: string): RawBuilder<never> {
  return sql.ref(`excluded.${column}`);
}

function each<const Name extends string, T>(names: readonly Name[], value: (name: Name) => T): Record<Name, T> {
  return Object.fromEntries(names.map((name) => [name, value(name)])) as Record<Name, T>;
}
