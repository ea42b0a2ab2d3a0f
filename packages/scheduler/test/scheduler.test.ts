import { definePipeline, type Instant, memory, type PipelineContext, ValidationError } from "@spine/core";
import { expectErr, expectOk, fakeClock } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { defineSchedule, type ScheduleDefinition } from "../src/index.ts";
import { openScheduler } from "./support/open-scheduler.ts";

const minuteMs = 60_000;
const start = Date.parse("2025-12-20T00:00:00Z");
const at = (minutes: number): Instant => new Date(start + minutes * minuteMs).toISOString() as Instant;

/** A pipeline that notes what it was given. */
function noting(key = "prices.ingest", also: (context: PipelineContext) => unknown = () => undefined) {
  const seen: Readonly<Record<string, unknown>>[] = [];
  const pipeline = definePipeline({
    key,
    async run(context) {
      seen.push(context.params as Readonly<Record<string, unknown>>);
      await also(context);
      return {};
    },
  });
  return { pipeline, seen };
}

/** A pipeline whose runs go on until a test ends the oldest, or they are cancelled. */
function waiting() {
  const ends: (() => void)[] = [];
  const { pipeline } = noting(
    "prices.ingest",
    ({ signal }) =>
      new Promise<void>((resolve, reject) => {
        ends.push(resolve);
        signal.addEventListener("abort", () => reject(signal.reason as Error));
      }),
  );
  return { pipeline, endOldest: () => ends.shift()?.(), begun: () => ends.length };
}

function everyMinute(part: Partial<ScheduleDefinition> = {}): ScheduleDefinition {
  return defineSchedule({ name: "prices", run: "prices.ingest", when: { every: "1m" }, ...part });
}

describe("a running scheduler", () => {
  it("fires each instant once, with what its templates say", async () => {
    const { pipeline, seen } = noting();
    const schedule = everyMinute({
      params: { at: "{{ fireTime }}", day: "{{ partition }}" },
      partition: "{{ fireDate }}",
    });
    const { spine, clock } = await openScheduler({ pipelines: [pipeline], schedules: [schedule] });
    await expectOk(spine.scheduler.start());
    await clock.advance(3 * minuteMs);
    expect(seen).toEqual([1, 2, 3].map((minute) => ({ at: at(minute), day: "2025-12-20" })));
    await clock.advance(2000);
    const history = await expectOk(spine.scheduler.history({ status: "COMPLETED" }));
    expect(history.map(({ instant }) => instant)).toEqual([at(3), at(2), at(1)]);
  });

  it("sleeps until the next instant", async () => {
    const { pipeline } = noting();
    const { spine, clock } = await openScheduler({
      pipelines: [pipeline],
      schedules: [everyMinute({ when: { cron: "0 6 * * *" } })],
    });
    await expectOk(spine.scheduler.start());
    await clock.advance(60 * minuteMs);
    // One pass at the start, then one each half minute against stepped clocks and other processes.
    expect(spine.scheduler.health().ticks).toBeLessThanOrEqual(121);
    expect(spine.scheduler.health()).toMatchObject({ isRunning: true, live: 0, nextDue: at(360) });
  });

  it("refuses a schedule of something that nobody registered", async () => {
    const { pipeline } = noting();
    const { spine } = await openScheduler({
      pipelines: [pipeline],
      schedules: [everyMinute({ run: "prices.ingset" })],
    });
    const error = await expectErr(spine.scheduler.start(), "SCHEDULE_INVALID");
    expect(error.message).toBe(
      'Schedule "prices" runs "prices.ingset", which is no workflow, group or pipeline. Did you mean "prices.ingest"?',
    );
  });

  it("of two on one store, one fires an instant and the other does not", async () => {
    const { pipeline, seen } = noting();
    const shared = { pipelines: [pipeline], schedules: [everyMinute()], clock: fakeClock(), store: memory() };
    const { spine: first, clock } = await openScheduler(shared);
    const { spine: second } = await openScheduler({ ...shared, process: "b" });
    await expectOk(first.scheduler.sync());
    await clock.advance(minuteMs);
    const reports = await Promise.all([expectOk(first.scheduler.tick()), expectOk(second.scheduler.tick())]);
    expect(reports[0].started + reports[1].started).toBe(1);
    await clock.advance(0);
    expect(seen).toHaveLength(1);
  });
});

