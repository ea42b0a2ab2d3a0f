import {
  addDays,
  daysBetween,
  defineCalendar,
  defineExpectation,
  type ExpectationDefinition,
  expectedPartitions,
  type Frequency,
  isExpectation,
  isPlainDate,
  lintExpectation,
  paramsFor,
  partitionParts,
  plainDate,
  plainDateAt,
  weekdayCalendar,
} from "@spine/core";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

const daily: ExpectationDefinition = {
  name: "prices.daily",
  domain: "prices",
  stages: [{ stage: "INGEST", tier: "BRONZE" }],
  frequency: "day",
  start: "2025-12-01",
};

const weekly: ExpectationDefinition = {
  ...daily,
  name: "finra.otc.weekly",
  frequency: { week: "Friday" },
  dateKey: "week",
  dimensions: { tier: ["T1", "OTC"] },
};

function partitionsOf(given: Partial<ExpectationDefinition>, from: string, to: string): readonly string[] {
  const expectation = defineExpectation({ ...daily, ...given });
  return expectedPartitions(expectation, { from: plainDate(from), to: plainDate(to) }).map(
    ({ partition }) => partition,
  );
}

describe("what is expected", () => {
  test.for([
    ["day", "2025-12-05", "2025-12-08", ["2025-12-05", "2025-12-06", "2025-12-07", "2025-12-08"]],
    ["business-day", "2025-12-05", "2025-12-08", ["2025-12-05", "2025-12-08"]],
    [{ week: "Friday" }, "2025-12-06", "2025-12-26", ["2025-12-12", "2025-12-19", "2025-12-26"]],
    [{ month: "first-day" }, "2025-12-01", "2026-02-28", ["2025-12-01", "2026-01-01", "2026-02-01"]],
    [{ month: "last-day" }, "2025-12-01", "2026-02-28", ["2025-12-31", "2026-01-31", "2026-02-28"]],
    [
      { month: "first-business-day" },
      "2025-12-01",
      "2026-03-31",
      ["2025-12-01", "2026-01-01", "2026-02-02", "2026-03-02"],
    ],
    [{ month: "last-business-day" }, "2025-12-01", "2026-02-28", ["2025-12-31", "2026-01-30", "2026-02-27"]],
    [{ month: 15 }, "2025-12-16", "2026-02-28", ["2026-01-15", "2026-02-15"]],
    [{ month: 31 }, "2025-12-01", "2026-02-28", ["2025-12-31", "2026-01-31", "2026-02-28"]],
    [
      { dates: ["2026-02-01", "2026-01-01", "2026-01-01", "2027-01-01"] },
      "2025-12-01",
      "2026-12-31",
      ["2026-01-01", "2026-02-01"],
    ],
    [{ dates: [{ date: "2025-12-31", partition: "2025-Q4" }] }, "2025-12-01", "2026-12-31", ["2025-Q4"]],
  ] as const)("of %j from %s to %s", ([frequency, from, to, partitions]) => {
    expect(partitionsOf({ frequency }, from, to)).toEqual(partitions);
  });

  test("may follow a frequency of one's own, which may give more than was asked for", () => {
    const quarters = (): readonly string[] => ["2026-06-30", "2026-03-31", "2025-12-31"];
    expect(partitionsOf({ frequency: quarters }, "2025-12-01", "2026-03-31")).toEqual(["2025-12-31", "2026-03-31"]);
    expect(() => partitionsOf({ frequency: () => ["2026-02-30"] }, "2025-12-01", "2026-03-31")).toThrow(
      expect.objectContaining({ code: "EXPECTATION_INVALID" }),
    );
  });

  test("begins and ends with the expectation", () => {
    const given = { start: "2025-12-03", end: "2025-12-04" };
    expect(partitionsOf(given, "2025-01-01", "2026-12-31")).toEqual(["2025-12-03", "2025-12-04"]);
    expect(partitionsOf(given, "2025-12-05", "2025-12-09")).toEqual([]);
    expect(partitionsOf(given, "2025-12-04", "2025-12-03")).toEqual([]);
  });

  test("is one partition for each combination of dimensions", () => {
    const dimensions = { tier: ["T1", "OTC"], venue: ["A", "B"] };
    expect(partitionsOf({ ...weekly, dimensions }, "2025-12-12", "2025-12-12")).toEqual([
      "tier=T1/venue=A/week=2025-12-12",
      "tier=T1/venue=B/week=2025-12-12",
      "tier=OTC/venue=A/week=2025-12-12",
      "tier=OTC/venue=B/week=2025-12-12",
    ]);
    expect(partitionsOf({ dateKey: "day" }, "2025-12-12", "2025-12-12")).toEqual(["day=2025-12-12"]);
  });

  test.for([
    [{}, {}, "2025-12-12T00:00:00.000Z", "2025-12-12T00:00:00.000Z"],
    [{ weeks: 4 }, { days: 2 }, "2026-01-09T00:00:00.000Z", "2026-01-11T00:00:00.000Z"],
    [{ days: 1, hours: 18 }, { hours: 6.5 }, "2025-12-13T18:00:00.000Z", "2025-12-14T00:30:00.000Z"],
    [{ businessDays: 1, hours: 9 }, { businessDays: 1 }, "2025-12-15T09:00:00.000Z", "2025-12-16T09:00:00.000Z"],
    [{ days: 1, businessDays: 1 }, {}, "2025-12-15T00:00:00.000Z", "2025-12-15T00:00:00.000Z"],
  ] as const)("with lag %j and grace %j is due at %s and late at %s", ([lag, grace, dueAt, lateAt]) => {
    const expectation = defineExpectation({ ...daily, lag, grace });
    const date = plainDate("2025-12-12");
    expect(expectedPartitions(expectation, { from: date, to: date })).toMatchObject([{ dueAt, lateAt }]);
  });

  test("counts business days by the calendar", () => {
    const calendar = defineCalendar({ name: "XNYS", holidays: ["2025-12-25"] });
    const expectation = defineExpectation({
      ...daily,
      frequency: "business-day",
      calendar: "XNYS",
      lag: { businessDays: 1 },
    });
    const found = expectedPartitions(expectation, {
      from: plainDate("2025-12-24"),
      to: plainDate("2025-12-26"),
      calendar,
    });
    expect(found.map(({ date, dueAt }) => [date, dueAt.slice(0, 10)])).toEqual([
      ["2025-12-24", "2025-12-26"],
      ["2025-12-26", "2025-12-29"],
    ]);
  });

  const frequencies = fc.constantFrom<Frequency>(
    "day",
    "business-day",
    { week: "Monday" },
    { week: "Sunday" },
    { month: "first-business-day" },
    { month: "last-day" },
    { month: 30 },
  );
  const delays = fc.record({ days: fc.nat(9), weeks: fc.nat(3), businessDays: fc.nat(5), hours: fc.nat(72) });
  const days = fc.integer({ min: 0, max: 30_000 }).map((day) => plainDateAt(day * 86_400_000));

  test("law: dates are in order and in range, deadlines never go back, and partitions are all different", () => {
    fc.assert(
      fc.property(frequencies, delays, delays, days, fc.nat(400), (frequency, lag, grace, from, length) => {
        const to = addDays(from, length);
        const expectation = defineExpectation({ ...weekly, frequency, lag, grace, start: "1970-01-01" });
        const found = expectedPartitions(expectation, { from, to });
        for (const [index, { date, dueAt, lateAt, dimensions, partition }] of found.entries()) {
          const before = found[index - 1];
          expect(isPlainDate(date) && date >= from && date <= to && lateAt >= dueAt && dueAt.slice(0, 10) >= date).toBe(
            true,
          );
          expect(
            before === undefined || (before.date <= date && before.dueAt <= dueAt && before.lateAt <= lateAt),
          ).toBe(true);
          expect(partitionParts(partition)).toEqual({ ...dimensions, week: date });
        }
        expect(new Set(found.map(({ partition }) => partition)).size).toBe(found.length);
      }),
    );
  });

  test("law: a range is the sum of its parts", () => {
    fc.assert(
      fc.property(frequencies, days, fc.nat(200), fc.nat(200), (frequency, from, first, second) => {
        const expectation = defineExpectation({ ...weekly, frequency, start: "1970-01-01" });
        const middle = addDays(from, first);
        const to = addDays(middle, second + 1);
        const left = expectedPartitions(expectation, { from, to: middle });
        const right = expectedPartitions(expectation, { from: addDays(middle, 1), to });
        expect([...left, ...right]).toEqual(expectedPartitions(expectation, { from, to }));
      }),
    );
  });

  test("law: every business day is expected daily, and no other", () => {
    fc.assert(
      fc.property(days, fc.nat(60), (from, length) => {
        const to = addDays(from, length);
        const expectation = defineExpectation({ ...daily, frequency: "business-day", start: "1970-01-01" });
        const expected = Array.from({ length: daysBetween(from, to) + 1 }, (_, index) => addDays(from, index));
        expect(expectedPartitions(expectation, { from, to }).map(({ date }) => date)).toEqual(
          expected.filter(weekdayCalendar.isBusinessDay),
        );
      }),
    );
  });
});

