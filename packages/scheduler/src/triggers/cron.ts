import { type ConfigError, err, type Instant, instantOfMs, msOf, ok, type Result, tryResult } from "@spine/core";
import { Cron } from "croner";
import { type DaylightSaving, nextMoment } from "../daylight-saving.ts";
import { scheduleInvalid } from "../schedule-invalid.ts";
import type { WallMs } from "../zone.ts";
import { readDaylightSaving, readTimeZone } from "./zone-members.ts";
import type { Trigger, TriggerKind } from "./trigger.ts";

/** When something is due, as a cron expression in a time zone. */
export interface CronSchedule {
  /** Five fields (minute hour day month weekday) or six (second first); names and `@daily` forms are allowed. */
  readonly expression: string;
  /** IANA name. @defaultValue UTC */
  readonly timeZone?: string;
  /**
   * @defaultValue where the hour is `*` or `*` with a step, the clock counts: `{ gap: "skip", overlap: "both" }`. Else a time is due once a
   * day whatever clocks do: `{ gap: "after", overlap: "first" }`.
   */
  readonly daylightSaving?: Partial<DaylightSaving>;
}

/**
 * The first instant strictly after `after` at which the schedule is due, or undefined when there is none any more. Fails with
 * `SCHEDULE_INVALID`. What happens when clocks change: see {@link CronSchedule.daylightSaving}.
 */
export function nextInstant(schedule: CronSchedule, after: Instant): Result<Instant | undefined, ConfigError> {
  return compileCron(schedule).map(({ next }) => next(after));
}

/** The next `count` due instants after `after`, in order. Fails with `SCHEDULE_INVALID`. */
export function nextInstants(
  schedule: CronSchedule,
  after: Instant,
  count: number,
): Result<readonly Instant[], ConfigError> {
  return compileCron(schedule).map(({ next }) => {
    const instants: Instant[] = [];
    for (let last = next(after); last !== undefined && instants.length < count; last = next(last)) instants.push(last);
    return instants;
  });
}

export const cronTrigger: TriggerKind = {
  key: "cron",
  members: ["timeZone", "daylightSaving"],
  compile({ cron, ...rest }) {
    if (typeof cron !== "string") return err(scheduleInvalid("`cron` is not an expression such as 0 6 * * 1."));
    return readTimeZone(rest).andThen((timeZone) =>
      readDaylightSaving(rest).andThen((daylightSaving) => compileCron({ expression: cron, timeZone, daylightSaving })),
    );
  },
};

/** The expression with its next times, checked once. */
function compileCron({ expression, timeZone = "UTC", daylightSaving }: CronSchedule): Result<Trigger, ConfigError> {
  const text = expression.trim();
  const fields = text.split(/\s+/);
  const isNickname = text.startsWith("@");
  if (!isNickname && fields.length !== 5 && fields.length !== 6) {
    return err(
      invalid(
        expression,
        `it has ${fields.length} fields; five (minute hour day month weekday) or six (second first) are expected`,
      ),
    );
  }
  const zone = readTimeZone({ timeZone });
  if (zone.isErr()) return err(zone.error);
  // croner reckons local times as if the zone were UTC; what clocks do is this package's own rule (decision 0060).
  const made = tryResult(
    () => new Cron(text, { timezone: "UTC", paused: true }),
    (thrown) =>
      invalid(
        expression,
        thrown instanceof Error ? thrown.message.replace(/^CronPattern: /, "") : String(thrown),
        thrown,
      ),
  );
  if (made.isErr()) return err(made.error);
  const cron = made.value;
  const nextWall = (after: WallMs): WallMs | undefined => cron.nextRun(new Date(after))?.getTime();
  const byClock = isNickname ? text === "@hourly" : fields.at(-4)?.startsWith("*") === true;
  const policy: DaylightSaving = {
    gap: daylightSaving?.gap ?? (byClock ? "skip" : "after"),
    overlap: daylightSaving?.overlap ?? (byClock ? "both" : "first"),
  };
  return ok({
    timeZone,
    next(after) {
      const moment = nextMoment(nextWall, timeZone, policy, msOf(after));
      return moment === undefined ? undefined : instantOfMs(moment);
    },
  });
}

function invalid(expression: string, why: string, cause?: unknown): ConfigError {
  return scheduleInvalid(`Cron expression "${expression}" cannot be used: ${why}.`, { expression }, cause);
}
