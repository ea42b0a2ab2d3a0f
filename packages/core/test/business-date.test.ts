import {
  addDays,
  daysBetween,
  isPlainDate,
  isWeekend,
  parsePlainDate,
  plainDate,
  plainDateAt,
  weekdayName,
  weekdayOf,
} from "@spine/core";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

const date = fc.integer({ min: 0, max: 2_900_000 }).map((days) => addDays(plainDate("1970-01-01"), days));

describe("a plain date", () => {
  test.for(["2025-06-06", "2024-02-29", "0001-01-01", "9999-12-31", "1900-03-01"])("may be %s", (text) => {
    expect(parsePlainDate(text)._unsafeUnwrap()).toBe(text);
    expect(isPlainDate(text)).toBe(true);
  });

  test.for([
    "2025-02-29",
    "2025-13-01",
    "2025-00-10",
    "2025-06-31",
    "0000-01-01",
    "2025-6-6",
    "20250606",
    "2025-06-06T00:00:00Z",
    " 2025-06-06",
    "",
    "12025-06-06",
  ])("is never %j", (text) => {
    expect(parsePlainDate(text)._unsafeUnwrapErr()).toMatchObject({ code: "DATE_INVALID", value: text });
    expect(() => plainDate(text)).toThrow("not a calendar date");
    expect(isPlainDate(text)).toBe(false);
  });

  test("is text and nothing else", () => {
    expect(isPlainDate(new Date())).toBe(false);
    expect(isPlainDate(20250606)).toBe(false);
  });
});

describe("days", () => {
  test.for([
    ["2025-12-31", 1, "2026-01-01"],
    ["2024-02-28", 1, "2024-02-29"],
    ["2025-03-01", -1, "2025-02-28"],
    ["2025-06-06", 0, "2025-06-06"],
    ["2025-03-29", 2, "2025-03-31"],
  ] as const)("%s plus %i is %s", ([from, days, expected]) => {
    expect(addDays(plainDate(from), days)).toBe(expected);
  });

  test("outside the years 0001 to 9999 there are none", () => {
    expect(() => addDays(plainDate("9999-12-31"), 1)).toThrow(RangeError);
    expect(() => addDays(plainDate("0001-01-01"), -1)).toThrow(RangeError);
  });

  test("law: days are those of the machine's own calendar, over all years", () => {
    const first = Date.parse("0001-01-01T00:00:00Z") / 86_400_000;
    const last = Date.parse("9999-12-31T00:00:00Z") / 86_400_000;
    fc.assert(
      fc.property(fc.integer({ min: first, max: last }), (epochDay) => {
        const text = new Date(epochDay * 86_400_000).toISOString().slice(0, 10);
        expect(plainDateAt(epochDay * 86_400_000)).toBe(text);
        expect(daysBetween(plainDate("1970-01-01"), plainDate(text))).toBe(epochDay);
      }),
      { numRuns: 1000 },
    );
  });

  test("law: adding days and counting them are each other's inverse", () => {
    fc.assert(
      fc.property(date, fc.integer({ min: -700, max: 700 }), (from, days) => {
        expect(daysBetween(from, addDays(from, days))).toBe(days);
      }),
    );
  });
});

describe("weekdays", () => {
  test.for([
    ["1970-01-01", 4, "Thursday"],
    ["2025-06-06", 5, "Friday"],
    ["2025-06-07", 6, "Saturday"],
    ["2025-06-08", 7, "Sunday"],
    ["2025-06-09", 1, "Monday"],
    ["0001-01-01", 1, "Monday"],
    ["1969-12-31", 3, "Wednesday"],
  ] as const)("%s is day %i, a %s", ([text, day, name]) => {
    expect(weekdayOf(plainDate(text))).toBe(day);
    expect(weekdayName(plainDate(text))).toBe(name);
    expect(isWeekend(plainDate(text))).toBe(day > 5);
  });
});

describe("the day of an instant", () => {
  const lateEvening = Date.UTC(2025, 11, 19, 23, 30);

  test.for([
    [undefined, "2025-12-19"],
    ["UTC", "2025-12-19"],
    ["Europe/Warsaw", "2025-12-20"],
    ["America/New_York", "2025-12-19"],
    ["Pacific/Kiritimati", "2025-12-20"],
  ] as const)("in %s is %s", ([timeZone, expected]) => {
    expect(plainDateAt(lateEvening, timeZone)).toBe(expected);
  });

  test("before 1970 is found too", () => {
    expect(plainDateAt(-1)).toBe("1969-12-31");
  });
});
