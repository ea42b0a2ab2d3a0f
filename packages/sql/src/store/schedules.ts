import {
  type FiringRecord,
  type Instant,
  instantOfMs,
  msOf,
  type NewSchedule,
  ok,
  type ScheduleStore,
} from "@spine/core";
import type { Kysely } from "kysely";
import { plainText } from "../codecs.ts";
import type { CoreTables } from "../tables.ts";
import type { StoreContext } from "./context.ts";
import { createScheduleMoves, presentOf } from "./schedule-moves.ts";
import { newFiringRow, toFiring, toSchedule } from "./schedule-rows.ts";

/** Schedules and their firings. Plans run between the reads and the writes of one transaction. */
export function createScheduleStore(context: StoreContext): ScheduleStore {
  const { attempt, atomic, clock, db, traits } = context;
  const { skipLocked = false } = traits;

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

  const moves = createScheduleMoves(context);

  return Object.freeze<ScheduleStore>({
    put: ({ schedules, only }) =>
      attempt(() =>
        atomic(async (tx) => {
          const at = await presentOf(clock, tx);
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
    advance: (move) => attempt(() => atomic((tx) => moves.advance(tx, move))),
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
    settle: (given) => attempt(() => atomic((tx) => moves.settle(tx, given))),
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
          const at = await presentOf(clock, tx);
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
