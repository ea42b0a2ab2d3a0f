import type { SpineError } from "../errors/spine-error.ts";
import type { JsonObject } from "../json.ts";
import type { ResultAsync } from "../result.ts";
import type { Instant } from "../time.ts";

/** Where a schedule was written down: in the program (or its YAML), or by a command. */
export type ScheduleOrigin = "code" | "command";

/** A schedule as it stands (`core_schedules`). */
export interface ScheduleRecord {
  readonly name: string;
  /** Workflow, group or pipeline that it runs. */
  readonly target: string;
  readonly definition: JsonObject;
  readonly definitionHash: string;
  readonly origin: ScheduleOrigin;
  /** The schedule whose runs it follows. */
  readonly follows: string | undefined;
  /** When it is due next; none when it has no times of its own, or no more. */
  readonly nextInstant: Instant | undefined;
  readonly pausedAt: Instant | undefined;
  readonly pausedBy: string | undefined;
  readonly pauseReason: string | undefined;
  /** When its definition was taken away; its history stays. */
  readonly retiredAt: Instant | undefined;
  readonly updatedAt: Instant;
}

/**
 * PENDING: to be started from `dueAt` on. BUFFERED: waits for the run before it. STARTED: handed to a process, the run has this
 * firing's `runId`. SKIPPED: never ran, for `reason`. The others are how its run ended; FAILED also when it could not be started.
 */
export type FiringStatus =
  | "PENDING"
  | "BUFFERED"
  | "STARTED"
  | "COMPLETED"
  | "PARTIAL"
  | "FAILED"
  | "CANCELLED"
  | "SKIPPED";

/** On time, later than the grace allows, after another schedule's run, or because somebody said so. */
export type FiringKind = "scheduled" | "late" | "after" | "manual";

/** What became of one instant of one schedule (`core_schedule_firings`): there is a row for each, run or not. */
export interface FiringRecord {
  readonly schedule: string;
  readonly instant: Instant;
  readonly kind: FiringKind;
  readonly status: FiringStatus;
  /** Why it did not run, or not yet: `missed`, `overlap`, `paused`, `calendar`, `retired`. */
  readonly reason: string | undefined;
  /** The same for people. */
  readonly detail: string | undefined;
  /** Of a row that stands for all instants from `instant` on: the first one that it does not stand for. */
  readonly through: Instant | undefined;
  readonly runId: string;
  /** What was given beside the schedule's own parameters. */
  readonly params: JsonObject | undefined;
  readonly dueAt: Instant;
  /** The process it was handed to, and until when that may take to record the run. */
  readonly owner: string | undefined;
  readonly leaseUntil: Instant | undefined;
  readonly attempt: number;
  readonly cancelRequestedAt: Instant | undefined;
  readonly recordedAt: Instant;
  readonly endedAt: Instant | undefined;
  readonly error: string | undefined;
}

export interface NewSchedule {
  readonly name: string;
  readonly target: string;
  readonly definition: JsonObject;
  readonly definitionHash: string;
  readonly origin: ScheduleOrigin;
  readonly follows?: string | undefined;
  /** The first due instant after the store's present; asked when the schedule is new or its definition changed. */
  readonly firstInstant: (at: Instant) => Instant | undefined;
}

export type NewFiring = Pick<FiringRecord, "schedule" | "instant" | "kind" | "runId" | "dueAt"> & {
  readonly status: "PENDING" | "BUFFERED" | "SKIPPED";
  readonly reason?: string | undefined;
  readonly detail?: string | undefined;
  readonly through?: Instant | undefined;
  readonly params?: JsonObject | undefined;
};

/** What a decision about a schedule's instants depends on, beside the schedule. */
export interface ScheduleLoad {
  /** The store's present. */
  readonly at: Instant;
  /** Firings that are PENDING or STARTED. */
  readonly active: number;
  readonly buffered: number;
}

export interface ScheduleMove {
  readonly nextInstant: Instant | undefined;
  readonly firings: readonly NewFiring[];
  /** Asks the processes of its STARTED firings to cancel their runs. */
  readonly cancelActive?: boolean;
}

