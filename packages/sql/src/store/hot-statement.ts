import { type CheckpointResult, err, type Instant, ok, type SqlValue } from "@spine/core";
import { type Kysely, type RawBuilder, sql } from "kysely";
import { decodeJson } from "../codecs.ts";
import type { CoreTables } from "../tables.ts";
import { createRows, transitionRows } from "./hot-rows.ts";
import type { HotOptions, HotWrites } from "./hot.ts";
import { newRunRow } from "./run-rows.ts";

/**
 * The hot writes as one statement each, whatever the number of transitions: a round trip and a commit. The run's row is locked, which
 * decides the fence, and rewritten only when the run ends. For engines with data-modifying `with` and `json_to_recordset`.
 */
export function createHotStatement(options: HotOptions): HotWrites {
  const { engine, clock, db, traits } = options;
  const withAttempts = compile(db, checkpointStatement(options, { steps: "", attempts: "", events: "" }));
  const withoutAttempts = compile(db, checkpointStatement(options, { steps: "", events: "" }));
  // The host's present is the first parameter; a database that has its own takes none.
  const present = (): readonly SqlValue[] => (traits.now === undefined ? [options.now()] : []);

  return {
    async create({ run, started, events }) {
      const row = newRunRow(run, clock.now(), run.dryRun);
      const rows = createRows(started, events);
      const insert = db.insertInto("core_workflow_runs").values(row);
      const definition = db
        .insertInto("core_workflow_definitions")
        .values({ hash: run.definitionHash, definition: JSON.stringify(run.definition), created_at: clock.now() })
        .onConflict((conflict) => conflict.doNothing());
      const statement = sql<{ at: Instant }>`
        with clock as (select ${clock.now()} as at),
        kept_definition as (${definition}),
        kept as (${insert} returning 0 as n, run_id),
        ${writes(options, { steps: rows.steps, events: rows.events })}
        select at from clock`;
      const { rows: result } = await statement.execute(db);
      return ok(result[0]?.at ?? options.now());
    },
    async checkpoint(transitions, session) {
      const rows = transitionRows(transitions);
      // Most steps end with their first try, which has no row of its own.
      const hasAttempts = rows.attempts !== "[]";
      const checkpoint = hasAttempts ? withAttempts : withoutAttempts;
      const attempts = hasAttempts ? [rows.attempts] : [];
      const params = [...present(), rows.runs, rows.steps, rows.events, ...attempts];
      const executed = await (session ?? engine).executeHot<KeptRow>(checkpoint, params);
      if (executed.isErr()) return err(executed.error);
      const [row] = executed.value.rows;
      const result: CheckpointResult = {
        kept: new Set(row === undefined ? [] : decodeJson<readonly string[]>(row.kept)),
        at: row?.at ?? options.now(),
      };
      return ok(Object.freeze(result));
    },
  };
}

interface KeptRow {
  readonly at: Instant;
  readonly kept: string;
}

/** Arrays of rows as JSON text. */
interface RowTexts {
  readonly steps: string;
  readonly events: string;
  /** Left out, the statement writes none. */
  readonly attempts?: string;
}

function compile(db: Kysely<CoreTables>, statement: RawBuilder<unknown>): string {
  return statement.compile(db).sql.replaceAll(/\s+/g, " ").trim();
}

/**
 * The rows of runs are found one by one through their key (`lateral`, `any`): a join lets the planner, which expects a hundred rows of
 * JSON, read the whole table.
 */
