import { ValidationError } from "../errors/families.ts";
import { err, ok, type Result } from "../result.ts";
import { addDays, parsePlainDate, plainDateAt, type PlainDate, weekdayName, weekdayOf } from "./business-date.ts";
import type { Clock } from "../time.ts";

declare const weekEndingBrand: unique symbol;

/** The Friday that names a week of trading. Only a Friday can be one, so weeks can be compared and counted as text and days. */
export type WeekEnding = PlainDate & { readonly [weekEndingBrand]: true };

const friday = 5;

/** Reads a Friday; any other day fails with `WEEK_ENDING_NOT_FRIDAY`, naming the weekday and the nearest Friday. */
export function parseWeekEnding(text: string): Result<WeekEnding, ValidationError> {
  return parsePlainDate(text).andThen((date) => {
    if (weekdayOf(date) === friday) return ok(date as WeekEnding);
    return err(
      new ValidationError(
        `A week ending must be Friday, but ${date} is a ${weekdayName(date)}. Nearest Friday: ${nearestFriday(date)}.`,
        { code: "WEEK_ENDING_NOT_FRIDAY", value: text },
      ),
    );
  });
}

/** For literals in program text: the week ending, or throws. */
export function weekEnding(text: string): WeekEnding {
  const parsed = parseWeekEnding(text);
  if (parsed.isErr()) throw parsed.error;
  return parsed.value;
}

/** The Friday of the week a day belongs to. Saturday and Sunday belong to the week that follows (the earlier system's rule). */
export function weekEndingOf(date: PlainDate): WeekEnding {
  return addDays(date, (friday - weekdayOf(date) + 7) % 7) as WeekEnding;
}

/**
 * The last Friday strictly before a day: how the earlier system told the week of a file from its publication date (a Friday
 * gives the one before).
 */
export function fridayBefore(date: PlainDate): WeekEnding {
  const back = (weekdayOf(date) - friday + 7) % 7;
  return addDays(date, back === 0 ? -7 : -back) as WeekEnding;
}

/** The week ending `weeks` later (negative: earlier). */
export function addWeeks(week: WeekEnding, weeks: number): WeekEnding {
  return addDays(week, weeks * 7) as WeekEnding;
}

/** `size` consecutive week endings, oldest first, the last one being `week`. */
export function weekWindow(week: WeekEnding, size: number): readonly WeekEnding[] {
  return Array.from({ length: size }, (_, index) => addWeeks(week, index - size + 1));
}

/** All week endings from `from` to `to`, both included; empty when they are the wrong way round. */
export function weekRange(from: WeekEnding, to: WeekEnding): readonly WeekEnding[] {
  const weeks: WeekEnding[] = [];
  for (let week = from; week <= to; week = addWeeks(week, 1)) weeks.push(week);
  return weeks;
}

/** The week ending of today in UTC, which may lie in the future. */
export function currentWeekEnding(clock: Clock): WeekEnding {
  return weekEndingOf(plainDateAt(clock.nowMs()));
}

function nearestFriday(date: PlainDate): PlainDate {
  const ahead = (friday - weekdayOf(date) + 7) % 7;
  return addDays(date, ahead <= 3 ? ahead : ahead - 7);
}
