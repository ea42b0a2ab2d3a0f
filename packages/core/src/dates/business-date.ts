import { ValidationError } from "../errors/families.ts";
import { err, ok, type Result } from "../result.ts";

declare const plainDateBrand: unique symbol;

/** A calendar day without time or zone, `2025-06-06`. Business dates are always these and never a Date. Text order is day order. */
export type PlainDate = string & { readonly [plainDateBrand]: true };

/** ISO 8601: Monday is 1, Sunday is 7. */
export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7;

const form = /^(\d{4})-(\d{2})-(\d{2})$/;
const dayMs = 86_400_000;
const names = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"] as const;

/** Reads `YYYY-MM-DD` of a day that exists (years 0001–9999); fails with `DATE_INVALID`. */
export function parsePlainDate(text: string): Result<PlainDate, ValidationError> {
  const epochDay = form.test(text) && !text.startsWith("0000") ? Date.parse(`${text}T00:00:00Z`) / dayMs : Number.NaN;
  if (Number.isInteger(epochDay) && fromEpochDay(epochDay) === text) return ok(text as PlainDate);
  return err(
    new ValidationError(`"${text}" is not a calendar date. Write it as YYYY-MM-DD, such as 2025-06-06.`, {
      code: "DATE_INVALID",
      value: text,
    }),
  );
}

/** For literals in program text: the date, or throws `DATE_INVALID`. */
export function plainDate(text: string): PlainDate {
  const parsed = parsePlainDate(text);
  if (parsed.isErr()) throw parsed.error;
  return parsed.value;
}

export function isPlainDate(value: unknown): value is PlainDate {
  return typeof value === "string" && parsePlainDate(value).isOk();
}

/** The day `days` after (negative: before) a date. Throws RangeError outside the years 0001–9999. */
export function addDays(date: PlainDate, days: number): PlainDate {
  const result = fromEpochDay(toEpochDay(date) + days);
  if (!form.test(result) || result.startsWith("0000"))
    throw new RangeError(`${date} plus ${days} days is outside the years 0001 to 9999.`);
  return result;
}

/** Days from `from` to `to`; negative when `to` lies before. */
export function daysBetween(from: PlainDate, to: PlainDate): number {
  return toEpochDay(to) - toEpochDay(from);
}

export function weekdayOf(date: PlainDate): Weekday {
  // 1970-01-01 was a Thursday (4).
  return (((((toEpochDay(date) + 3) % 7) + 7) % 7) + 1) as Weekday;
}

export function weekdayName(date: PlainDate): (typeof names)[number] {
  return names[weekdayOf(date) - 1] ?? "Monday";
}

/** Monday to Friday; holidays are a calendar's business. */
export function isWeekend(date: PlainDate): boolean {
  return weekdayOf(date) > 5;
}

/** The calendar day of an instant in a time zone. @defaultValue zone UTC */
export function plainDateAt(epochMs: number, timeZone = "UTC"): PlainDate {
  if (timeZone === "UTC") return fromEpochDay(Math.floor(epochMs / dayMs));
  // The Swedish locale writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short" }).format(epochMs) as PlainDate;
}

/*
 * Days since 1970-01-01 and back by integer arithmetic, in the proleptic Gregorian calendar: Howard Hinnant's days_from_civil and
 * civil_from_days (howardhinnant.github.io/date_algorithms.html). Plans over years of dates take a fraction of what they cost by way of Date.
 */

const daysOfEra = 146_097;
/** From 0000-03-01, where eras of 400 years begin, to 1970-01-01. */
const epochOffset = 719_468;

function toEpochDay(date: PlainDate): number {
  const month = Number(date.slice(5, 7));
  const year = Number(date.slice(0, 4)) - (month <= 2 ? 1 : 0);
  const era = Math.floor(year / 400);
  const yearOfEra = year - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + Number(date.slice(8, 10)) - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * daysOfEra + dayOfEra - epochOffset;
}

function fromEpochDay(epochDay: number): PlainDate {
  const shifted = epochDay + epochOffset;
  const era = Math.floor(shifted / daysOfEra);
  const dayOfEra = shifted - era * daysOfEra;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  // The form of ISO 8601 for other years is not that of a PlainDate, and callers look for that.
  if (year < 0 || year > 9999) return new Date(epochDay * dayMs).toISOString().slice(0, 10) as PlainDate;
  return `${digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)}` as PlainDate;
}

function digits(value: number, length: number): string {
  return String(value).padStart(length, "0");
}