describe("instants that were missed", () => {
  it.each([
    ["skip", [], ["missed", "missed", "missed"]],
    ["once", [at(3)], [undefined, "missed", "missed"]],
    ["all", [at(1), at(2), at(3)], [undefined, undefined, undefined]],
  ] as const)("policy %s", async (missed, ran, reasons) => {
    const { pipeline, seen } = noting();
    const schedule = everyMinute({ missed, overlap: "allow", endAt: at(3), params: { at: "{{ fireTime }}" } });
    const { spine, clock } = await openScheduler({ pipelines: [pipeline], schedules: [schedule] });
    await expectOk(spine.scheduler.sync());
    await clock.advance(60 * minuteMs);
    await expectOk(spine.scheduler.tick());
    await clock.advance(0);
    expect(seen.map((params) => params["at"])).toEqual(ran);
    const history = await expectOk(spine.scheduler.history());
    expect(history.map(({ reason }) => reason)).toEqual(reasons);
  });

  it("for weeks by the thousand have rows for the newest and one row for the rest", async () => {
    const { pipeline } = noting();
    const { spine, clock } = await openScheduler({ pipelines: [pipeline], schedules: [everyMinute()] });
    await expectOk(spine.scheduler.sync());
    await clock.advance(30 * 1440 * minuteMs);
    await expectOk(spine.scheduler.tick());
    const history = await expectOk(spine.scheduler.history({ limit: 5000 }));
    expect(history.length).toBeLessThanOrEqual(1001);
    const oldest = history.at(-1);
    expect(oldest).toMatchObject({ instant: at(1), status: "SKIPPED", reason: "missed" });
    expect(oldest?.through).toBe(history.at(-2)?.instant);
  });
});

describe("an instant that comes while the run before goes on", () => {
  async function open(overlap: ScheduleDefinition["overlap"]) {
    const { pipeline, ...runs } = waiting();
    const opened = await openScheduler({
      pipelines: [pipeline],
      schedules: [everyMinute(overlap === undefined ? {} : { overlap })],
    });
    await expectOk(opened.spine.scheduler.start());
    const statuses = async () =>
      (await expectOk(opened.spine.scheduler.history())).map(({ instant, status }) => [instant, status]);
    return { ...opened, ...runs, statuses };
  }

  it("is skipped by default, with the reason", async () => {
    const { clock, spine, statuses, endOldest } = await open(undefined);
    await clock.advance(2 * minuteMs);
    expect(await statuses()).toEqual([
      [at(2), "SKIPPED"],
      [at(1), "STARTED"],
    ]);
    expect(await expectOk(spine.scheduler.history({ status: "SKIPPED" }))).toMatchObject([
      { reason: "overlap", detail: "The run before was not over." },
    ]);
    endOldest();
  });

  it("waits when one may be buffered, and the one after it is skipped", async () => {
    const { clock, statuses, endOldest } = await open("buffer-one");
    await clock.advance(3 * minuteMs);
    expect(await statuses()).toEqual([
      [at(3), "SKIPPED"],
      [at(2), "BUFFERED"],
      [at(1), "STARTED"],
    ]);
    endOldest();
    await clock.advance(2000);
    expect(await statuses()).toEqual([
      [at(3), "SKIPPED"],
      [at(2), "STARTED"],
      [at(1), "COMPLETED"],
    ]);
    endOldest();
  });

  it("runs beside it when that is allowed", async () => {
    const { clock, begun, endOldest } = await open("allow");
    await clock.advance(2 * minuteMs);
    expect(begun()).toBe(2);
    endOldest();
    endOldest();
  });

  it("takes its place when the running one shall be cancelled", async () => {
    const { clock, statuses, endOldest } = await open("cancel-running");
    await clock.advance(2 * minuteMs + 5000);
    expect(await statuses()).toEqual([
      [at(2), "STARTED"],
      [at(1), "CANCELLED"],
    ]);
    endOldest();
    endOldest();
  });
});

