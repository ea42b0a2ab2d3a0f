import {
  err,
  type FiringRecord,
  type Host,
  type Instant,
  msOf,
  ok,
  type Result,
  type ScheduleRecord,
  type SpineError,
} from "@spine/core";
import type { Spine } from "@spine/orchestration";
import { planEnding, planFirings } from "./plan-firings.ts";
import type { Schedule } from "./schedule.ts";
import { giveBack, startFiring } from "./start-firing.ts";

/** The longest sleep: what a stepped clock, a suspended machine or another process's change can cost. */
const idleMs = 30_000;
/** While runs are under way, perhaps elsewhere, whose end lets something go. */
const busyMs = 2000;
/** What is put off because this process cannot read its definition. */
const putOffMs = 60_000;
const batch = 200;

export interface TickerOptions {
  readonly host: Host;
  readonly spine: () => Spine;
  readonly compile: (record: ScheduleRecord) => Result<Schedule, SpineError>;
  /** This process. */
  readonly owner: string;
  readonly leaseMs: number;
  readonly maxRuns: number;
}

/** What one pass did. */
export interface TickReport {
  /** By the store's clock. */
  readonly at: Instant;
  readonly moved: number;
  readonly started: number;
  readonly ended: number;
  readonly nextDue: Instant | undefined;
}

export interface SchedulerHealth {
  readonly isRunning: boolean;
  /** Runs that this process is at work on. */
  readonly live: number;
  readonly ticks: number;
  /** Milliseconds since the last pass that succeeded; none before the first one. */
  readonly sinceTickMs: number | undefined;
  readonly lastError: string | undefined;
  readonly nextDue: Instant | undefined;
}

/** Passes over the schedules of a store: settle what ended, move what is due, start what may. */
export interface Ticker {
  tick(): Promise<Result<TickReport, SpineError>>;
  start(): void;
  /** Takes nothing new, gives runs `graceMs` to end, then cancels them; resolves when they have ended. */
  stop(options: { readonly graceMs: number }): Promise<void>;
  /** Makes the next pass come now. */
  wake(): void;
  health(): SchedulerHealth;
}

