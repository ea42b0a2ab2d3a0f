import {
  type Calendar,
  didYouMean,
  err,
  errAsync,
  type FiringRecord,
  type Host,
  type HostPart,
  type Instant,
  type JsonObject,
  type ListFirings,
  type NewSchedule,
  ok,
  type Result,
  type ResultAsync,
  resultAsync,
  type ScheduleOrigin,
  type ScheduleRecord,
  SpineError,
} from "@spine/core";
import { type Spine, spineOfHost } from "@spine/orchestration";
import { type Calendars, calendarsByName } from "./calendars.ts";
import { firstInstantAfter, parseSchedule, type Schedule, type ScheduleDefinition } from "./schedule.ts";
import { scheduleInvalid } from "./schedule-invalid.ts";
import { createTicker, type SchedulerHealth, type TickReport } from "./ticker.ts";

declare module "@spine/core" {
  interface Contributions {
    readonly schedules?: readonly ScheduleDefinition[];
  }
}

export interface SchedulerOptions {
  /** Schedules beside those of the plugins. */
  readonly schedules?: readonly ScheduleDefinition[];
  /** Calendars beside those of the plugins. */
  readonly calendars?: readonly Calendar[];
  /** How many runs this process has at a time. @defaultValue 16 */
  readonly maxRuns?: number;
  /** How long a process may take between taking a firing and recording its run. @defaultValue 30,000 */
  readonly leaseMs?: number;
  /** How long runs may go on after `stop`. @defaultValue 30,000 */
  readonly stopGraceMs?: number;
}

/** Schedules of a host: what is due, and what became of what was. */
export interface SchedulerApi {
  /** Keeps what code defines in the store; what code defined and does no more is retired. `start` does it too. */
  sync(): ResultAsync<void, SpineError>;
  /** Begins to fire. Any number of processes may do so on one store. Fails when a schedule names what nobody registered. */
  start(): ResultAsync<void, SpineError>;
  /** Fires no more, waits for this process's runs, cancels those that take longer than the grace. */
  stop(): ResultAsync<void, SpineError>;
  /** One pass, for tests and for hosts that are started by a clock of their own. */
  tick(): ResultAsync<TickReport, SpineError>;
  list(filter?: { readonly retired?: boolean }): ResultAsync<readonly ScheduleRecord[], SpineError>;
  /** Instants to come, by the definition; a pause changes nothing about them. */
  next(
    name: string,
    options?: { readonly count?: number; readonly after?: Instant },
  ): ResultAsync<readonly Instant[], SpineError>;
  /** Adds or changes a schedule that no code defines. */
  put(definition: ScheduleDefinition): ResultAsync<void, SpineError>;
  /** Takes away a schedule that `put` made. */
  remove(name: string): ResultAsync<void, SpineError>;
  pause(name: string, why: { readonly by: string; readonly reason: string }): ResultAsync<void, SpineError>;
  resume(name: string): ResultAsync<void, SpineError>;
  /** Fires once now, whatever the schedule says; a running scheduler starts it. */
  runNow(name: string, options?: { readonly params?: JsonObject }): ResultAsync<FiringRecord, SpineError>;
  /** What became of instants, newest first. */
  history(filter?: ListFirings): ResultAsync<readonly FiringRecord[], SpineError>;
  health(): SchedulerHealth;
}

/**
 * The part of a host that fires schedules. Nothing happens before `spine.scheduler.start()` (or `spine serve`).
 * @example
 * const spine = await orThrow(createSpine({ store, workflows, parts: [scheduler({ schedules: [weekly] })] }));
 * await orThrow(spine.scheduler.start());
 */
export function scheduler(options: SchedulerOptions = {}): HostPart<"scheduler", SchedulerApi> {
  return Object.freeze({
    name: "scheduler" as const,
    reads: Object.freeze(["schedules"]),
    start: (host: Host) => {
      const contributed = host.contributions("calendars").map(({ value }) => value as Calendar);
      const calendars = calendarsByName([...contributed, ...(options.calendars ?? [])]);
      return readAll(host, options, calendars).map((schedules) => {
        const api = createApi(host, options, calendars, schedules);
        return { api, close: () => api.stop() };
      });
    },
  });
}

function readAll(
  host: Host,
  { schedules = [] }: SchedulerOptions,
  calendars: Calendars,
): Result<ReadonlyMap<string, Schedule>, SpineError> {
  const found = new Map<string, Schedule>();
  for (const value of [...host.contributions("schedules").map((one) => one.value), ...schedules]) {
    const schedule = parseSchedule(value, calendars);
    if (schedule.isErr()) return err(schedule.error);
    const { name } = schedule.value;
    if (found.has(name)) {
      return err(
        new SpineError("KEY_DUPLICATE", `Two schedules are named "${name}". Rename one of them.`, {
          context: { schedule: name },
        }),
      );
    }
    found.set(name, schedule.value);
  }
  return ok(found);
}

