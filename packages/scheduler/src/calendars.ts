import { addBusinessDays, addDays, type Calendar, type PlainDate, weekdayCalendar } from "@spine/core";

/** Calendars by name; `weekdays`, which knows no holidays, is always there. */
export type Calendars = ReadonlyMap<string, Calendar>;

export function calendarsByName(calendars: readonly Calendar[]): Calendars {
  return new Map([weekdayCalendar, ...calendars].map((calendar) => [calendar.name, calendar]));
}

/** Stand-ins for calendars of which only the names are known, to check definitions with. */
export function calendarsNamed(names: readonly string[]): Calendars {
  return calendarsByName(names.map((name) => ({ ...weekdayCalendar, name })));
}

/** The n-th business day counted from a day, which is number 1 if it is one itself; negative counts back from it. */
export function countBusinessDays(calendar: Calendar, from: PlainDate, count: number): PlainDate {
  return addBusinessDays(addDays(from, count > 0 ? -1 : 1), count, calendar);
}