export function createTicker(options: TickerOptions): Ticker {
  const { host, owner } = options;
  const { store, clock, logger, bus } = host;
  const live = new Map<string, { readonly abort: AbortController; readonly ended: Promise<void> }>();
  const tools = { newRunId: () => host.ids.next("run") };
  let running = false;
  let wanted = false;
  let cancelTimer: () => void = () => undefined;
  let passing: Promise<unknown> = Promise.resolve();
  let ticks = 0;
  let lastTickMs: number | undefined;
  let lastError: string | undefined;
  let nextDue: Instant | undefined;

  async function pass(): Promise<Result<TickReport & { readonly isBusy: boolean }, SpineError>> {
    let ended = 0;
    for (;;) {
      const settled = await settle();
      if (settled.isErr()) return err(settled.error);
      ended += settled.value.length;
      if (settled.value.length < batch) break;
    }
    let moved = 0;
    for (;;) {
      const advanced = await advance();
      if (advanced.isErr()) return err(advanced.error);
      moved += advanced.value.moved;
      if (advanced.value.moved > 0) continue;
      const started = await claim();
      if (started.isErr()) return err(started.error);
      await cancelAsked();
      const { at, isBusy } = advanced.value;
      return ok({ at, moved, started: started.value, ended, nextDue: advanced.value.nextDue, isBusy });
    }
  }

  function settle() {
    return store.schedules.settle({
      limit: batch,
      plan: (firing, record, followers) => {
        const schedule = record === undefined ? undefined : options.compile(record).unwrapOr(undefined);
        const compiled = followers.flatMap((follower) =>
          options.compile(follower.schedule).match(
            (found) => [{ ...follower, compiled: found }],
            () => [],
          ),
        );
        return planEnding(firing, schedule, compiled, tools);
      },
    });
  }

  function advance() {
    return store.schedules.advance({
      limit: batch,
      plan: (record, load) =>
        options.compile(record).match(
          (schedule) => planFirings(schedule, record, load, tools),
          (error) => {
            logger.error("A schedule cannot be read by this process.", { schedule: record.name, error: error.message });
            return putOff(record, load.at, error);
          },
        ),
    });
  }

  function putOff({ name, nextInstant }: ScheduleRecord, at: Instant, error: SpineError) {
    return {
      nextInstant: new Date(msOf(at) + putOffMs).toISOString() as Instant,
      firings: [
        {
          schedule: name,
          instant: nextInstant ?? at,
          kind: "scheduled" as const,
          status: "SKIPPED" as const,
          reason: "invalid",
          detail: error.message,
          runId: tools.newRunId(),
          dueAt: at,
        },
      ],
    };
  }

  async function claim(): Promise<Result<number, SpineError>> {
    const limit = Math.min(batch, options.maxRuns - live.size);
    if (limit <= 0) return ok(0);
    const claimed = await store.schedules.claim({ owner, leaseMs: options.leaseMs, limit });
    if (claimed.isErr()) return err(claimed.error);
    if (claimed.value.length === 0) return ok(0);
    const records = await store.schedules.list({ retired: true });
    if (records.isErr()) return err(records.error);
    const byName = new Map(records.value.map((record) => [record.name, record]));
    for (const firing of claimed.value) begin(firing, byName.get(firing.schedule));
    return ok(claimed.value.length);
  }

  function begin(firing: FiringRecord, record: ScheduleRecord | undefined): void {
    const abort = new AbortController();
    const ended = perform(firing, record, abort.signal).then(() => {
      live.delete(firing.runId);
      if (running) wake();
    });
    live.set(firing.runId, { abort, ended });
    bus.emit({
      type: "schedule.fired",
      at: firing.dueAt,
      runId: firing.runId,
      payload: { schedule: firing.schedule, instant: firing.instant, kind: firing.kind },
    });
  }

  async function perform(firing: FiringRecord, record: ScheduleRecord | undefined, signal: AbortSignal): Promise<void> {
    if (record === undefined) return;
    const schedule = options.compile(record);
    const outcome = schedule.isErr()
      ? await giveBack(firing, schedule.error, { store, owner })
      : await startFiring(firing, schedule.value, { spine: options.spine(), store, owner, signal });
    const context = { schedule: firing.schedule, instant: firing.instant, runId: firing.runId };
    if (outcome.isErr())
      logger.warn("A firing could not be looked after.", { ...context, error: outcome.error.message });
    else if (outcome.value.kind === "given back")
      logger.error("A firing could not be started.", { ...context, error: outcome.value.error.message });
  }

  /** Runs that a newer instant asked to end. */
  async function cancelAsked(): Promise<void> {
    if (live.size === 0) return;
    const asked = await store.schedules.firings({ status: "STARTED", cancelRequested: true, limit: batch });
    for (const { runId } of asked.unwrapOr([])) live.get(runId)?.abort.abort(new Error("A newer instant came due."));
  }

  function tick(): Promise<Result<TickReport & { readonly isBusy: boolean }, SpineError>> {
    const next = passing.then(pass);
    passing = next;
    return next.then((result) => {
      if (result.isErr()) {
        lastError = result.error.message;
        return result;
      }
      ticks += 1;
      lastTickMs = clock.monotonicMs();
      lastError = undefined;
      nextDue = result.value.nextDue;
      return result;
    });
  }

  async function turn(): Promise<void> {
    wanted = false;
    const done = await tick();
    if (done.isErr()) logger.warn("A pass over the schedules failed.", { error: done.error.message });
    if (!running) return;
    if (wanted) {
      void turn();
      return;
    }
    cancelTimer = clock.setTimer(delayOf(done), () => void turn());
  }

  function delayOf(done: Awaited<ReturnType<typeof tick>>): number {
    if (done.isErr()) return busyMs;
    const { at, nextDue: due, isBusy } = done.value;
    const most = isBusy ? busyMs : idleMs;
    // A process that is full is woken by the run that ends.
    if (due === undefined || live.size >= options.maxRuns) return most;
    return Math.min(most, Math.max(0, msOf(due) - msOf(at)));
  }

  function wake(): void {
    wanted = true;
    if (!running) return;
    cancelTimer();
    cancelTimer = clock.setTimer(0, () => void turn());
  }

  return {
    tick,
    start() {
      if (running) return;
      running = true;
      wake();
    },
    async stop({ graceMs }) {
      running = false;
      cancelTimer();
      await passing;
      const all = Promise.all([...live.values()].map(({ ended }) => ended));
      const cancelGrace = clock.setTimer(graceMs, () => {
        for (const { abort } of live.values()) abort.abort(new Error("The scheduler is shutting down."));
      });
      await all;
      cancelGrace();
    },
    wake,
    health: () => ({
      isRunning: running,
      live: live.size,
      ticks,
      sinceTickMs: lastTickMs === undefined ? undefined : clock.monotonicMs() - lastTickMs,
      lastError,
      nextDue,
    }),
  };
}
