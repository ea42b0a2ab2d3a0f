import {
  bytesHash,
  type EndingMove,
  type FiringKind,
  type FiringRecord,
  type FollowerLoad,
  type Instant,
  instantOfMs,
  msOf,
  type NewFiring,
  plainDateAt,
  type ScheduleLoad,
  type ScheduleMove,
  type ScheduleRecord,
} from "@spine/core";
import { firstInstantAfter, type Schedule } from "./schedule.ts";

/** The most instants a schedule has a row of its own for when it was away for long. */
const mostRows = 1000;

/** What a decision needs beside data: ids for runs. */
export interface PlanTools {
  readonly newRunId: () => string;
}

/**
 * What becomes of a schedule's due instants (decision 0061): a firing for each, to run, to wait, or skipped with the reason, and the
 * next instant. Pure but for the ids.
 */
export function planFirings(
  schedule: Schedule,
  { nextInstant, pausedAt, pauseReason }: Pick<ScheduleRecord, "nextInstant" | "pausedAt" | "pauseReason">,
  load: ScheduleLoad,
  tools: PlanTools,
): ScheduleMove {
  const { at } = load;
  if (nextInstant === undefined || nextInstant > at) return { nextInstant, firings: [] };
  const due = dueInstants(schedule, nextInstant, at);
  const admission = new Admission(schedule, load, tools);
  if (due.skippedFrom !== undefined) admission.skipMany(due.skippedFrom, due.instants[0] ?? at);
  if (pausedAt === undefined) admitDue(schedule, due.instants, at, admission);
  else
    for (const instant of due.instants)
      admission.skip(instant, "paused", `Paused: ${pauseReason ?? "no reason given"}.`);
  return { nextInstant: due.next, firings: admission.firings, cancelActive: admission.cancelsActive };
}

/** What the end of a run means for its schedule and for those that follow it. */
export function planEnding(
  ended: FiringRecord,
  schedule: Schedule | undefined,
  followers: readonly (FollowerLoad & { readonly compiled: Schedule })[],
  tools: PlanTools,
): EndingMove {
  const succeeded = ended.status === "COMPLETED" || ended.status === "PARTIAL";
  const firings = followers.flatMap(({ compiled, schedule: record, ...load }) => {
    const { on = "success", delayMs = 0 } = compiled.after ?? {};
    if (on === "success" ? !succeeded : on === "failure" && succeeded) return [];
    const admission = new Admission(compiled, load, tools);
    if (record.pausedAt !== undefined)
      admission.skip(ended.instant, "paused", `Paused: ${record.pauseReason ?? "no reason given"}.`);
    else admission.admit(ended.instant, "after", instantOfMs(msOf(load.at) + delayMs));
    return admission.firings;
  });
  if (schedule?.pauseOnFailure !== true || succeeded) return { firings };
  return {
    firings,
    pause: `Run ${ended.runId} ended ${ended.status}${ended.error === undefined ? "" : `: ${ended.error}`}`,
  };
}

interface Due {
  readonly instants: readonly Instant[];
  readonly next: Instant | undefined;
  /** The oldest of so many that they get one row together. */
  readonly skippedFrom: Instant | undefined;
}

function dueInstants(schedule: Schedule, first: Instant, at: Instant): Due {
  const whole = instantsUntil(schedule, first, at);
  if (whole.next === undefined || whole.next > at) return { ...whole, skippedFrom: undefined };
  // Too many: the newest part that is not, found by halving the time looked at.
  for (let windowMs = (msOf(at) - msOf(first)) / 2; ; windowMs /= 2) {
    const from = firstInstantAfter(schedule, instantOfMs(msOf(at) - windowMs - 1));
    if (from === undefined) return { instants: [], next: undefined, skippedFrom: first };
    const part = instantsUntil(schedule, from, at);
    if (part.next === undefined || part.next > at) return { ...part, skippedFrom: first };
  }
}