describe("a schedule", () => {
  it("that is paused leaves a row with the reason for each instant, and goes on when it is resumed", async () => {
    const { pipeline, seen } = noting();
    const { spine, clock } = await openScheduler({ pipelines: [pipeline], schedules: [everyMinute()] });
    await expectOk(spine.scheduler.start());
    await expectOk(spine.scheduler.pause("prices", { by: "ann", reason: "new disks" }));
    await clock.advance(2 * minuteMs);
    expect(seen).toEqual([]);
    expect(await expectOk(spine.scheduler.history())).toMatchObject([
      { instant: at(2), status: "SKIPPED", reason: "paused", detail: "Paused: new disks." },
      { instant: at(1), status: "SKIPPED", reason: "paused" },
    ]);
    await expectOk(spine.scheduler.resume("prices"));
    await clock.advance(minuteMs);
    expect(seen).toHaveLength(1);
  });

  it("pauses itself when a run fails and it says so", async () => {
    const { pipeline } = noting("prices.ingest", () => {
      throw new ValidationError("No prices.");
    });
    const { spine, clock } = await openScheduler({
      pipelines: [pipeline],
      schedules: [everyMinute({ pauseOnFailure: true })],
    });
    await expectOk(spine.scheduler.start());
    await clock.advance(minuteMs + 5000);
    const [schedule] = await expectOk(spine.scheduler.list());
    expect(schedule?.pauseReason).toMatch(/^Run run_a\S* ended FAILED: .*No prices\./);
  });

  it("that follows another one fires under the instant of the run that ended", async () => {
    const ingest = noting();
    const report = noting("prices.report");
    const follower = defineSchedule({
      name: "report",
      run: "prices.report",
      when: { after: "prices" },
      params: { at: "{{ fireTime }}" },
    });
    const { spine, clock } = await openScheduler({
      pipelines: [ingest.pipeline, report.pipeline],
      schedules: [everyMinute({ endAt: at(1) }), follower],
    });
    await expectOk(spine.scheduler.start());
    await clock.advance(minuteMs + 5000);
    expect(report.seen).toEqual([{ at: at(1) }]);
  });

  it("can be fired by hand, with parameters of its own", async () => {
    const { pipeline, seen } = noting();
    const { spine, clock } = await openScheduler({
      pipelines: [pipeline],
      schedules: [everyMinute({ when: { manual: true }, params: { day: "none", deep: true } })],
    });
    await expectOk(spine.scheduler.start());
    await clock.advance(10 * minuteMs);
    const firing = await expectOk(spine.scheduler.runNow("prices", { params: { day: "2025-12-19" } }));
    expect(firing).toMatchObject({ kind: "manual", instant: at(10) });
    await clock.advance(0);
    expect(seen).toEqual([{ day: "2025-12-19", deep: true }]);
  });

  it("that a command made can be taken away again, one of the code cannot", async () => {
    const { pipeline } = noting();
    const { spine } = await openScheduler({ pipelines: [pipeline], schedules: [everyMinute()] });
    await expectOk(spine.scheduler.sync());
    await expectOk(spine.scheduler.put(everyMinute({ name: "extra" })));
    expect((await expectOk(spine.scheduler.list())).map(({ name }) => name)).toEqual(["extra", "prices"]);
    await expectOk(spine.scheduler.remove("extra"));
    expect((await expectOk(spine.scheduler.list())).map(({ name }) => name)).toEqual(["prices"]);
    await expectErr(spine.scheduler.remove("prices"), "SCHEDULE_INVALID");
    const misspelt = await expectErr(
      spine.scheduler.pause("price", { by: "ann", reason: "new disks" }),
      "SCHEDULE_NOT_FOUND",
    );
    expect(misspelt.message).toBe('There is no schedule "price". Did you mean "prices"?');
  });
});
