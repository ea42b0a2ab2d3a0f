import { addDays, err, isWeekend, ok, parsePlainDate, type PlainDate, type Result, type SpineError } from "@spine/core";

/** Days on which business is done: every day but Saturday, Sunday and the holidays. */
export interface BusinessCalendar {
  readonly name: string;
  isBusinessDay(date: PlainDate): boolean;
}

/** Calendars by name; `weekdays`, which knows no holidays, is always there. */
export type Calendars = ReadonlyMap<string, BusinessCalendar>;

/** Holidays by the calendar's name: `{ nyse: ["2025-12-25"] }`. */
export type CalendarHolidays = Readonly<Record<string, readonly string[]>>;

/** Fails with `DATE_INVALID`. */
export function createCalendars(holidays: CalendarHolidays = {}): Result<Calendars, SpineError> {
  const calendars = new Map<string, BusinessCalendar>();
  for (const [name, dates] of Object.entries({ weekdays: [], ...holidays })) {
    const closed = new Set<PlainDate>();
    for (const date of dates) {
      const parsed = parsePlainDate(date);
      if (parsed.isErr()) return err(parsed.error.withContext({ calendar: name }));
      closed.add(parsed.value);
    }
    calendars.set(name, { name, isBusinessDay: (date) => !isWeekend(date) && !closed.has(date) });
  }
  return ok(calendars);
}

/** The n-th business day counted from a day, which is number 1 if it is one itself; negative counts back from it. */
export function countBusinessDays(
  { isBusinessDay }: BusinessCalendar,
  from: PlainDate,
  count: number,
): PlainDate | undefined {
  const step = Math.sign(count);
  let left = Math.abs(count);
  // A calendar with a year of holidays in a row is a mistake, not a reason to look for ever.
  for (let date = from, days = 0; days < 366 + Math.abs(count) * 8; date = addDays(date, step), days += 1) {
    if (isBusinessDay(date)) left -= 1;
    if (left === 0) return date;
  }
  return undefined;
}
