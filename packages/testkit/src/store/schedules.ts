import type { Instant, NewSchedule, ScheduleMove, ScheduleRecord, Store } from "@spine/core";
import { describe, expect } from "vitest";
import { buildCounts, buildRun, buildTransition } from "../builders.ts";
import { expectOk } from "../expect-result.ts";
import type { StoreTest } from "./store-test.ts";

const start = "2025-12-20T00:00:00.000Z" as Instant;
const minute = (count: number): Instant => new Date(Date.parse(start) + count * 60_000).toISOString() as Instant;

function newSchedule(part: Partial<NewSchedule> = {}): NewSchedule {
  return {
    name: "weekly",
    target: "finra.weekly_refresh",
    definition: { name: "weekly" },
    definitionHash: "h1",
    origin: "code",
    firstInstant: () => minute(1),
    ...part,
  };
}

/** Every due instant becomes one firing, and the next one is a minute later. */
function everyMinute(status: "PENDING" | "BUFFERED" | "SKIPPED" = "PENDING") {
  return ({ name, nextInstant = start }: ScheduleRecord): ScheduleMove => ({
    nextInstant: new Date(Date.parse(nextInstant) + 60_000).toISOString() as Instant,
    firings: [
      {
        schedule: name,
        instant: nextInstant,
        kind: "scheduled",
        status,
        runId: `run-${nextInstant}`,
        dueAt: nextInstant,
      },
    ],
  });
}

const ended = { settled: [], started: [], events: [] } as const;

async function startRun(store: Store, runId: string): Promise<void> {
  await expectOk(store.owners.beat({ owner: "owner-a", place: "host-1", pid: 1, leaseMs: 60_000 }));
  await expectOk(store.runs.create({ run: buildRun({ runId, owner: "owner-a" }), started: [], events: [] }));
}

async function endRun(store: Store, runId: string, status: "COMPLETED" | "FAILED"): Promise<void> {
  await expectOk(
    store.runs.checkpoint([
      buildTransition({
        runId,
        owner: "owner-a",
        fence: 1,
        ...ended,
        counts: buildCounts(),
        end: { status, durationMs: 1 },
      }),
    ]),
  );
}

