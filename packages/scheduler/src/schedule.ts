import {
  type Calendar,
  type ConfigError,
  contentHash,
  didYouMean,
  encodeJsonObject,
  err,
  type Instant,
  instantOfMs,
  type JsonObject,
  msOf,
  ok,
  parseInstant,
  parseKey,
  type Result,
} from "@spine/core";
import { type Calendars, calendarsNamed } from "./calendars.ts";
import { type Duration, readDuration } from "./duration.ts";
import { scheduleInvalid } from "./schedule-invalid.ts";
import { checkTemplates } from "./template.ts";
import { readCalendar } from "./triggers/business-day.ts";
import { compileTrigger } from "./triggers/compile-trigger.ts";
import type { Trigger } from "./triggers/trigger.ts";
import type { DaylightSaving } from "./daylight-saving.ts";

/** When a schedule is due: exactly one of these forms. */
export type When =
  | { readonly cron: string; readonly timeZone?: string; readonly daylightSaving?: Partial<DaylightSaving> }
  | { readonly every: Duration; readonly from?: string }
  | {
      readonly businessDay: number;
      readonly of: "month" | "quarter" | "year" | "weekEnding";
      readonly at: string;
      readonly timeZone?: string;
      readonly calendar?: string;
      readonly daylightSaving?: Partial<DaylightSaving>;
    }
  | { readonly after: string; readonly on?: "success" | "failure" | "end"; readonly delay?: Duration }
  | { readonly manual: true };

export type MissedPolicy = "skip" | "once" | "all";
export type OverlapPolicy = "skip" | "buffer-one" | "allow" | "cancel-running";

/** A schedule as people write it, in code or YAML. */
export interface ScheduleDefinition {
  readonly name: string;
  /** Workflow, group or pipeline. */
  readonly run: string;
  readonly when: When;
  readonly description?: string;
  /** Texts may hold `{{ fireTime }}`, `{{ fireDate }}`, `{{ weekEnding }}`, `{{ partition }}`, `{{ schedule }}`. */
  readonly params?: JsonObject;
  /** The run's partition; a template too. */
  readonly partition?: string;
  /** Instants on days that are no business days of this calendar are skipped, with the reason `calendar`. */
  readonly calendar?: string;
  /**
   * What becomes of instants that come later than `grace` (default 5m): none of them runs, the newest `once` (default), or `all`, of
   * which the newest `max` (default 100).
   */
  readonly missed?: MissedPolicy | { readonly policy: MissedPolicy; readonly grace?: Duration; readonly max?: number };
  /** When the run before is not over. @defaultValue skip */
  readonly overlap?: OverlapPolicy;
  /** Spreads starts over this long, the same for an instant each time. @defaultValue 0 */
  readonly jitter?: Duration;
  /** No instant before it. */
  readonly startAt?: string;
  /** No instant after it. */
  readonly endAt?: string;
  /** Pauses when a run fails. @defaultValue false */
  readonly pauseOnFailure?: boolean;
}

/** A schedule that was checked: its data, and what is reckoned with. */
export interface Schedule {
  readonly name: string;
  readonly target: string;
  /** What is stored: the definition as it was written. */
  readonly document: JsonObject;
  readonly documentHash: string;
  readonly trigger: Trigger;
  readonly after: { readonly schedule: string; readonly on: string; readonly delayMs: number } | undefined;
  readonly params: JsonObject;
  readonly partition: string | undefined;
  readonly calendar: Calendar | undefined;
  readonly missed: { readonly policy: MissedPolicy; readonly graceMs: number; readonly max: number };
  readonly overlap: OverlapPolicy;
  readonly jitterMs: number;
  readonly startAt: Instant | undefined;
  readonly endAt: Instant | undefined;
  readonly pauseOnFailure: boolean;
}

/** Declares a schedule. Throws `SCHEDULE_INVALID` on a mistake in program text; calendars are looked up when the host starts. */
export function defineSchedule(definition: ScheduleDefinition): ScheduleDefinition {
  const parsed = parseSchedule(definition, calendarsNamed(calendarsOf(definition)));
  if (parsed.isErr()) throw parsed.error;
  return Object.freeze({ ...definition });
}

const members = [
  "name",
  "run",
  "when",
  "description",
  "params",
  "partition",
  "calendar",
  "missed",
  "overlap",
  "jitter",
  "startAt",
  "endAt",
  "pauseOnFailure",
] as const;

/** Checks a schedule that was read from anywhere. Fails with `SCHEDULE_INVALID`; the text names schedule, member and remedy. */
export function parseSchedule(input: unknown, calendars: Calendars): Result<Schedule, ConfigError> {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    return err(scheduleInvalid(`A schedule is ${JSON.stringify(input) ?? "missing"}, which is not an object.`));
  }
  const given = input as Readonly<Record<string, unknown>>;
  const subject = typeof given["name"] === "string" ? `Schedule "${given["name"]}"` : "A schedule";
  return readSchedule(given, calendars).mapErr((error) =>
    scheduleInvalid(
      `${subject} cannot be used: ${error.message}`,
      { ...error.context, schedule: given["name"] },
      error,
    ),
  );
}

