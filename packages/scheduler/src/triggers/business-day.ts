import {
  addDays,
  type Calendar,
  type ConfigError,
  didYouMean,
  err,
  instantOfMs,
  msOf,
  ok,
  type PlainDate,
  plainDateAt,
  type Result,
  weekEndingOf,
} from "@spine/core";
import { type Calendars, countBusinessDays } from "../calendars.ts";
import { type DaylightSaving, nextMoment } from "../daylight-saving.ts";
import { scheduleInvalid } from "../schedule-invalid.ts";
import type { WallMs } from "../zone.ts";
import type { Trigger, TriggerKind } from "./trigger.ts";
import { readDaylightSaving, readTimeOfDay, readTimeZone } from "./zone-members.ts";

/** A stretch of the calendar by one of its days: where it begins, where the next one begins, which business day of it is meant. */
interface Period {
  startOf(date: PlainDate): PlainDate;
  nextAfter(start: PlainDate): PlainDate;
  dueIn(start: PlainDate, count: number, calendar: Calendar): PlainDate | undefined;
}

const monthsOf = { month: 1, quarter: 3, year: 12 } as const;

const periods: Readonly<Record<string, Period>> = {
  ...Object.fromEntries(Object.entries(monthsOf).map(([name, months]) => [name, monthsPeriod(months)])),
  weekEnding: {
    startOf: (date) => weekEndingOf(date),
    nextAfter: (start) => addDays(start, 7),
    // T+n: the n-th business day after the Friday.
    dueIn: (start, count, calendar) => (count === 0 ? start : countBusinessDays(calendar, addDays(start, 1), count)),
  },
};

/**
 * `{ businessDay: 3, of: "month", at: "07:00" }` is the third business day of each month, -1 the last one (also of a `quarter` or
 * `year`); `{ businessDay: 2, of: "weekEnding" }` is T+2 after each Friday.
 */
export const businessDayTrigger: TriggerKind = {
  key: "businessDay",
  members: ["of", "at", "timeZone", "calendar", "daylightSaving"],
  compile(when, calendars) {
    const period = typeof when["of"] === "string" ? periods[when["of"]] : undefined;
    if (period === undefined) {
      return err(
        scheduleInvalid(`\`of\` is ${JSON.stringify(when["of"])}. Write one of ${Object.keys(periods).join(", ")}.`),
      );
    }
    const count = readCount(when);
    if (count.isErr()) return err(count.error);
    const calendar = readCalendar(when["calendar"] ?? "weekdays", calendars);
    if (calendar.isErr()) return err(calendar.error);
    return readTimeOfDay(when["at"]).andThen((timeMs) =>
      readTimeZone(when).andThen((timeZone) =>
        readDaylightSaving(when).map((policy) =>
          triggerOf(seriesOf(period, count.value, calendar.value, timeMs), timeZone, {
            gap: "after",
            overlap: "first",
            ...policy,
          }),
        ),
      ),
    );
  },
};

/** Fails with `SCHEDULE_INVALID` and the near name. */
export function readCalendar(name: unknown, calendars: Calendars): Result<Calendar, ConfigError> {
  const calendar = typeof name === "string" ? calendars.get(name) : undefined;
  if (calendar !== undefined) return ok(calendar);
  const hint = typeof name === "string" ? didYouMean(name, [...calendars.keys()]) : "";
  return err(
    scheduleInvalid(
      `There is no calendar ${JSON.stringify(name)}.${hint} Declare it with defineCalendar, in a plugin or in scheduler({ calendars }).`,
    ),
  );
}

function readCount({ businessDay, of }: Readonly<Record<string, unknown>>): Result<number, ConfigError> {
  const isWhole = typeof businessDay === "number" && Number.isInteger(businessDay) && Math.abs(businessDay) <= 250;
  if (isWhole && (of === "weekEnding" ? businessDay >= 0 : businessDay !== 0)) return ok(businessDay);
  return err(
    scheduleInvalid(
      `\`businessDay\` is ${JSON.stringify(businessDay)}. Write a whole number: 1 is the first of a period, -1 the last; after a weekEnding, 0 or more.`,
    ),
  );
}

function triggerOf(nextWall: (after: WallMs) => WallMs | undefined, timeZone: string, policy: DaylightSaving): Trigger {
  return {
    timeZone,
    next(after) {
      const moment = nextMoment(nextWall, timeZone, policy, msOf(after));
      return moment === undefined ? undefined : instantOfMs(moment);
    },
  };
}

/** Local times of the due days. A period without such a business day has none. */
function seriesOf(
  period: Period,
  count: number,
  calendar: Calendar,
  timeMs: number,
): (after: WallMs) => WallMs | undefined {
  return (after) => {
    // A due day can lie past its period's end (T+2), so earlier periods come into question too.
    let start = period.startOf(addDays(plainDateAt(after), -400));
    for (let tries = 0; tries < 1000; tries += 1) {
      const day = period.dueIn(start, count, calendar);
      const wall = day === undefined ? undefined : Date.parse(`${day}T00:00:00Z`) + timeMs;
      if (wall !== undefined && wall > after) return wall;
      start = period.nextAfter(start);
    }
    return undefined;
  };
}

function monthsPeriod(months: number): Period {
  const nextAfter = (start: PlainDate): PlainDate => firstOfMonth(start, months);
  return {
    startOf: (date) => firstOfMonth(date, -((Number(date.slice(5, 7)) - 1) % months)),
    nextAfter,
    dueIn(start, count, calendar) {
      const day = countBusinessDays(calendar, count > 0 ? start : addDays(nextAfter(start), -1), count);
      return day !== undefined && day >= start && day < nextAfter(start) ? day : undefined;
    },
  };
}

/** The first of the month that lies `months` after a date's own. */
function firstOfMonth(date: PlainDate, months: number): PlainDate {
  const first = new Date(Date.UTC(Number(date.slice(0, 4)), Number(date.slice(5, 7)) - 1 + months, 1));
  return plainDateAt(first.getTime());
}
