import { addBusinessDays, businessDaysBetween, type Calendar } from "../dates/calendar.ts";
import { addDays, isPlainDate, type PlainDate, weekdayName } from "../dates/business-date.ts";

export type WeekdayName = "Monday" | "Tuesday" | "Wednesday" | "Thursday" | "Friday" | "Saturday" | "Sunday";

/** A date whose partition has a text of its own: `{ date: "2025-03-31", partition: "2025-Q1" }`. */
export interface NamedDate {
  readonly date: string;
  readonly partition: string;
}

export interface DateRange {
  /** First day, included. */
  readonly from: PlainDate;
  /** Last day, included. */
  readonly to: PlainDate;
  readonly calendar: Calendar;
}

/**
 * Which business dates there are. `{ month: 31 }` means the last day of a shorter month. A function is a frequency of one's own: it gives
 * the dates of a range, any order, and may give more than those.
 */
export type Frequency =
  | "day"
  | "business-day"
  | { readonly week: WeekdayName }
  | { readonly month: "first-day" | "last-day" | "first-business-day" | "last-business-day" | number }
  | { readonly dates: readonly (string | NamedDate)[] }
  | ((range: DateRange) => Iterable<string | NamedDate>);

/** A business date, and how its partition calls it: mostly like the date. */
export interface DatedLabel {
  readonly date: PlainDate;
  readonly label: string;
}

const weekdays: readonly string[] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const monthWords: readonly unknown[] = ["first-day", "last-day", "first-business-day", "last-business-day"];

/** The dates of a frequency in a range, each once, oldest first. Throws what a function of the user's throws, or TypeError for what is no date. */
export function datesIn(frequency: Frequency, range: DateRange): readonly DatedLabel[] {
  if (range.from > range.to) return [];
  if (typeof frequency === "function") return listed(frequency(range), range);
  if (frequency === "day") return daysBetween(range.from, range.to, 1).map(asLabel);
  if (frequency === "business-day") return businessDaysBetween(range.from, range.to, range.calendar).map(asLabel);
  if ("dates" in frequency) return listed(frequency.dates, range);
  if ("week" in frequency) return daysBetween(firstOn(frequency.week, range.from), range.to, 7).map(asLabel);
  return monthsIn(range)
    .map((month) => dayOfMonth(month, frequency.month, range.calendar))
    .filter((date) => date >= range.from && date <= range.to)
    .map(asLabel);
}

export function frequencyMistake(frequency: Frequency): string | undefined {
  if (typeof frequency === "function" || frequency === "day" || frequency === "business-day") return undefined;
  if (typeof frequency !== "object")
    return `has the frequency ${JSON.stringify(frequency)}. Use "day", "business-day", { week }, { month }, { dates } or a function.`;
  if ("dates" in frequency) {
    const wrong = frequency.dates.find((entry) => !isPlainDate(dateOf(entry)));
    if (frequency.dates.length === 0) return "has a list without dates. List them.";
    return wrong === undefined ? undefined : `lists ${JSON.stringify(wrong)}, which is no date. Write YYYY-MM-DD.`;
  }
  if ("week" in frequency)
    return weekdays.includes(frequency.week)
      ? undefined
      : `has the weekday ${JSON.stringify(frequency.week)}. Write it like "Friday".`;
  const { month } = frequency;
  const isDay = typeof month === "number" && Number.isInteger(month) && month >= 1 && month <= 31;
  return isDay || monthWords.includes(month)
    ? undefined
    : `has the day of the month ${JSON.stringify(month)}. Use 1 to 31, or ${monthWords.join(", ")}.`;
}

function listed(entries: Iterable<string | NamedDate>, { from, to }: DateRange): readonly DatedLabel[] {
  const byLabel = new Map<string, DatedLabel>();
  for (const entry of entries) {
    const date = dateOf(entry);
    if (!isPlainDate(date))
      throw new TypeError(`A frequency gave ${JSON.stringify(entry)}, which is no date. Give YYYY-MM-DD.`);
    const label = typeof entry === "string" ? date : entry.partition;
    if (date >= from && date <= to && !byLabel.has(label)) byLabel.set(label, { date, label });
  }
  return [...byLabel.values()].toSorted((left, right) =>
    left.date === right.date ? order(left.label, right.label) : order(left.date, right.date),
  );
}

function order(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function dateOf(entry: string | NamedDate): string {
  return typeof entry === "string" ? entry : entry.date;
}

function asLabel(date: PlainDate): DatedLabel {
  return { date, label: date };
}

function daysBetween(from: PlainDate, to: PlainDate, step: number): readonly PlainDate[] {
  const dates: PlainDate[] = [];
  for (let date = from; date <= to; date = addDays(date, step)) dates.push(date);
  return dates;
}

function firstOn(week: WeekdayName, from: PlainDate): PlainDate {
  return addDays(from, (weekdays.indexOf(week) - weekdays.indexOf(weekdayName(from)) + 7) % 7);
}

/** The first days of the months that a range touches. */
function monthsIn({ from, to }: DateRange): readonly PlainDate[] {
  const months: PlainDate[] = [];
  for (let month = firstOfMonth(from); month <= to; month = nextMonth(month)) months.push(month);
  return months;
}

function firstOfMonth(date: PlainDate): PlainDate {
  return `${date.slice(0, 8)}01` as PlainDate;
}

function nextMonth(first: PlainDate): PlainDate {
  return firstOfMonth(addDays(first, 31));
}

function dayOfMonth(
  first: PlainDate,
  day: "first-day" | "last-day" | "first-business-day" | "last-business-day" | number,
  calendar: Calendar,
): PlainDate {
  const next = nextMonth(first);
  switch (day) {
    case "first-day":
      return first;
    case "last-day":
      return addDays(next, -1);
    case "first-business-day":
      return addBusinessDays(addDays(first, -1), 1, calendar);
    case "last-business-day":
      return addBusinessDays(next, -1, calendar);
    default: {
      const date = addDays(first, day - 1);
      return date < next ? date : addDays(next, -1);
    }
  }
}
