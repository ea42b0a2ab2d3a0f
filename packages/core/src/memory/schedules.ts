import { ok } from "../result.ts";
import type {
  FiringRecord,
  FiringStatus,
  NewFiring,
  NewSchedule,
  ScheduleLoad,
  ScheduleRecord,
  ScheduleStore,
} from "../store/schedules.ts";
import { type Instant, instantOfMs, msOf } from "../time.ts";
import type { Access } from "./access.ts";
import type { MemoryState } from "./state.ts";

export interface ScheduleState {
  readonly schedules: Map<string, ScheduleRecord>;
  /** By schedule and instant. */
  readonly firings: Map<string, FiringRecord>;
}

export function createScheduleState(): ScheduleState {
  return { schedules: new Map(), firings: new Map() };
}

const endOfRun: Readonly<Record<string, FiringStatus>> = {
  COMPLETED: "COMPLETED",
  PARTIAL: "PARTIAL",
  FAILED: "FAILED",
  CANCELLED: "CANCELLED",
};

export function createScheduleStore(state: MemoryState, access: Access, now: () => Instant): ScheduleStore {
  const { schedules, firings } = state.scheduling;

  const isActive = ({ status }: FiringRecord): boolean => status === "PENDING" || status === "STARTED";
  const loadOf = (name: string, at: Instant): ScheduleLoad => {
    const own = [...firings.values()].filter(({ schedule }) => schedule === name);
    return {
      at,
      active: own.filter(isActive).length,
      buffered: own.filter(({ status }) => status === "BUFFERED").length,
    };
  };
  const keep = (firing: FiringRecord): void => void firings.set(keyOf(firing), Object.freeze(firing));
  const insert = (news: readonly NewFiring[], at: Instant): void => {
    for (const firing of news) if (!firings.has(keyOf(firing))) keep(firingOf(firing, at));
  };
  const change = (name: string, part: Partial<ScheduleRecord>): void => {
    const schedule = schedules.get(name);
    if (schedule !== undefined) schedules.set(name, Object.freeze({ ...schedule, ...part }));
  };
  const byInstant = (): FiringRecord[] =>
    [...firings.values()].toSorted((a, b) => compare(a.instant, b.instant) || compare(a.schedule, b.schedule));

  function release(at: Instant): void {
    for (const firing of byInstant()) {
      if (firing.status !== "BUFFERED" || loadOf(firing.schedule, at).active > 0) continue;
      keep({ ...firing, status: "PENDING", reason: undefined, detail: undefined, dueAt: at });
    }
  }

  function put(schedule: NewSchedule, at: Instant): void {
    const { firstInstant, follows, ...given } = schedule;
    const old = schedules.get(schedule.name);
    if (old?.definitionHash === schedule.definitionHash && old.retiredAt === undefined) {
      change(schedule.name, { origin: schedule.origin });
      return;
    }
    schedules.set(
      schedule.name,
      Object.freeze({
        ...given,
        follows,
        nextInstant: firstInstant(at),
        pausedAt: old?.pausedAt,
        pausedBy: old?.pausedBy,
        pauseReason: old?.pauseReason,
        retiredAt: undefined,
        updatedAt: at,
      }),
    );
  }

  function retire(name: string, at: Instant): void {
    change(name, { retiredAt: at, nextInstant: undefined, updatedAt: at });
    for (const firing of firings.values()) {
      if (firing.schedule !== name || (firing.status !== "PENDING" && firing.status !== "BUFFERED")) continue;
      keep({ ...firing, status: "SKIPPED", reason: "retired", detail: "The schedule was removed.", endedAt: at });
    }
  }

  return Object.freeze<ScheduleStore>({
    put: ({ schedules: given, only }) =>
      access.write(() => {
        const at = now();
        for (const schedule of given) put(schedule, at);
        const names = new Set(given.map(({ name }) => name));
        for (const { name, origin, retiredAt } of schedules.values())
          if (origin === only && retiredAt === undefined && !names.has(name)) retire(name, at);
        return ok(undefined);
      }),
    list: ({ name, retired = false } = {}) =>
      access.read(() => {
        const found = [...schedules.values()].filter(
          (schedule) => (name === undefined || schedule.name === name) && (retired || schedule.retiredAt === undefined),
        );
        return ok(Object.freeze(found.toSorted((a, b) => compare(a.name, b.name))));
      }),
    pause: ({ name, by, reason }) =>
      access.write(() => {
        const found = schedules.get(name);
        if (found === undefined || found.retiredAt !== undefined) return ok(false);
        change(name, { pausedAt: found.pausedAt ?? now(), pausedBy: by, pauseReason: reason });
        return ok(true);
      }),
    resume: ({ name }) =>
      access.write(() => {
        if (schedules.get(name)?.pausedAt === undefined) return ok(false);
        change(name, { pausedAt: undefined, pausedBy: undefined, pauseReason: undefined });
        return ok(true);
      }),
    advance: ({ limit, plan }) =>
      access.write(() => {
        const at = now();
        const timed = [...schedules.values()]
          .filter(({ nextInstant }) => nextInstant !== undefined)
          .toSorted((a, b) => compare(a.nextInstant ?? "", b.nextInstant ?? "") || compare(a.name, b.name));
        const due = timed.filter(({ nextInstant = "" }) => nextInstant <= at).slice(0, limit);
        const moves = due.map((schedule) => ({ schedule, move: plan(schedule, loadOf(schedule.name, at)) }));
        for (const { schedule, move } of moves) {
          if (move.cancelActive === true) {
            for (const firing of firings.values())
              if (firing.schedule === schedule.name && firing.status === "STARTED")
                keep({ ...firing, cancelRequestedAt: firing.cancelRequestedAt ?? at });
          }
          insert(move.firings, at);
          change(schedule.name, { nextInstant: move.nextInstant });
        }
        const open = [...firings.values()];
        const waiting = [
          ...[...schedules.values()].map(({ nextInstant }) => nextInstant),
          ...open.filter(({ status }) => status === "PENDING").map(({ dueAt }) => dueAt),
        ].filter((instant) => instant !== undefined);
        return ok(
          Object.freeze({
            at,
            moved: due.length,
            nextDue: waiting.toSorted(compare)[0],
            isBusy: open.some(({ status }) => status === "STARTED" || status === "BUFFERED"),
          }),
        );
      }),
    claim: ({ owner, leaseMs, limit }) =>
      access.write(() => {
        const at = now();
        const free = byInstant().filter(
          ({ status, dueAt, leaseUntil, runId }) =>
            (status === "PENDING" && dueAt <= at) ||
            (status === "STARTED" && (leaseUntil ?? "") <= at && !state.runs.has(runId)),
        );
        const leaseUntil = instantOfMs(msOf(at) + leaseMs);
        const claimed = free
          .toSorted((a, b) => compare(a.dueAt, b.dueAt))
          .slice(0, limit)
          .map((firing) =>
            Object.freeze<FiringRecord>({
              ...firing,
              status: "STARTED",
              owner,
              leaseUntil,
              attempt: firing.attempt + 1,
            }),
          );
        for (const firing of claimed) keep(firing);
        return ok(Object.freeze(claimed));
      }),
    settle: ({ limit, plan }) =>
      access.write(() => {
        const at = now();
        const ended: FiringRecord[] = [];
        for (const firing of byInstant()) {
          const run = firing.status === "STARTED" ? state.runs.get(firing.runId) : undefined;
          const status = run === undefined ? undefined : endOfRun[run.status];
          if (status === undefined || ended.length === limit) continue;
          const done: FiringRecord = { ...firing, status, endedAt: at, error: run?.error?.message };
          keep(done);
          ended.push(done);
          const schedule = schedules.get(firing.schedule);
          const followers = [...schedules.values()]
            .filter(({ follows, retiredAt }) => follows === firing.schedule && retiredAt === undefined)
            .map((follower) => ({ schedule: follower, ...loadOf(follower.name, at) }));
          const move = plan(done, schedule, followers);
          insert(move.firings, at);
          if (move.pause !== undefined && schedule?.pausedAt === undefined)
            change(firing.schedule, { pausedAt: at, pausedBy: "spine", pauseReason: move.pause });
        }
        release(at);
        return ok(Object.freeze(ended));
      }),
    giveBack: ({ schedule, instant, owner, error, retryAfterMs }) =>
      access.write(() => {
        const at = now();
        const firing = firings.get(keyOf({ schedule, instant }));
        if (firing?.status !== "STARTED" || firing.owner !== owner) return ok(undefined);
        const free = { ...firing, owner: undefined, leaseUntil: undefined, error };
        if (retryAfterMs === undefined) keep({ ...free, status: "FAILED", endedAt: at });
        else keep({ ...free, status: "PENDING", dueAt: instantOfMs(msOf(at) + retryAfterMs) });
        return ok(undefined);
      }),
    add: (given) =>
      access.write(() => {
        const at = now();
        let instant = at;
        while (firings.has(keyOf({ schedule: given.schedule, instant }))) instant = instantOfMs(msOf(instant) + 1);
        const firing = firingOf({ ...given, instant, dueAt: at, status: "PENDING" }, at);
        keep(firing);
        return ok(firing);
      }),
    firings: ({ schedule, status, before, cancelRequested = false, limit = 50 }) =>
      access.read(() => {
        const found = byInstant().filter(
          (firing) =>
            (schedule === undefined || firing.schedule === schedule) &&
            (status === undefined || firing.status === status) &&
            (before === undefined || firing.instant < before) &&
            (!cancelRequested || firing.cancelRequestedAt !== undefined),
        );
        return ok(Object.freeze(found.toReversed().slice(0, limit)));
      }),
  });
}

function keyOf({ schedule, instant }: Pick<FiringRecord, "schedule" | "instant">): string {
  return `${instant} ${schedule}`;
}

function firingOf(firing: NewFiring, at: Instant): FiringRecord {
  return Object.freeze({
    schedule: firing.schedule,
    instant: firing.instant,
    kind: firing.kind,
    status: firing.status,
    reason: firing.reason,
    detail: firing.detail,
    through: firing.through,
    runId: firing.runId,
    params: firing.params,
    dueAt: firing.dueAt,
    owner: undefined,
    leaseUntil: undefined,
    attempt: 0,
    cancelRequestedAt: undefined,
    recordedAt: at,
    endedAt: firing.status === "SKIPPED" ? at : undefined,
    error: undefined,
  });
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