function instantsUntil(
  schedule: Schedule,
  first: Instant,
  at: Instant,
): { readonly instants: readonly Instant[]; readonly next: Instant | undefined } {
  const instants: Instant[] = [];
  let next: Instant | undefined = first;
  while (next !== undefined && next <= at && instants.length < mostRows) {
    instants.push(next);
    next = firstInstantAfter(schedule, next);
  }
  return { instants, next };
}

function admitDue(schedule: Schedule, instants: readonly Instant[], at: Instant, admission: Admission): void {
  const { missed, calendar, trigger } = schedule;
  const open = instants.filter((instant) => {
    const day = plainDateAt(msOf(instant), trigger.timeZone);
    if (calendar === undefined || calendar.isBusinessDay(day)) return true;
    admission.skip(instant, "calendar", `${day} is not a business day of ${calendar.name}.`);
    return false;
  });
  const isLate = (instant: Instant): boolean => msOf(at) - msOf(instant) > missed.graceMs;
  const late = open.filter(isLate);
  const wanted = { skip: 0, once: 1, all: missed.max }[missed.policy];
  const run = new Set(wanted === 0 ? [] : late.slice(-wanted));
  for (const instant of open) {
    if (!isLate(instant)) admission.admit(instant, "scheduled", instant);
    else if (run.has(instant)) admission.admit(instant, "late", at);
    else
      admission.skip(
        instant,
        "missed",
        `Seen ${Math.round((msOf(at) - msOf(instant)) / 1000)} s late, grace is ${missed.graceMs / 1000} s, policy is ${missed.policy}.`,
      );
  }
}

/** Lets instants of one schedule in, one after another, as its overlap policy says. */
class Admission {
  readonly firings: NewFiring[] = [];
  cancelsActive = false;
  readonly #schedule: Schedule;
  readonly #tools: PlanTools;
  #active: number;
  #buffered: number;

  constructor(schedule: Schedule, { active, buffered }: ScheduleLoad, tools: PlanTools) {
    this.#schedule = schedule;
    this.#tools = tools;
    this.#active = active;
    this.#buffered = buffered;
  }

  admit(instant: Instant, kind: FiringKind, dueAt: Instant): void {
    const { overlap, name, jitterMs } = this.#schedule;
    const due = jitterMs === 0 ? dueAt : instantOfMs(msOf(dueAt) + jitterOf(name, instant, jitterMs));
    if (overlap === "allow" || this.#active + this.#buffered === 0) {
      this.#active += 1;
      this.#add(instant, { kind, dueAt: due, status: "PENDING" });
      return;
    }
    if (overlap === "skip") {
      this.skip(instant, "overlap", "The run before was not over.");
      return;
    }
    if (overlap === "cancel-running") this.cancelsActive = true;
    if (this.#buffered > 0) {
      this.skip(instant, "overlap", "The run before was not over, and another one waited already.");
      return;
    }
    this.#buffered += 1;
    this.#add(instant, {
      kind,
      dueAt: due,
      status: "BUFFERED",
      reason: "overlap",
      detail: "Waits for the run before.",
    });
  }

  skip(instant: Instant, reason: string, detail: string): void {
    this.#add(instant, { kind: "scheduled", dueAt: instant, status: "SKIPPED", reason, detail });
  }

  skipMany(instant: Instant, through: Instant): void {
    const detail = `More than ${mostRows} instants were missed; this row stands for those before ${through}.`;
    this.#add(instant, { kind: "scheduled", dueAt: instant, status: "SKIPPED", reason: "missed", detail, through });
  }

  #add(instant: Instant, firing: Omit<NewFiring, "schedule" | "instant" | "runId">): void {
    this.firings.push({ schedule: this.#schedule.name, instant, runId: this.#tools.newRunId(), ...firing });
  }
}

/** The same delay for an instant in every process. */
function jitterOf(name: string, instant: Instant, jitterMs: number): number {
  return Number.parseInt(bytesHash(`${name} ${instant}`).slice(0, 12), 16) % jitterMs;
}
