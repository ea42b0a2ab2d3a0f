import { addBusinessDays, type Calendar } from "../dates/calendar.ts";
import { daysBetween, plainDate, type PlainDate, plainDateAt } from "../dates/business-date.ts";
import { type Instant, instantOfMs } from "../time.ts";

/** A length of time in the units people agree on; they add up. */
export interface Delay {
  readonly days?: number | undefined;
  readonly weeks?: number | undefined;
  /** Days of the expectation's calendar. */
  readonly businessDays?: number | undefined;
  /** Whole ones, or a part of one: 0.5. */
  readonly hours?: number | undefined;
}

export const noDelay: Delay = Object.freeze({});

const epoch = plainDate("1970-01-01");
const dayMs = 86_400_000;
const hourMs = 3_600_000;

/**
 * The instant a delay after another: weeks and days first, then business days, then hours; the first two keep the time of the day. A later
 * instant of the same time of day never comes out earlier than an earlier one.
 */
function delayed(
  fromMs: number,
  { days = 0, weeks = 0, businessDays = 0, hours = 0 }: Delay,
  calendar: Calendar,
): number {
  const moved = fromMs + (weeks * 7 + days) * dayMs;
  if (businessDays === 0) return moved + hours * hourMs;
  const timeOfDayMs = ((moved % dayMs) + dayMs) % dayMs;
  const day = addBusinessDays(plainDateAt(moved), businessDays, calendar);
  return startOf(day) + timeOfDayMs + hours * hourMs;
}

/** Length without a calendar. */
export function lengthMs({ days = 0, weeks = 0, hours = 0 }: Omit<Delay, "businessDays">): number {
  return (weeks * 7 + days) * dayMs + hours * hourMs;
}

/** The beginning of a day in UTC, in milliseconds since 1970. */
function startOf(date: PlainDate): number {
  return daysBetween(epoch, date) * dayMs;
}

/** When a partition of a business date is due, and when it is late: 00:00 UTC of the date, plus lag; that plus grace. */
export function deadlinesOf(
  date: PlainDate,
  { lag, grace }: { readonly lag: Delay; readonly grace: Delay },
  calendar: Calendar,
): { readonly dueAt: Instant; readonly lateAt: Instant } {
  const dueMs = delayed(startOf(date), lag, calendar);
  return { dueAt: instantAt(dueMs), lateAt: instantAt(delayed(dueMs, grace, calendar)) };
}

/** Most deadlines lie at midnight, whose text needs no Date. */
function instantAt(epochMs: number): Instant {
  return epochMs % dayMs === 0 ? (`${plainDateAt(epochMs)}T00:00:00.000Z` as Instant) : instantOfMs(epochMs);
}

export function delayMistake(field: string, delay: Delay | undefined): string | undefined {
  if (delay === undefined) return undefined;
  const { days = 0, weeks = 0, businessDays = 0, hours = 0 } = delay;
  const whole = [days, weeks, businessDays].every((count) => Number.isSafeInteger(count) && count >= 0);
  if (whole && Number.isFinite(hours) && hours >= 0 && days + weeks * 7 + businessDays <= 36_600) return undefined;
  return `has a ${field} that is no length of time. Pass whole days, weeks and businessDays, and hours, from 0 to a hundred years.`;
}