function readSchedule(given: Readonly<Record<string, unknown>>, calendars: Calendars): Result<Schedule, ConfigError> {
  const stranger = Object.keys(given).find((key) => !members.some((member) => member === key));
  if (stranger !== undefined)
    return err(scheduleInvalid(`"${stranger}" is not a member of schedules.${didYouMean(stranger, members)}`));
  const name = readName(given);
  if (name.isErr()) return err(name.error);
  const target = given["run"];
  if (typeof target !== "string" || target === "")
    return err(scheduleInvalid("`run` does not name a workflow, group or pipeline."));
  const trigger = compileTrigger(given["when"], calendars);
  if (trigger.isErr()) return err(trigger.error);
  const text = readTexts(given);
  if (text.isErr()) return err(text.error);
  const policies = readPolicies(given);
  if (policies.isErr()) return err(policies.error);
  const bounds = readBounds(given);
  if (bounds.isErr()) return err(bounds.error);
  const calendar = given["calendar"] === undefined ? ok(undefined) : readCalendar(given["calendar"], calendars);
  if (calendar.isErr()) return err(calendar.error);
  return ok(
    Object.freeze({
      name: name.value,
      target,
      ...text.value,
      documentHash: contentHash(text.value.document),
      trigger: trigger.value,
      after: readAfter(given["when"]),
      calendar: calendar.value,
      ...policies.value,
      ...bounds.value,
    }),
  );
}

function readName({ name }: Readonly<Record<string, unknown>>): Result<string, ConfigError> {
  if (typeof name !== "string") return err(scheduleInvalid("`name` is missing."));
  return parseKey("Schedule", name).mapErr((error) => scheduleInvalid(error.message, {}, error));
}

function readTexts(
  given: Readonly<Record<string, unknown>>,
): Result<Pick<Schedule, "document" | "params" | "partition">, ConfigError> {
  const { params = {}, partition } = given;
  const document = encodeJsonObject(
    Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  );
  if (document.isErr()) return err(scheduleInvalid(document.error.message, document.error.context, document.error));
  if (typeof params !== "object" || params === null || Array.isArray(params))
    return err(scheduleInvalid("`params` is not an object."));
  if (partition !== undefined && typeof partition !== "string")
    return err(scheduleInvalid("`partition` is not a text."));
  if (partition?.includes("partition }}") === true)
    return err(scheduleInvalid("`partition` names itself. Write {{ fireDate }} or {{ weekEnding }}."));
  const own = (document.value["params"] ?? {}) as JsonObject;
  return checkTemplates([own, partition ?? null]).map(() => ({ document: document.value, params: own, partition }));
}

const missedPolicies: readonly MissedPolicy[] = ["skip", "once", "all"];
const overlapPolicies: readonly OverlapPolicy[] = ["skip", "buffer-one", "allow", "cancel-running"];

function readPolicies(
  given: Readonly<Record<string, unknown>>,
): Result<Pick<Schedule, "missed" | "overlap" | "jitterMs" | "pauseOnFailure">, ConfigError> {
  const { missed = "once", overlap = "skip", jitter = 0, pauseOnFailure = false } = given;
  const asked =
    typeof missed === "object" && missed !== null ? (missed as Record<string, unknown>) : { policy: missed };
  const { policy, grace = "5m", max = 100, ...others } = asked;
  const missedPolicy = missedPolicies.find((word) => word === policy);
  if (missedPolicy === undefined || Object.keys(others).length > 0)
    return err(
      scheduleInvalid(
        `\`missed\` is ${JSON.stringify(missed)}. Write one of ${missedPolicies.join(", ")}, or { policy, grace, max }.`,
      ),
    );
  if (typeof max !== "number" || !Number.isInteger(max) || max < 1 || max > 1000)
    return err(scheduleInvalid(`\`missed.max\` is ${JSON.stringify(max)}. Write a whole number from 1 to 1000.`));
  const overlapPolicy = overlapPolicies.find((word) => word === overlap);
  if (overlapPolicy === undefined)
    return err(
      scheduleInvalid(`\`overlap\` is ${JSON.stringify(overlap)}. Write one of ${overlapPolicies.join(", ")}.`),
    );
  if (typeof pauseOnFailure !== "boolean") return err(scheduleInvalid("`pauseOnFailure` is neither true nor false."));
  return readDuration(grace, "missed.grace").andThen((graceMs) =>
    readDuration(jitter, "jitter").map((jitterMs) => ({
      missed: Object.freeze({ policy: missedPolicy, graceMs, max }),
      overlap: overlapPolicy,
      jitterMs,
      pauseOnFailure,
    })),
  );
}

function readBounds({
  startAt,
  endAt,
}: Readonly<Record<string, unknown>>): Result<Pick<Schedule, "startAt" | "endAt">, ConfigError> {
  const read = (value: unknown, member: string): Result<Instant | undefined, ConfigError> =>
    value === undefined
      ? ok(undefined)
      : parseInstant(value as string).mapErr((error) => scheduleInvalid(`\`${member}\`: ${error.message}`, {}, error));
  return read(startAt, "startAt").andThen((start) =>
    read(endAt, "endAt").map((end) => ({ startAt: start, endAt: end })),
  );
}

function readAfter(when: unknown): Schedule["after"] {
  const { after, on = "success", delay = 0 } = when as { after?: string; on?: string; delay?: Duration };
  if (after === undefined) return undefined;
  return { schedule: after, on, delayMs: readDuration(delay, "delay").unwrapOr(0) };
}

/** The calendars a definition names, whatever else is wrong with it. */
function calendarsOf({ calendar, when }: ScheduleDefinition): readonly string[] {
  const named = [calendar, (when as { readonly calendar?: unknown } | undefined)?.calendar];
  return named.filter((name): name is string => typeof name === "string");
}

/** The first instant of a schedule after a moment, within its bounds. */
export function firstInstantAfter({ trigger, startAt, endAt }: Schedule, after: Instant): Instant | undefined {
  const instant =
    startAt !== undefined && startAt > after ? trigger.next(instantOfMs(msOf(startAt) - 1)) : trigger.next(after);
  return instant === undefined || (endAt !== undefined && instant > endAt) ? undefined : instant;
}
