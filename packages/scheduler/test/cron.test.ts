import { type Instant, parseInstant } from "@spine/core";
import { describe, expect, it } from "vitest";
import { type CronSchedule, nextInstant, nextInstants } from "../src/index.ts";

const at = (text: string): Instant => parseInstant(text)._unsafeUnwrap();
const next = (schedule: CronSchedule, after: string): string | undefined =>
  nextInstant(schedule, at(after))._unsafeUnwrap();

describe("the next instant of a cron expression", () => {
  it.each([
    ["0 6 * * 1", "UTC", "2025-12-13T00:00:00Z", "2025-12-15T06:00:00.000Z"],
    ["0 6 * * 1", "UTC", "2025-12-15T06:00:00Z", "2025-12-22T06:00:00.000Z"],
    ["*/15 * * * * *", "UTC", "2025-12-15T06:00:01Z", "2025-12-15T06:00:15.000Z"],
    ["0 9 * * 1-5", "America/New_York", "2025-07-04T20:00:00Z", "2025-07-07T13:00:00.000Z"],
    ["0 9 * * 1-5", "America/New_York", "2025-12-04T20:00:00Z", "2025-12-05T14:00:00.000Z"],
    ["0 0 29 2 *", "UTC", "2025-01-01T00:00:00Z", "2028-02-29T00:00:00.000Z"],
    ["@daily", "Europe/London", "2025-06-01T12:00:00Z", "2025-06-01T23:00:00.000Z"],
  ])("%s in %s after %s is %s", (expression, timeZone, after, due) => {
    expect(next({ expression, timeZone }, after)).toBe(due);
  });

  it("runs a time that daylight saving skips at the first instant after the gap", () => {
    expect(next({ expression: "30 2 * * *", timeZone: "America/New_York" }, "2025-03-09T05:00:00Z")).toBe(
      "2025-03-09T07:00:00.000Z",
    );
  });

  it("runs a time that daylight saving repeats once", () => {
    const due = nextInstants(
      { expression: "30 1 * * *", timeZone: "America/New_York" },
      at("2025-11-02T00:00:00Z"),
      2,
    )._unsafeUnwrap();
    expect(due).toEqual(["2025-11-02T05:30:00.000Z", "2025-11-03T06:30:00.000Z"]);
  });

  it("is undefined when there is none any more", () => {
    expect(next({ expression: "0 0 30 2 *" }, "2025-01-01T00:00:00Z")).toBeUndefined();
  });

  it.each([
    ["* * *", "3 fields"],
    ["61 * * * *", "61"],
    ["0 6 * * funday", "funday"],
  ])("says what is wrong with %s", (expression, part) => {
    const error = nextInstant({ expression }, at("2025-01-01T00:00:00Z"))._unsafeUnwrapErr();
    expect(error.code).toBe("SCHEDULE_INVALID");
    expect(error.message).toContain(part);
  });

  it("refuses a time zone that does not exist", () => {
    const error = nextInstant(
      { expression: "0 6 * * *", timeZone: "America/Newyork" },
      at("2025-01-01T00:00:00Z"),
    )._unsafeUnwrapErr();
    expect(error.message).toContain('"America/Newyork"');
  });
});