describe("an expectation", () => {
  test("is frozen data with what it did not say filled in", () => {
    const expectation = defineExpectation(daily);
    expect(isExpectation(expectation)).toBe(true);
    expect(Object.isFrozen(expectation)).toBe(true);
    expect(expectation).toMatchObject({
      calendar: "weekdays",
      dimensions: {},
      requires: [],
      lag: {},
      grace: {},
      start: "2025-12-01",
    });
    expect(JSON.parse(JSON.stringify(expectation))).toMatchObject({ name: "prices.daily", frequency: "day" });
  });

  test.for([
    [{ name: "the prices" }, "is not a valid key"],
    [{ domain: " " }, "has no domain"],
    [{ stages: [] }, "has no stages"],
    [
      {
        stages: [
          { stage: "A", tier: "X" },
          { stage: "A", tier: "Y" },
        ],
      },
      'names stage "A" twice',
    ],
    [{ start: "2025-02-30" }, "no date"],
    [{ end: "soon" }, "no date"],
    [{ end: "2025-11-30" }, "before it starts"],
    [{ frequency: "hour" as never }, '"hour"'],
    [{ frequency: { week: "Fri" as never } }, '"Fri"'],
    [{ frequency: { month: 32 } }, "32"],
    [{ frequency: { month: "middle" as never } }, '"middle"'],
    [{ frequency: { dates: [] } }, "without dates"],
    [{ frequency: { dates: ["2025-13-01"] } }, "2025-13-01"],
    [{ lag: { days: -1 } }, "lag that is no length of time"],
    [{ grace: { hours: Number.NaN } }, "grace that is no length of time"],
    [{ maxAge: { days: 0.5 } }, "maxAge that is no length of time"],
    [{ dimensions: { tier: ["A"] } }, "no dateKey"],
    [{ dateKey: "week", dimensions: { week: ["A"] } }, "same name as its date"],
    [{ dateKey: "week", dimensions: { date: ["A"] } }, "Rename it"],
    [{ dateKey: "week", dimensions: { tier: [] } }, 'no values for dimension "tier"'],
    [{ dateKey: "week", dimensions: { tier: ["A", "A"] } }, "twice"],
    [{ requires: ["prices.daily"] }, "requires itself"],
    [{ produce: { run: "" } }, "what `produce` runs"],
    [{ produce: { run: "x", params: { day: "{{ day }}" } } }, "{{ day }}"],
    [{ produce: { run: "x", params: { at: new Date(0) as never } } }, "not JSON"],
  ] as const)("with %j is a mistake: %s", ([given, text]) => {
    const define = (): unknown => defineExpectation({ ...daily, ...given });
    expect(define).toThrow(text);
    expect(define).toThrow(expect.objectContaining({ category: "CONFIG" }));
  });

  test("says with what parameters a partition is made", () => {
    const expectation = defineExpectation({
      ...weekly,
      produce: {
        run: "finra.weekly_refresh",
        params: {
          week: "{{ date }}",
          tier: "{{tier}}",
          file: ["in/{{ week }}/{{ tier }}.psv"],
          key: "{{ partition }}",
          limit: 3,
        },
      },
    });
    const [first] = expectedPartitions(expectation, { to: plainDate("2025-12-05") });
    expect(first === undefined ? undefined : paramsFor(expectation, first)._unsafeUnwrap()).toEqual({
      week: "2025-12-05",
      tier: "T1",
      file: ["in/2025-12-05/T1.psv"],
      key: "tier=T1/week=2025-12-05",
      limit: 3,
    });
  });

  test("that does not say what makes it has no parameters", () => {
    const expectation = defineExpectation(daily);
    const [first] = expectedPartitions(expectation, { to: plainDate("2025-12-05") });
    expect(first === undefined ? undefined : paramsFor(expectation, first)._unsafeUnwrapErr().code).toBe(
      "BACKFILL_TARGET_MISSING",
    );
  });

  test.for([
    [weekly, ["START_UNEXPECTED"]],
    [{ ...weekly, start: "2025-12-05" }, []],
    [{ ...daily, dateKey: "day", dimensions: { venue: ["A", "All"] } }, ["PARTITION_ALL"]],
    [{ ...daily, frequency: { dates: [{ date: "2025-12-31", partition: "ALL" }] } }, ["PARTITION_ALL"]],
  ] as const)("%j is given advice: %j", ([definition, codes]) => {
    expect(lintExpectation(defineExpectation(definition)).map(({ code }) => code)).toEqual(codes);
  });
});