export function describeSchedules(test: StoreTest): void {
  describe("schedules", () => {
    test("are kept as they were put; one that did not change keeps its next instant", async ({ store, clock }) => {
      await expectOk(store.schedules.put({ schedules: [newSchedule()] }));
      const [kept] = await expectOk(store.schedules.list());
      expect(kept).toEqual({
        name: "weekly",
        target: "finra.weekly_refresh",
        definition: { name: "weekly" },
        definitionHash: "h1",
        origin: "code",
        follows: undefined,
        nextInstant: minute(1),
        pausedAt: undefined,
        pausedBy: undefined,
        pauseReason: undefined,
        retiredAt: undefined,
        updatedAt: start,
      });
      await clock.advance(600_000);
      await expectOk(store.schedules.put({ schedules: [newSchedule({ firstInstant: () => minute(99) })] }));
      expect(await expectOk(store.schedules.list())).toMatchObject([{ nextInstant: minute(1) }]);
      await expectOk(
        store.schedules.put({ schedules: [newSchedule({ definitionHash: "h2", firstInstant: () => minute(99) })] }),
      );
      expect(await expectOk(store.schedules.list())).toMatchObject([{ nextInstant: minute(99) }]);
    });

    test("of an origin that are not put any more are retired, with the reason on what waited", async ({
      store,
      clock,
    }) => {
      await expectOk(
        store.schedules.put({
          schedules: [
            newSchedule(),
            newSchedule({ name: "by-hand", origin: "command", firstInstant: () => undefined }),
          ],
        }),
      );
      await clock.advance(60_000);
      await expectOk(store.schedules.advance({ limit: 10, plan: everyMinute() }));
      await expectOk(store.schedules.put({ schedules: [newSchedule({ name: "daily" })], only: "code" }));
      expect((await expectOk(store.schedules.list())).map(({ name }) => name)).toEqual(["by-hand", "daily"]);
      expect(await expectOk(store.schedules.list({ name: "weekly", retired: true }))).toMatchObject([
        { retiredAt: minute(1), nextInstant: undefined },
      ]);
      expect(await expectOk(store.schedules.firings({ schedule: "weekly" }))).toMatchObject([
        { status: "SKIPPED", reason: "retired" },
      ]);
    });

    test("that are due are moved once, oldest first, and the rest is left", async ({ store, clock }) => {
      await expectOk(
        store.schedules.put({
          schedules: [
            newSchedule({ name: "b", firstInstant: () => minute(2) }),
            newSchedule({ name: "a" }),
            newSchedule({ name: "c", firstInstant: () => minute(60) }),
          ],
        }),
      );
      await clock.advance(120_000);
      const seen: string[] = [];
      const plan = (schedule: ScheduleRecord): ScheduleMove => {
        seen.push(schedule.name);
        return { nextInstant: minute(30), firings: [] };
      };
      expect(await expectOk(store.schedules.advance({ limit: 1, plan }))).toMatchObject({ at: minute(2), moved: 1 });
      expect(await expectOk(store.schedules.advance({ limit: 9, plan }))).toMatchObject({ moved: 1 });
      expect(await expectOk(store.schedules.advance({ limit: 9, plan }))).toMatchObject({
        moved: 0,
        nextDue: minute(30),
        isBusy: false,
      });
      expect(seen).toEqual(["a", "b"]);
    });

    test("have one firing for an instant, however often it is written", async ({ store, clock }) => {
      await expectOk(store.schedules.put({ schedules: [newSchedule()] }));
      await clock.advance(60_000);
      const again = (schedule: ScheduleRecord): ScheduleMove => ({
        ...everyMinute()(schedule),
        nextInstant: minute(1),
      });
      await expectOk(store.schedules.advance({ limit: 9, plan: again }));
      await expectOk(store.schedules.advance({ limit: 9, plan: everyMinute("SKIPPED") }));
      expect(await expectOk(store.schedules.firings({}))).toMatchObject([{ instant: minute(1), status: "PENDING" }]);
    });

    test("tell a plan how many firings are active and how many wait", async ({ store, clock }) => {
      await expectOk(store.schedules.put({ schedules: [newSchedule()] }));
      await clock.advance(180_000);
      const loads: unknown[] = [];
      for (const status of ["PENDING", "BUFFERED", "PENDING"] as const) {
        await expectOk(
          store.schedules.advance({
            limit: 1,
            plan: (schedule, { active, buffered }) => {
              loads.push({ active, buffered });
              return everyMinute(status)(schedule);
            },
          }),
        );
      }
      expect(loads).toEqual([
        { active: 0, buffered: 0 },
        { active: 1, buffered: 0 },
        { active: 1, buffered: 1 },
      ]);
    });

    test("can be paused and resumed, once each", async ({ store }) => {
      await expectOk(store.schedules.put({ schedules: [newSchedule()] }));
      expect(await expectOk(store.schedules.pause({ name: "weekly", by: "ann", reason: "migration" }))).toBe(true);
      expect(await expectOk(store.schedules.pause({ name: "other", by: "ann", reason: "migration" }))).toBe(false);
      expect(await expectOk(store.schedules.list())).toMatchObject([
        { pausedAt: start, pausedBy: "ann", pauseReason: "migration" },
      ]);
      expect(await expectOk(store.schedules.resume({ name: "weekly" }))).toBe(true);
      expect(await expectOk(store.schedules.resume({ name: "weekly" }))).toBe(false);
    });
  });

  describe("firings", () => {
    const claim = { owner: "sch-a", leaseMs: 30_000, limit: 10 };

    test("are handed out once, from the time they are due on", async ({ store, clock }) => {
      await expectOk(store.schedules.put({ schedules: [newSchedule()] }));
      await clock.advance(60_000);
      await expectOk(
        store.schedules.advance({
          limit: 1,
          plan: (schedule) => {
            const move = everyMinute()(schedule);
            return { ...move, firings: move.firings.map((firing) => ({ ...firing, dueAt: minute(2) })) };
          },
        }),
      );
      expect(await expectOk(store.schedules.claim(claim))).toEqual([]);
      await clock.advance(60_000);
      expect(await expectOk(store.schedules.claim(claim))).toMatchObject([
        { schedule: "weekly", instant: minute(1), status: "STARTED", owner: "sch-a", attempt: 1 },
      ]);
      expect(await expectOk(store.schedules.claim({ ...claim, owner: "sch-b" }))).toEqual([]);
    });

    test("of a process that died before it recorded the run are handed out again, of one that did not are not", async ({
      store,
      clock,
    }) => {
      await expectOk(store.schedules.put({ schedules: [newSchedule(), newSchedule({ name: "daily" })] }));
      await clock.advance(60_000);
      await expectOk(
        store.schedules.advance({
          limit: 2,
          plan: (schedule) => {
            const move = everyMinute()(schedule);
            return { ...move, firings: move.firings.map((one) => ({ ...one, runId: `run-${schedule.name}` })) };
          },
        }),
      );
      await expectOk(store.schedules.claim(claim));
      await startRun(store, "run-daily");
      await clock.advance(30_000);
      expect(await expectOk(store.schedules.claim({ ...claim, owner: "sch-b" }))).toMatchObject([
        { schedule: "weekly", owner: "sch-b", runId: "run-weekly", attempt: 2 },
      ]);
    });

    test("end as their run does, and what follows is decided in the same commit", async ({ store, clock }) => {
      await expectOk(
        store.schedules.put({
          schedules: [newSchedule(), newSchedule({ name: "report", follows: "weekly", firstInstant: () => undefined })],
        }),
      );
      await clock.advance(60_000);
      await expectOk(store.schedules.advance({ limit: 1, plan: everyMinute() }));
      const [firing] = await expectOk(store.schedules.claim(claim));
      const plan = (): never => expect.fail("nothing has ended");
      await startRun(store, firing?.runId ?? "");
      expect(await expectOk(store.schedules.settle({ limit: 10, plan }))).toEqual([]);
      await endRun(store, firing?.runId ?? "", "FAILED");
      const settled = await expectOk(
        store.schedules.settle({
          limit: 10,
          plan: (one, schedule, followers) => ({
            pause: `${schedule?.name} failed`,
            firings: followers.map((follower) => ({
              schedule: follower.schedule.name,
              instant: one.instant,
              kind: "after",
              status: "PENDING",
              runId: "run-report",
              dueAt: follower.at,
            })),
          }),
        }),
      );
      expect(settled).toMatchObject([{ schedule: "weekly", status: "FAILED", endedAt: minute(1) }]);
      expect(await expectOk(store.schedules.list({ name: "weekly" }))).toMatchObject([
        { pauseReason: "weekly failed", pausedBy: "spine" },
      ]);
      expect(await expectOk(store.schedules.firings({ schedule: "report" }))).toMatchObject([
        { kind: "after", status: "PENDING", instant: minute(1) },
      ]);
    });

    test("that wait for the run before go when it has ended", async ({ store, clock }) => {
      await expectOk(store.schedules.put({ schedules: [newSchedule()] }));
      await clock.advance(120_000);
      await expectOk(store.schedules.advance({ limit: 1, plan: everyMinute() }));
      await expectOk(store.schedules.advance({ limit: 1, plan: everyMinute("BUFFERED") }));
      const [first] = await expectOk(store.schedules.claim(claim));
      expect(first?.instant).toBe(minute(1));
      await startRun(store, first?.runId ?? "");
      const settle = { limit: 10, plan: () => ({ firings: [] }) };
      await expectOk(store.schedules.settle(settle));
      expect(await expectOk(store.schedules.claim(claim))).toEqual([]);
      await endRun(store, first?.runId ?? "", "COMPLETED");
      await expectOk(store.schedules.settle(settle));
      expect(await expectOk(store.schedules.claim(claim))).toMatchObject([{ instant: minute(2) }]);
    });

    test("can be asked to cancel, given back for later, and given up", async ({ store, clock }) => {
      await expectOk(store.schedules.put({ schedules: [newSchedule()] }));
      await clock.advance(120_000);
      await expectOk(store.schedules.advance({ limit: 1, plan: everyMinute() }));
      await expectOk(store.schedules.claim(claim));
      await expectOk(
        store.schedules.advance({ limit: 1, plan: (one) => ({ ...everyMinute("BUFFERED")(one), cancelActive: true }) }),
      );
      expect(await expectOk(store.schedules.firings({ cancelRequested: true }))).toMatchObject([
        { instant: minute(1), cancelRequestedAt: minute(2) },
      ]);
      const given = { schedule: "weekly", instant: minute(1), error: "The database is away." };
      await expectOk(store.schedules.giveBack({ ...given, owner: "sch-x" }));
      expect(await expectOk(store.schedules.firings({ status: "STARTED" }))).toHaveLength(1);
      await expectOk(store.schedules.giveBack({ ...given, owner: "sch-a", retryAfterMs: 60_000 }));
      expect(await expectOk(store.schedules.firings({ status: "PENDING" }))).toMatchObject([
        { dueAt: minute(3), error: "The database is away.", owner: undefined },
      ]);
      await clock.advance(60_000);
      await expectOk(store.schedules.claim(claim));
      await expectOk(store.schedules.giveBack({ ...given, owner: "sch-a" }));
      expect(await expectOk(store.schedules.firings({ status: "FAILED" }))).toMatchObject([{ attempt: 2 }]);
    });

    test("added by hand in one millisecond have instants of their own", async ({ store }) => {
      await expectOk(store.schedules.put({ schedules: [newSchedule()] }));
      const add = (runId: string) =>
        expectOk(store.schedules.add({ schedule: "weekly", kind: "manual", runId, params: { week: "2025-12-19" } }));
      expect(await add("run-1")).toMatchObject({ instant: start, dueAt: start, params: { week: "2025-12-19" } });
      expect(await add("run-2")).toMatchObject({ instant: "2025-12-20T00:00:00.001Z", dueAt: start });
      expect(await expectOk(store.schedules.firings({ limit: 1 }))).toMatchObject([{ runId: "run-2" }]);
      expect(await expectOk(store.schedules.firings({ before: "2025-12-20T00:00:00.001Z" as Instant }))).toMatchObject([
        { runId: "run-1" },
      ]);
    });
  });
}
