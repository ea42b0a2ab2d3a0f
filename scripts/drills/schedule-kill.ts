import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { sqlite } from "@spine/adapters-sqlite";
import { type Clock, definePipeline, instantOfMs, orThrow, systemClock } from "@spine/core";
import { createSpine, type Spine } from "@spine/orchestration";
import { type ScheduleDefinition, scheduler, type SchedulerApi } from "@spine/scheduler";
import { documentOf, runDrillChild } from "./child.ts";
import type { Drill, DrillRound } from "./drill.ts";
import type { SeededRandom } from "./seeded-random.ts";
import { untruthsOfSchedules } from "./schedule-truth.ts";
import { refuse } from "./truth.ts";

const processes = 4;
/** Each process's clock is wrong by up to this much, either way. */
const mostSkewMs = 1500;

/** A busy machine needs several processes, one after another, to work off what the kills left. */
const mostWorkMs = 60_000;

interface Plan {
  readonly file: string;
  readonly schedules: number;
  readonly startMs: number;
  readonly endMs: number;
}

interface ChildTask extends Plan {
  readonly skewMs: number;
}

/** Four schedulers on one file whose clocks disagree, all of them killed again and again. */
export const scheduleKill: Drill = {
  summary: "kills 4 schedulers with skewed clocks on one SQLite file, looks for an instant lost or fired twice",
  defaultCount: 1,
  async open({ small }) {
    return { round: (round) => play(round, small ? { schedules: 10, seconds: 4 } : { schedules: 200, seconds: 60 }) };
  },
  child: serve,
};

async function play(
  { folder, random }: DrillRound,
  { schedules, seconds }: { readonly schedules: number; readonly seconds: number },
): Promise<string> {
  const startMs = Math.ceil(Date.now() / 1000) * 1000 + 2000;
  const plan: Plan = { file: join(folder, "spine.db"), schedules, startMs, endMs: startMs + seconds * 1000 };
  // Kept before any clock is wrong: an instant that a schedule was not there for is not owed.
  await withScheduler({ ...plan, skewMs: 0 }, (spine) => orThrow(spine.scheduler.sync()));
  const kills = await Promise.all(Array.from({ length: processes }, () => killAgainAndAgain(plan, random)));
  for (let over = false; !over;) {
    const outcome = await runDrillChild("schedule-kill", { ...plan, skewMs: 0 } satisfies ChildTask);
    ({ over } = documentOf(outcome) as { readonly over: boolean });
  }
  return withScheduler({ ...plan, skewMs: 0 }, async ({ store }) => {
    const { untruths, fired, skipped } = await untruthsOfSchedules(store, plan);
    const killed = kills.reduce((sum, count) => sum + count, 0);
    refuse(untruths, `after ${killed} kills`);
    return `${killed} kills; ${fired} instants ran once, ${skipped} have a reason`;
  });
}

async function killAgainAndAgain(plan: Plan, random: SeededRandom): Promise<number> {
  let kills = 0;
  while (Date.now() < plan.endMs) {
    const skewMs = Math.round((random.next() * 2 - 1) * mostSkewMs);
    const outcome = await runDrillChild("schedule-kill", { ...plan, skewMs } satisfies ChildTask, {
      killAfterMs: 300 + random.next() * 2500,
    });
    if (outcome.killed) kills += 1;
  }
  return kills;
}

/** The program of the processes that are killed: serves until nothing is due any more and nothing is open, or long enough. */
async function serve(options: string): Promise<void> {
  const task = JSON.parse(options) as ChildTask;
  await withScheduler(task, async (spine) => {
    process.stdout.write(" ");
    await orThrow(spine.scheduler.start());
    const startedMs = performance.now();
    let over = false;
    while (!over && performance.now() - startedMs < mostWorkMs) {
      await orThrow(spine.recover());
      over = await isOver(spine);
      if (!over) await sleep(200);
    }
    await orThrow(spine.scheduler.stop());
    console.log(JSON.stringify({ over }));
  });
}

async function isOver({ scheduler: schedules }: Spine & { readonly scheduler: SchedulerApi }): Promise<boolean> {
  const all = await orThrow(schedules.list());
  if (all.some(({ nextInstant }) => nextInstant !== undefined)) return false;
  for (const status of ["PENDING", "BUFFERED", "STARTED"] as const) {
    if ((await orThrow(schedules.history({ status, limit: 1 }))).length > 0) return false;
  }
  return true;
}

async function withScheduler<T>(
  { file, schedules, startMs, endMs, skewMs }: ChildTask,
  work: (spine: Spine & { readonly scheduler: SchedulerApi }) => Promise<T>,
): Promise<T> {
  const clock: Clock = { ...systemClock, nowMs: () => systemClock.nowMs() + skewMs };
  const definitions = Array.from({ length: schedules }, (_, index): ScheduleDefinition => ({
    name: `drill.${index}`,
    run: "drill.work",
    when: { every: "1s" },
    overlap: "allow",
    missed: { policy: "all", max: 1000 },
    startAt: instantOfMs(startMs),
    endAt: instantOfMs(endMs),
  }));
  const spine = await orThrow(
    createSpine({
      store: sqlite(file),
      clock,
      pipelines: [definePipeline({ key: "drill.work", run: () => ({ done: true }) })],
      parts: [scheduler({ schedules: definitions, maxRuns: 32, leaseMs: 2000 })],
    }),
  );
  try {
    return await work(spine);
  } finally {
    await orThrow(spine.close());
  }
}