function checkpointStatement(options: HotOptions, rows: RowTexts): RawBuilder<unknown> {
  return sql`
    with clock as (select ${options.clock.now()} as at),
    given as (
      select * from json_to_recordset(${""}::json) as x(
        n integer, run_id text, owner text, fence integer, total integer, completed integer, failed integer, skipped integer,
        status text, duration_ms float8, error text, error_category text, error_step text
      )
    ),
    kept as (
      select given.n, run.run_id, run.total_steps from given cross join lateral (
        select own.run_id, own.total_steps from core_workflow_runs as own
        where own.run_id = given.run_id and own.owner = given.owner and own.fence = given.fence and own.status = 'RUNNING'
        for no key update
      ) as run
    ),
    changed as (
      select given.*, kept.run_id as kept_id from given join kept on kept.n = given.n
      where given.status is not null or given.total <> kept.total_steps
    ),
    kept_run as (
      update core_workflow_runs as run set
        total_steps = changed.total,
        completed_steps = changed.completed,
        failed_steps = changed.failed,
        skipped_steps = changed.skipped,
        status = coalesce(changed.status, run.status),
        completed_at = case when changed.status is not null then (select at from clock) end,
        duration_ms = changed.duration_ms,
        error = changed.error::json,
        error_category = changed.error_category,
        error_step = changed.error_step,
        owner = case when changed.status is null then run.owner end
      from changed
      where run.run_id = changed.kept_id and run.run_id = any(array(select kept_id from changed))
    ),
    ${writes(options, rows)}
    select at, (select coalesce(json_agg(run_id), '[]') from kept) as kept from clock`;
}

/** The rows of steps, attempts and events whose run is in `kept`. */
function writes(options: HotOptions, rows: RowTexts): RawBuilder<unknown> {
  return sql`
    kept_steps as (
      insert into core_workflow_steps as step (
        run_id, step_name, step_type, position, status, attempt, started_at, completed_at, duration_ms,
        output, updates, error, reason, quality, next_step, settle_order, holds_attempt
      )
      select kept.run_id, x.step, x.kind, x.position, x.status, x.attempt,
        case when x.begun then clock.at end, case when x.status <> 'RUNNING' then clock.at end, x.duration_ms,
        x.output::json, x.updates::json, x.error::json, x.reason, x.quality::json, x.next_step, x.settle_order, x.holds_attempt
      from clock, json_to_recordset(${rows.steps}::json) as x(
        n integer, step text, kind text, position integer, status text, attempt integer, begun boolean, duration_ms float8,
        output text, updates text, error text, reason text, quality text, next_step text, settle_order integer, holds_attempt boolean
      ) join kept on kept.n = x.n
      on conflict (run_id, step_name) do update set
        step_type = excluded.step_type,
        position = excluded.position,
        status = excluded.status,
        attempt = excluded.attempt,
        started_at = coalesce(excluded.started_at, step.started_at),
        completed_at = excluded.completed_at,
        duration_ms = excluded.duration_ms,
        output = excluded.output,
        updates = excluded.updates,
        error = excluded.error,
        reason = excluded.reason,
        quality = excluded.quality,
        next_step = excluded.next_step,
        settle_order = excluded.settle_order,
        holds_attempt = excluded.holds_attempt
    ),
    kept_events as (
      insert into core_workflow_events (run_id, step_name, event_type, occurred_at, payload)
      select kept.run_id, x.step, x.type, clock.at, x.payload::json
      from clock, json_to_recordset(${rows.events}::json) as x(n integer, i integer, step text, type text, payload text)
      join kept on kept.n = x.n
      order by x.i
    )${rows.attempts === undefined ? sql`` : sql`, ${attemptWrites(options, rows.attempts)}`}`;
}

function attemptWrites({ traits }: HotOptions, attempts: string): RawBuilder<unknown> {
  return sql`
    kept_attempts as (
      insert into core_workflow_attempts (run_id, step_name, attempt, status, started_at, completed_at, duration_ms, error)
      select kept.run_id, x.step, x.attempt, x.status,
        coalesce(
          (
            select step.started_at from core_workflow_steps as step
            where step.run_id = kept.run_id and step.step_name = x.step
          ),
          clock.at - round(x.duration_ms) * ${sql.raw(traits.millisecond ?? "null")}
        ),
        clock.at, x.duration_ms, x.error::json
      from clock, json_to_recordset(${attempts}::json) as x(
        n integer, step text, attempt integer, status text, duration_ms float8, error text
      ) join kept on kept.n = x.n
      on conflict (run_id, step_name, attempt) do update set
        status = excluded.status,
        started_at = excluded.started_at,
        completed_at = excluded.completed_at,
        duration_ms = excluded.duration_ms,
        error = excluded.error
    )`;
}