function createApi(
  host: Host,
  options: SchedulerOptions,
  calendars: Calendars,
  schedules: ReadonlyMap<string, Schedule>,
): SchedulerApi {
  const { store } = host;
  const compiled = new Map<string, Result<Schedule, SpineError>>();

  function compile({ definition, definitionHash }: ScheduleRecord): Result<Schedule, SpineError> {
    let schedule = compiled.get(definitionHash);
    if (schedule === undefined) compiled.set(definitionHash, (schedule = parseSchedule(definition, calendars)));
    return schedule;
  }

  function spineNow(): Spine {
    const spine = spineOfHost(host);
    if (spine === undefined) throw new SpineError("CAPABILITY_MISSING", "A scheduler needs createSpine around it.");
    return spine;
  }

  const ticker = createTicker({
    host,
    spine: spineNow,
    compile,
    owner: host.ids.next("sch"),
    leaseMs: options.leaseMs ?? 30_000,
    maxRuns: options.maxRuns ?? 16,
  });

  const sync = (): ResultAsync<void, SpineError> =>
    store.schedules.put({ schedules: [...schedules.values()].map((one) => newSchedule(one, "code")), only: "code" });

  function find(name: string): ResultAsync<ScheduleRecord, SpineError> {
    return store.schedules.list().andThen((all) => {
      const found = all.find((schedule) => schedule.name === name);
      return found === undefined ? err(notFound(name, all)) : ok(found);
    });
  }

  return {
    sync,
    start: () =>
      resultAsync(async () => {
        const unknown = unknownNames(schedules, spineNow());
        if (unknown !== undefined) return err(unknown);
        const synced = await sync();
        if (synced.isErr()) return err(synced.error);
        ticker.start();
        return ok(undefined);
      }),
    stop: () =>
      resultAsync(async () => {
        await ticker.stop({ graceMs: options.stopGraceMs ?? 30_000 });
        return ok(undefined);
      }),
    tick: () => resultAsync(ticker.tick),
    list: (filter) => store.schedules.list(filter),
    next: (name, { count = 5, after } = {}) =>
      find(name).andThen((record) =>
        compile(record).map((schedule) => {
          const from = after ?? (new Date(host.clock.nowMs()).toISOString() as Instant);
          const instants: Instant[] = [];
          let last = firstInstantAfter(schedule, from);
          for (; last !== undefined && instants.length < count; last = firstInstantAfter(schedule, last))
            instants.push(last);
          return instants;
        }),
      ),
    put: (definition) => {
      const schedule = parseSchedule(definition, calendars);
      if (schedule.isErr()) return errAsync(schedule.error);
      if (schedules.has(schedule.value.name)) {
        const message = `Schedule "${schedule.value.name}" is defined in code. Change it there, or choose another name.`;
        return errAsync(new SpineError("KEY_DUPLICATE", message));
      }
      return store.schedules.put({ schedules: [newSchedule(schedule.value, "command")] }).map(() => ticker.wake());
    },
    remove: (name) =>
      find(name).andThen((record) => {
        if (record.origin === "code")
          return errAsync(
            scheduleInvalid(`Schedule "${name}" is defined in code. Remove it there, or pause it here.`, {
              schedule: name,
            }),
          );
        return store.schedules.list().andThen((all) =>
          store.schedules.put({
            schedules: all
              .filter((one) => one.origin === "command" && one.name !== name)
              .flatMap((one) =>
                compile(one).match(
                  (found) => [newSchedule(found, "command")],
                  () => [],
                ),
              ),
            only: "command",
          }),
        );
      }),
    pause: (name, { by, reason }) =>
      find(name)
        .andThen(() => store.schedules.pause({ name, by, reason }))
        .map(() => undefined),
    resume: (name) =>
      find(name)
        .andThen(() => store.schedules.resume({ name }))
        .map(() => ticker.wake()),
    runNow: (name, { params } = {}) =>
      find(name)
        .andThen(() => store.schedules.add({ schedule: name, kind: "manual", runId: host.ids.next("run"), params }))
        .map((firing) => {
          ticker.wake();
          return firing;
        }),
    history: (filter = {}) => store.schedules.firings(filter),
    health: () => ticker.health(),
  };
}

function newSchedule(schedule: Schedule, origin: ScheduleOrigin): NewSchedule {
  return {
    name: schedule.name,
    target: schedule.target,
    definition: schedule.document,
    definitionHash: schedule.documentHash,
    origin,
    follows: schedule.after?.schedule,
    firstInstant: (at) => firstInstantAfter(schedule, at),
  };
}

function notFound(name: string, all: readonly ScheduleRecord[]): SpineError {
  const hint = didYouMean(
    name,
    all.map((schedule) => schedule.name),
  );
  return new SpineError("SCHEDULE_NOT_FOUND", `There is no schedule "${name}".${hint}`, {
    context: { schedule: name, remedy: "spine schedule list" },
  });
}

/** The first target or upstream schedule that nobody has, as an error. */
function unknownNames(schedules: ReadonlyMap<string, Schedule>, spine: Spine): SpineError | undefined {
  const targets = [
    ...spine.workflows.list().map(({ name }) => name),
    ...spine.groups.list().map(({ name }) => name),
    ...spine.pipelines.list().map(({ key }) => key),
  ];
  for (const { name, target, after } of schedules.values()) {
    if (!targets.includes(target)) {
      const hint = didYouMean(target, targets);
      return scheduleInvalid(`Schedule "${name}" runs "${target}", which is no workflow, group or pipeline.${hint}`, {
        schedule: name,
      });
    }
    if (after !== undefined && !schedules.has(after.schedule)) {
      const hint = didYouMean(after.schedule, schedules.keys());
      return scheduleInvalid(`Schedule "${name}" follows "${after.schedule}", which is no schedule.${hint}`, {
        schedule: name,
      });
    }
  }
  return undefined;
}
