import {
  addBusinessDays,
  addDays,
  businessDaysBetween,
  defineCalendar,
  nextBusinessDay,
  type PlainDate,
  plainDate,
  plainDateAt,
  previousBusinessDay,
  weekdayCalendar,
} from "@spine/core";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

const christmas = defineCalendar({ name: "XNYS", holidays: ["2025-12-25", "2026-01-01"] });
const dates = fc.integer({ min: 0, max: 40_000 }).map((day) => plainDateAt(day * 86_400_000));
const counts = fc.integer({ min: -60, max: 60 });
const calendars = fc
  .record({
    holidays: fc.array(dates, { maxLength: 40 }),
    weekend: fc.subarray([1, 2, 3, 4, 5, 6, 7] as const, { maxLength: 6 }),
  })
  .map(({ holidays, weekend }) => defineCalendar({ name: "some", holidays, weekend }));

describe("a calendar", () => {
  test("knows weekends and holidays", () => {
    const days = ["2025-12-24", "2025-12-25", "2025-12-26", "2025-12-27"].map(plainDate);
    expect(days.map(christmas.isBusinessDay)).toEqual([true, false, true, false]);
    expect(days.map(weekdayCalendar.isBusinessDay)).toEqual([true, true, true, false]);
  });

  test("may have another weekend", () => {
    const gulf = defineCalendar({ name: "XSAU", holidays: [], weekend: [5, 6] });
    expect(nextBusinessDay(plainDate("2025-12-18"), gulf)).toBe("2025-12-21");
  });

  test("steps over what is closed", () => {
    expect(nextBusinessDay(plainDate("2025-12-24"), christmas)).toBe("2025-12-26");
    expect(previousBusinessDay(plainDate("2026-01-02"), christmas)).toBe("2025-12-31");
    expect(addBusinessDays(plainDate("2025-12-24"), 5, christmas)).toBe("2026-01-02");
    expect(addBusinessDays(plainDate("2025-12-27"), 1, christmas)).toBe("2025-12-29");
    expect(addBusinessDays(plainDate("2025-12-27"), 0, christmas)).toBe("2025-12-27");
  });

  test.for([
    [{ name: "no name", holidays: [] }, "KEY_INVALID"],
    [{ name: "x", holidays: ["2025-02-30"] }, "CONFIG_INVALID"],
    [{ name: "x", holidays: [], weekend: [1, 2, 3, 4, 5, 6, 7] }, "CONFIG_INVALID"],
    [{ name: "x", holidays: [], weekend: [0] as never }, "CONFIG_INVALID"],
  ] as const)("%j is a mistake: %s", ([definition, code]) => {
    expect(() => defineCalendar(definition)).toThrow(expect.objectContaining({ code }));
  });

  test("without any business day is found out, not searched for ever", () => {
    const never = { name: "never", isBusinessDay: () => false };
    expect(() => nextBusinessDay(plainDate("2025-12-24"), never)).toThrow('Calendar "never" has no business day');
  });

  test("law: a step ends on a business day with none between", () => {
    fc.assert(
      fc.property(dates, calendars, (date, calendar) => {
        const next = nextBusinessDay(date, calendar);
        expect(businessDaysBetween(addDays(date, 1), next, calendar)).toEqual([next]);
        const previous = previousBusinessDay(date, calendar);
        expect(businessDaysBetween(previous, addDays(date, -1), calendar)).toEqual([previous]);
      }),
    );
  });

  test("law: days added one after the other, or at once", () => {
    fc.assert(
      fc.property(dates, fc.nat(40), fc.nat(40), calendars, (date, first, second, calendar) => {
        const stepwise = addBusinessDays(addBusinessDays(date, first, calendar), second, calendar);
        expect(stepwise).toBe(addBusinessDays(date, first + second, calendar));
      }),
    );
  });

  test("law: from a business day there and back again", () => {
    fc.assert(
      fc.property(dates, counts, calendars, (date, count, calendar) => {
        const day = nextBusinessDay(date, calendar);
        expect(addBusinessDays(addBusinessDays(day, count, calendar), -count, calendar)).toBe(day);
      }),
    );
  });

  test("law: a later day never comes out earlier", () => {
    fc.assert(
      fc.property(dates, fc.nat(30), counts, calendars, (date, later, count, calendar) => {
        // Zero leaves a closed day where it is, which steps from it do not.
        fc.pre(count !== 0);
        const after: PlainDate = addDays(date, later);
        expect(addBusinessDays(after, count, calendar) >= addBusinessDays(date, count, calendar)).toBe(true);
      }),
    );
  });
});