export interface FollowerLoad extends ScheduleLoad {
  readonly schedule: ScheduleRecord;
}

export interface EndingMove {
  readonly firings: readonly NewFiring[];
  /** Pauses the schedule whose run ended, for this reason. */
  readonly pause?: string | undefined;
}

export interface ListFirings {
  readonly schedule?: string | undefined;
  readonly status?: FiringStatus | undefined;
  /** Only those before this instant. */
  readonly before?: Instant | undefined;
  /** Only those whose process was asked to cancel. */
  readonly cancelRequested?: boolean | undefined;
  /** @defaultValue 50 */
  readonly limit?: number | undefined;
}

/**
 * Schedules and what became of their instants. The key (schedule, instant) is what keeps an instant from firing twice, whoever
 * asks; a firing's `runId`, fixed when its row is written, keeps its run from being started twice. The clock is the store's.
 * Plans are pure functions, called inside the transaction that keeps what they return.
 */
export interface ScheduleStore {
  /**
   * Keeps schedules as they are defined now; one that did not change keeps its next instant. With `only`, schedules of that origin
   * that are not among them are retired: their waiting firings become SKIPPED (`retired`).
   */
  put(schedules: {
    readonly schedules: readonly NewSchedule[];
    readonly only?: ScheduleOrigin | undefined;
  }): ResultAsync<void, SpineError>;
  /** By name; retired ones only when asked for. */
  list(filter?: {
    readonly name?: string;
    readonly retired?: boolean;
  }): ResultAsync<readonly ScheduleRecord[], SpineError>;
  /** False when there is no such schedule. */
  pause(schedule: {
    readonly name: string;
    readonly by: string;
    readonly reason: string;
  }): ResultAsync<boolean, SpineError>;
  /** False when there is no such schedule, or it is not paused. */
  resume(schedule: { readonly name: string }): ResultAsync<boolean, SpineError>;
  /**
   * Moves due schedules on, oldest first, in one commit: writes the firings that `plan` decides on (a row that is there already
   * stays as it is) and the next instant. Resolves to how many were moved, the present, and what is due next.
   */
  advance(move: {
    readonly limit: number;
    readonly plan: (schedule: ScheduleRecord, load: ScheduleLoad) => ScheduleMove;
  }): ResultAsync<
    { readonly at: Instant; readonly moved: number; readonly nextDue: Instant | undefined; readonly isBusy: boolean },
    SpineError
  >;
  /** Hands out firings that are due and have no process, or whose process let its lease run out before the run was recorded. */
  claim(claim: {
    readonly owner: string;
    readonly leaseMs: number;
    readonly limit: number;
  }): ResultAsync<readonly FiringRecord[], SpineError>;
  /**
   * Looks how the runs of STARTED firings ended, keeps that with what `plan` makes of it, and lets BUFFERED firings go whose
   * schedule has nothing active any more. Resolves to the firings that ended.
   */
  settle(settle: {
    readonly limit: number;
    readonly plan: (
      ended: FiringRecord,
      schedule: ScheduleRecord | undefined,
      followers: readonly FollowerLoad[],
    ) => EndingMove;
  }): ResultAsync<readonly FiringRecord[], SpineError>;
  /** Says that a claimed firing could not be started: for good, or for now. Ignored from a process that lost it. */
  giveBack(firing: {
    readonly schedule: string;
    readonly instant: Instant;
    readonly owner: string;
    readonly error: string;
    readonly retryAfterMs?: number | undefined;
  }): ResultAsync<void, SpineError>;
  /** Writes a firing by hand, at the first free millisecond from the present on, and due at once. */
  add(firing: Pick<NewFiring, "schedule" | "kind" | "runId" | "params">): ResultAsync<FiringRecord, SpineError>;
  /** Newest first. */
  firings(filter: ListFirings): ResultAsync<readonly FiringRecord[], SpineError>;
}
