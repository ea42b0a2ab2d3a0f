import {
  type FiringRecord,
  type FiringStatus,
  type Instant,
  instantOfMs,
  msOf,
  type NewFiring,
  type NewSchedule,
  ok,
  type Result,
  type ResultAsync,
  type ScheduleLoad,
  type ScheduleStore,
  type SpineError,
} from "@spine/core";
import type { Kysely } from "kysely";
import { plainText } from "../codecs.ts";
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

/** Schedules and their firings. Plans run between the reads and the writes of one transaction. */
export function createScheduleStore(context: StoreContext): ScheduleStore {
  const { attempt, atomic, clock, db, traits } = context;
  const { skipLocked = false } = traits;

  /** The present as a value, for plans. */
  async function presentOf(tx: Kysely<CoreTables>): Promise<Instant> {
    const stamp = clock.stamp();
    if (stamp !== undefined) return stamp;
    const { at } = await tx.selectNoFrom(clock.now().as("at")).executeTakeFirstOrThrow();
    return at;
  }

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
      load[status === "BUFFERED" ? "buffered" : "active"] += Number(count);
      loads.set(schedule, load);
    }
    return (name) => ({ at, ...(loads.get(name) ?? { active: 0, buffered: 0 }) });
  }

  async function put(tx: Kysely<CoreTables>, schedule: NewSchedule, at: Instant): Promise<void> {
    const old = await tx
      .selectFrom("core_schedules")
      .select(["definition_hash", "retired_at"])
      .where("name", "=", schedule.name)
      .executeTakeFirst();
    if (old?.definition_hash === schedule.definitionHash && old.retired_at === null) {
      await tx
        .updateTable("core_schedules")
        .set({ origin: schedule.origin })
        .where("name", "=", schedule.name)
        .where("origin", "!=", schedule.origin)
        .execute();
      return;
    }
    const row = {
      target: schedule.target,
      definition: JSON.stringify(schedule.definition),
      definition_hash: schedule.definitionHash,
      origin: schedule.origin,
      follows: schedule.follows ?? null,
      next_instant: schedule.firstInstant(at) ?? null,
      retired_at: null,
      updated_at: at,
    };
    await tx
      .insertInto("core_schedules")
      .values({ name: schedule.name, ...row })
      .onConflict((conflict) => conflict.column("name").doUpdateSet(row))
      .execute();
  }

  async function retire(tx: Kysely<CoreTables>, names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    await tx
      .updateTable("core_schedules")
      .set({ retired_at: clock.now(), next_instant: null, updated_at: clock.now() })
      .where("name", "in", names)
      .execute();
    await tx
      .updateTable("core_schedule_firings")
      .set({ status: "SKIPPED", reason: "retired", detail: "The schedule was removed.", ended_at: clock.now() })
      .where("schedule", "in", names)
      .where("status", "in", ["PENDING", "BUFFERED"])
      .execute();
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
    const at = await presentOf(tx);
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
    const at = await presentOf(tx);
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

  return Object.freeze<ScheduleStore>({
    put: ({ schedules, only }) =>
      attempt(() =>
        atomic(async (tx) => {
          const at = await presentOf(tx);
          for (const schedule of schedules) await put(tx, schedule, at);
          if (only === undefined) return ok(undefined);
          const kept = new Set(schedules.map(({ name }) => name));
          const rows = await tx
            .selectFrom("core_schedules")
            .select("name")
            .where("origin", "=", only)
            .where("retired_at", "is", null)
            .execute();
          await retire(
            tx,
            rows.map(({ name }) => name).filter((name) => !kept.has(name)),
          );
          return ok(undefined);
        }),
      ),
    list: ({ name, retired = false } = {}) =>
      attempt(async () => {
        const rows = await db
          .selectFrom("core_schedules")
          .selectAll()
          .$if(name !== undefined, (query) => query.where("name", "=", name ?? ""))
          .$if(!retired, (query) => query.where("retired_at", "is", null))
          .orderBy("name")
          .execute();
        return ok(Object.freeze(rows.map(toSchedule)));
      }),
    pause: ({ name, by, reason }) =>
      attempt(async () => {
        const { numUpdatedRows } = await db
          .updateTable("core_schedules")
          .set(({ fn }) => ({
            paused_at: fn.coalesce("paused_at", clock.now()),
            paused_by: plainText(by),
            pause_reason: plainText(reason),
          }))
          .where("name", "=", name)
          .where("retired_at", "is", null)
          .executeTakeFirst();
        return ok(numUpdatedRows > 0n);
      }),
    resume: ({ name }) =>
      attempt(async () => {
        const { numUpdatedRows } = await db
          .updateTable("core_schedules")
          .set({ paused_at: null, paused_by: null, pause_reason: null })
          .where("name", "=", name)
          .where("paused_at", "is not", null)
          .executeTakeFirst();
        return ok(numUpdatedRows > 0n);
      }),
    advance: (move) => attempt(() => atomic((tx) => advance(tx, move))),
    claim: ({ owner, leaseMs, limit }) =>
      attempt(() =>
        atomic(async (tx) => {
          const free = await tx
            .selectFrom("core_schedule_firings")
            .select(["schedule", "instant"])
            .where(({ or, and, eb, not, exists, selectFrom }) =>
              or([
                and([eb("status", "=", "PENDING"), eb("due_at", "<=", clock.now())]),
                and([
                  eb("status", "=", "STARTED"),
                  eb("lease_until", "<=", clock.now()),
                  not(
                    exists(
                      selectFrom("core_workflow_runs")
                        .select("core_workflow_runs.run_id")
                        .whereRef("core_workflow_runs.run_id", "=", "core_schedule_firings.run_id"),
                    ),
                  ),
                ]),
              ]),
            )
            .orderBy("due_at")
            .orderBy("schedule")
            .limit(limit)
            .$if(skipLocked, (query) => query.forUpdate().skipLocked())
            .execute();
          const claimed: FiringRecord[] = [];
          for (const { schedule, instant } of free) {
            const row = await tx
              .updateTable("core_schedule_firings")
              .set((build) => ({
                status: "STARTED" as const,
                owner,
                lease_until: clock.after(leaseMs),
                attempt: build("attempt", "+", 1),
              }))
              .where("schedule", "=", schedule)
              .where("instant", "=", instant)
              .returningAll()
              .executeTakeFirstOrThrow();
            claimed.push(toFiring(row));
          }
          return ok(Object.freeze(claimed));
        }),
      ),
    settle: (given) => attempt(() => atomic((tx) => settle(tx, given))),
    giveBack: ({ schedule, instant, owner, error, retryAfterMs }) =>
      attempt(async () => {
        await db
          .updateTable("core_schedule_firings")
          .set(
            retryAfterMs === undefined
              ? { status: "FAILED", ended_at: clock.now(), owner: null, lease_until: null, error: plainText(error) }
              : {
                  status: "PENDING",
                  due_at: clock.after(retryAfterMs),
                  owner: null,
                  lease_until: null,
                  error: plainText(error),
                },
          )
          .where("schedule", "=", schedule)
          .where("instant", "=", instant)
          .where("status", "=", "STARTED")
          .where("owner", "=", owner)
          .execute();
        return ok(undefined);
      }),
    add: (given) =>
      attempt(() =>
        atomic(async (tx) => {
          const at = await presentOf(tx);
          for (let epochMs = msOf(at); ; epochMs += 1) {
            const firing = { ...given, instant: instantOfMs(epochMs), dueAt: at, status: "PENDING" as const };
            const row = await tx
              .insertInto("core_schedule_firings")
              .values(newFiringRow(firing, clock.now()))
              .onConflict((conflict) => conflict.columns(["schedule", "instant"]).doNothing())
              .returningAll()
              .executeTakeFirst();
            if (row !== undefined) return ok(toFiring(row));
          }
        }),
      ),
    firings: ({ schedule, status, before, cancelRequested = false, limit = 50 }) =>
      attempt(async () => {
        const rows = await db
          .selectFrom("core_schedule_firings")
          .selectAll()
          .where((build) =>
            build.and({
              ...(schedule === undefined ? {} : { schedule }),
              ...(status === undefined ? {} : { status }),
            }),
          )
          .$if(before !== undefined, (query) => query.where("instant", "<", before ?? ("" as Instant)))
          .$if(cancelRequested, (query) => query.where("cancel_requested_at", "is not", null))
          .orderBy("instant", "desc")
          .orderBy("schedule", "desc")
          .limit(limit)
          .execute();
        return ok(Object.freeze(rows.map(toFiring)));
      }),
  });
}
