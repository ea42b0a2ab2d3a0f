import {
  addWeeks,
  currentWeekEnding,
  fridayBefore,
  parseWeekEnding,
  plainDate,
  weekEnding,
  weekEndingOf,
  weekRange,
  weekWindow,
} from "@spine/core";
import { fakeClock } from "@spine/testkit";
import { describe, expect, test } from "vitest";

describe("a week ending", () => {
  test("is a Friday", () => {
    expect(parseWeekEnding("2025-11-14")._unsafeUnwrap()).toBe("2025-11-14");
  });

  test.for([
    ["2025-11-13", "Thursday", "2025-11-14"],
    ["2025-11-11", "Tuesday", "2025-11-14"],
    ["2025-11-10", "Monday", "2025-11-07"],
    ["2025-11-15", "Saturday", "2025-11-14"],
    ["2025-11-16", "Sunday", "2025-11-14"],
  ] as const)("is not %s, a %s; the nearest is %s", ([text, weekday, nearest]) => {
    const error = parseWeekEnding(text)._unsafeUnwrapErr();
    expect(error.code).toBe("WEEK_ENDING_NOT_FRIDAY");
    expect(error.message).toBe(
      `A week ending must be Friday, but ${text} is a ${weekday}. Nearest Friday: ${nearest}.`,
    );
    expect(() => weekEnding(text)).toThrow("must be Friday");
  });

  test("is not a day that does not exist", () => {
    expect(parseWeekEnding("2025-02-30")._unsafeUnwrapErr().code).toBe("DATE_INVALID");
  });
});

test.for([
  ["2025-11-10", "2025-11-14"],
  ["2025-11-12", "2025-11-14"],
  ["2025-11-14", "2025-11-14"],
  ["2025-11-15", "2025-11-21"],
  ["2025-11-16", "2025-11-21"],
] as const)("%s belongs to the week ending %s", ([day, expected]) => {
  expect(weekEndingOf(plainDate(day))).toBe(expected);
});

test.for([
  ["2025-11-17", "2025-11-14"],
  ["2025-11-15", "2025-11-14"],
  ["2025-11-14", "2025-11-07"],
  ["2025-11-13", "2025-11-07"],
] as const)("the Friday before %s is %s", ([day, expected]) => {
  expect(fridayBefore(plainDate(day))).toBe(expected);
});

describe("several weeks", () => {
  const week = weekEnding("2026-01-09");

  test("later and earlier", () => {
    expect(addWeeks(week, 2)).toBe("2026-01-23");
    expect(addWeeks(week, -3)).toBe("2025-12-19");
  });

  test("a window ends with its week, oldest first", () => {
    expect(weekWindow(week, 6)).toEqual([
      "2025-12-05",
      "2025-12-12",
      "2025-12-19",
      "2025-12-26",
      "2026-01-02",
      "2026-01-09",
    ]);
    expect(weekWindow(week, 1)).toEqual([week]);
    expect(weekWindow(week, 0)).toEqual([]);
  });

  test("a range has both its ends", () => {
    expect(weekRange(weekEnding("2025-12-19"), week)).toEqual(["2025-12-19", "2025-12-26", "2026-01-02", "2026-01-09"]);
    expect(weekRange(week, week)).toEqual([week]);
    expect(weekRange(week, weekEnding("2025-12-19"))).toEqual([]);
  });
});

test("this week's ending may lie in the future", () => {
  expect(currentWeekEnding(fakeClock("2025-12-20T00:00:00Z"))).toBe("2025-12-26");
  expect(currentWeekEnding(fakeClock("2025-12-19T23:59:59Z"))).toBe("2025-12-19");
});
