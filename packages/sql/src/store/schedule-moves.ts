import {
  type FiringRecord,
  type FiringStatus,
  type Instant,
  type NewFiring,
  ok,
  type Result,
  type ResultAsync,
  type ScheduleLoad,
  type ScheduleStore,
  type SpineError,
} from "@spine/core";
import type { Kysely } from "kysely";
import { plainText } from "../codecs.ts";
import type { StoreClock } from "../store-clock.ts";
import type { CoreTables } from "../tables.ts";
import type { StoreContext } from "./context.ts";
import { newFiringRow, toFiring, toSchedule } from "./schedule-rows.ts";

type AdvanceResult = ScheduleStore["advance"] extends (...args: never[]) => ResultAsync<infer T, SpineError>
  ? T
  : never;

const active: readonly FiringStatus[] = ["PENDING", "STARTED"];
const open: readonly FiringStatus[] = [...active, "BUFFERED"];
/** PostgreSQL takes 65,535 parameters a statement, SQLite 32,766. */
const rowsPerInsert = 1000;

/** What plans decide on: the moves of due schedules, and what the ends of runs mean. Each within a transaction of the caller. */
export function createScheduleMoves({ clock, traits }: Pick<StoreContext, "clock" | "traits">) {
  const { skipLocked = false } = traits;

  async function insert(tx: Kysely<CoreTables>, firings: readonly NewFiring[]): Promise<void> {
    for (let start = 0; start < firings.length; start += rowsPerInsert) {
      await tx
        .insertInto("core_schedule_firings")
        .values(firings.slice(start, start + rowsPerInsert).map((firing) => newFiringRow(firing, clock.now())))
        .onConflict((conflict) => conflict.columns(["schedule", "instant"]).doNothing())
        .execute();
    }
  }

  async function loadsOf(
    tx: Kysely<CoreTables>,
    names: readonly string[],
    at: Instant,
  ): Promise<(name: string) => ScheduleLoad> {
    const rows =
      names.length === 0
        ? []
        : await tx
            .selectFrom("core_schedule_firings")
            .select(({ fn }) => ["schedule", "status", fn.countAll<number>().as("count")])
            .where("schedule", "in", names)
            .where("status", "in", open)
            .groupBy(["schedule", "status"])
            .execute();
    const loads = new Map<string, { active: number; buffered: number }>();
    for (const { schedule, status, count } of rows) {
      const load = loads.get(schedule) ?? { active: 0, buffered: 0 };
      load[status === "BUFFERED" ? "buffered" : "active"] += count;
      loads.set(schedule, load);
    }
    return (name) => ({ at, ...(loads.get(name) ?? { active: 0, buffered: 0 }) });
  }

  /** Lets what waits for the run before it go where nothing is active any more. */
  async function release(tx: Kysely<CoreTables>): Promise<void> {
    await tx
      .updateTable("core_schedule_firings")
      .set({ status: "PENDING", reason: null, detail: null, due_at: clock.now() })
      .where("status", "=", "BUFFERED")
      .where(({ exists, not, selectFrom }) =>
        not(
          exists(
            selectFrom("core_schedule_firings as other")
              .select("other.schedule")
              .whereRef("other.schedule", "=", "core_schedule_firings.schedule")
              .where("other.status", "in", active),
          ),
        ),
      )
      .execute();
  }

  async function advance(
    tx: Kysely<CoreTables>,
    { limit, plan }: Parameters<ScheduleStore["advance"]>[0],
  ): Promise<Result<AdvanceResult, SpineError>> {
    const at = await presentOf(clock, tx);
    const due = await tx
      .selectFrom("core_schedules")
      .selectAll()
      .where("next_instant", "<=", at)
      .orderBy("next_instant")
      .orderBy("name")
      .limit(limit)
      .$if(skipLocked, (query) => query.forUpdate().skipLocked())
      .execute();
    const loadOf = await loadsOf(
      tx,
      due.map(({ name }) => name),
      at,
    );
    const moves = due.map((row) => ({ row, move: plan(toSchedule(row), loadOf(row.name)) }));
    for (const { row, move } of moves) {
      if (move.cancelActive !== true) continue;
      await tx
        .updateTable("core_schedule_firings")
        .set({ cancel_requested_at: at })
        .where("schedule", "=", row.name)
        .where("status", "=", "STARTED")
        .where("cancel_requested_at", "is", null)
        .execute();
    }
    await insert(
      tx,
      moves.flatMap(({ move }) => move.firings),
    );
    for (const { row, move } of moves) {
      await tx
        .updateTable("core_schedules")
        .set({ next_instant: move.nextInstant ?? null })
        .where("name", "=", row.name)
        .execute();
    }
    const nextOf = await tx
      .selectNoFrom(({ selectFrom, exists, case: when, lit }) => [
        selectFrom("core_schedules")
          .select("next_instant")
          .where("next_instant", "is not", null)
          .orderBy("next_instant")
          .limit(1)
          .as("schedule"),
        selectFrom("core_schedule_firings")
          .select("due_at")
          .where("status", "=", "PENDING")
          .orderBy("due_at")
          .limit(1)
          .as("firing"),
        when()
          .when(
            exists(
              selectFrom("core_schedule_firings").select("schedule").where("status", "in", ["STARTED", "BUFFERED"]),
            ),
          )
          .then(lit(1))
          .else(lit(0))
          .end()
          .as("busy"),
      ])
      .executeTakeFirstOrThrow();
    const [nextDue] = [nextOf.schedule, nextOf.firing].filter((instant) => instant !== null).toSorted();
    return ok(Object.freeze({ at, moved: due.length, nextDue, isBusy: nextOf.busy === 1 }));
  }

  async function settle(
    tx: Kysely<CoreTables>,
    { limit, plan }: Parameters<ScheduleStore["settle"]>[0],
  ): Promise<Result<readonly FiringRecord[], SpineError>> {
    const at = await presentOf(clock, tx);
    const rows = await tx
      .selectFrom("core_schedule_firings as firing")
      .innerJoin("core_workflow_runs as run", "run.run_id", "firing.run_id")
      .selectAll("firing")
      .select(["run.status as run_status", "run.error as run_error"])
      .where("firing.status", "=", "STARTED")
      .where("run.status", "in", ["COMPLETED", "PARTIAL", "FAILED", "CANCELLED"])
      .orderBy("firing.due_at")
      .limit(limit)
      .$if(skipLocked, (query) => query.forUpdate(["firing"]).skipLocked())
      .execute();
    const ended = rows.map((row) =>
      Object.freeze({
        ...toFiring(row),
        status: row.run_status as FiringStatus,
        endedAt: at,
        error: row.run_error === null ? undefined : (JSON.parse(row.run_error) as { message: string }).message,
      }),
    );
    for (const { schedule, instant, status, error } of ended) {
      await tx
        .updateTable("core_schedule_firings")
        .set({ status, ended_at: at, error: plainText(error) })
        .where("schedule", "=", schedule)
        .where("instant", "=", instant)
        .execute();
    }
    const names = [...new Set(ended.map(({ schedule }) => schedule))];
    if (names.length > 0) {
      const related = await tx
        .selectFrom("core_schedules")
        .selectAll()
        .where(({ or, eb }) => or([eb("name", "in", names), eb("follows", "in", names)]))
        .execute();
      const schedules = related.map(toSchedule);
      const followers = schedules.filter(({ follows, retiredAt }) => follows !== undefined && retiredAt === undefined);
      const loadOf = await loadsOf(
        tx,
        followers.map(({ name }) => name),
        at,
      );
      for (const firing of ended) {
        const schedule = schedules.find(({ name }) => name === firing.schedule);
        const own = followers.filter(({ follows }) => follows === firing.schedule);
        const move = plan(
          firing,
          schedule,
          own.map((follower) => ({ schedule: follower, ...loadOf(follower.name) })),
        );
        await insert(tx, move.firings);
        if (move.pause === undefined) continue;
        await tx
          .updateTable("core_schedules")
          .set({ paused_at: at, paused_by: "spine", pause_reason: plainText(move.pause) })
          .where("name", "=", firing.schedule)
          .where("paused_at", "is", null)
          .execute();
      }
    }
    await release(tx);
    return ok(Object.freeze(ended));
  }

  return { advance, settle };
}

/** The present as a value, for plans. */
export async function presentOf(clock: StoreClock, tx: Kysely<CoreTables>): Promise<Instant> {
  const stamp = clock.stamp();
  if (stamp !== undefined) return stamp;
  const { at } = await tx.selectNoFrom(clock.now().as("at")).executeTakeFirstOrThrow();
  return at;
}
