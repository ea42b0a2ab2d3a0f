import { ConfigError } from "../errors/families.ts";
import { parseKey } from "../keys.ts";
import { addDays, isPlainDate, isWeekend, type PlainDate, type Weekday, weekdayOf } from "./business-date.ts";

/** Which days are business days: an exchange's, a settlement system's, a data vendor's. */
export interface Calendar {
  readonly name: string;
  isBusinessDay(date: PlainDate): boolean;
}

export interface CalendarDefinition {
  /** By which expectations name it: `XNYS`. */
  readonly name: string;
  /** Days on which nothing happens, `2025-12-25`; one on a weekend changes nothing. */
  readonly holidays: readonly string[];
  /** Days of the week on which nothing happens. @defaultValue Saturday and Sunday, `[6, 7]` */
  readonly weekend?: readonly Weekday[] | undefined;
}

/** Further than this from one business day to the next is no calendar but a mistake in one. */
const longestBreakDays = 366;

/** Monday to Friday, without holidays. */
export const weekdayCalendar: Calendar = Object.freeze({
  name: "weekdays",
  isBusinessDay: (date: PlainDate) => !isWeekend(date),
});

/**
 * Declares a calendar by its holidays. Throws on a mistake in program text (`KEY_INVALID`, `CONFIG_INVALID`).
 * @example
 * const nyse = defineCalendar({ name: "XNYS", holidays: ["2025-11-27", "2025-12-25"] });
 */
export function defineCalendar({ name, holidays, weekend = [6, 7] }: CalendarDefinition): Calendar {
  const key = parseKey("Calendar", name);
  if (key.isErr()) throw key.error;
  const wrong = holidays.find((holiday) => !isPlainDate(holiday));
  if (wrong !== undefined) {
    throw new ConfigError(
      `Calendar "${name}" has a holiday ${JSON.stringify(wrong)}, which is no date. Write YYYY-MM-DD.`,
    );
  }
  const closed = new Set<number>(weekend);
  if (weekend.some((day) => !Number.isInteger(day) || day < 1 || day > 7)) {
    throw new ConfigError(
      `Calendar "${name}" has a weekend of ${weekend.join(", ")}. Days of the week are 1 (Monday) to 7.`,
    );
  }
  if (closed.size === 7) throw new ConfigError(`Calendar "${name}" has a weekend of seven days. Leave a business day.`);
  const days = new Set<string>(holidays);
  return Object.freeze({
    name,
    isBusinessDay: (date: PlainDate) => !closed.has(weekdayOf(date)) && !days.has(date),
  });
}

/** The first business day after a date. */
export function nextBusinessDay(date: PlainDate, calendar: Calendar): PlainDate {
  return step(date, 1, calendar);
}

/** The last business day before a date. */
export function previousBusinessDay(date: PlainDate, calendar: Calendar): PlainDate {
  return step(date, -1, calendar);
}

/**
 * The date `count` business days later (negative: earlier); the date itself for 0, business day or not. One business day after a Saturday
 * is the Monday, as it is after the Friday. Throws `CONFIG_INVALID` for a calendar without a business day in a year.
 */
export function addBusinessDays(date: PlainDate, count: number, calendar: Calendar): PlainDate {
  const direction = count < 0 ? -1 : 1;
  let day = date;
  for (let left = Math.abs(count); left > 0; left -= 1) day = step(day, direction, calendar);
  return day;
}

/** The business days from `from` to `to`, both included; empty when they are the wrong way round. */
export function businessDaysBetween(from: PlainDate, to: PlainDate, calendar: Calendar): readonly PlainDate[] {
  const days: PlainDate[] = [];
  for (let day = from; day <= to; day = addDays(day, 1)) if (calendar.isBusinessDay(day)) days.push(day);
  return days;
}

function step(date: PlainDate, direction: 1 | -1, calendar: Calendar): PlainDate {
  for (let distance = 1; distance <= longestBreakDays; distance += 1) {
    const day = addDays(date, direction * distance);
    if (calendar.isBusinessDay(day)) return day;
  }
  const where = direction === 1 ? "after" : "before";
  throw new ConfigError(
    `Calendar "${calendar.name}" has no business day in the ${longestBreakDays} days ${where} ${date}. Correct the calendar.`,
  );
}
