import { instantOfMs, msOf, nowOf, parseInstant, sleep, systemClock } from "@spine/core";
import { fakeClock } from "@spine/testkit";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

describe("parseInstant", () => {
  test.for([
    ["2025-12-20T00:00:00Z", "2025-12-20T00:00:00.000Z"],
    ["2025-12-20T00:00Z", "2025-12-20T00:00:00.000Z"],
    ["2025-12-20T01:30:00+01:30", "2025-12-20T00:00:00.000Z"],
    ["2025-12-19T19:00:00-0500", "2025-12-20T00:00:00.000Z"],
    ["2025-12-20T00:00:00.123456789Z", "2025-12-20T00:00:00.123Z"],
    ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"],
    [new Date(0), "1970-01-01T00:00:00.000Z"],
    [1000, "1970-01-01T00:00:01.000Z"],
  ] as const)("reads %s", ([input, expected]) => {
    expect(parseInstant(input)._unsafeUnwrap()).toBe(expected);
  });

  test.for([
    ["2025-12-20", "it names a day; write 2025-12-20T00:00:00Z"],
    ["2025-12-20T00:00:00", "pass ISO 8601 with a zone"],
    ["2025-02-30T00:00:00Z", "there is no such date"],
    ["2025-13-01T00:00:00Z", "there is no such date"],
    ["2025-12-20T25:00:00Z", "there is no such date"],
    ["yesterday", "pass ISO 8601 with a zone"],
    ["", "pass ISO 8601 with a zone"],
    [Number.NaN, "there is no such date"],
    [8.64e15 + 1, "there is no such date"],
    [new Date(Number.NaN), "there is no such date"],
  ] as const)("refuses %s", ([input, why]) => {
    const error = parseInstant(input)._unsafeUnwrapErr();
    expect(error.code).toBe("INSTANT_INVALID");
    expect(error.message).toContain(why);
  });

  test("law: what it reads is read again as the same, and text order is time order", () => {
    const epochMs = fc.integer({ min: Date.UTC(1, 0), max: Date.UTC(9999, 11) });
    fc.assert(
      fc.property(epochMs, epochMs, (left, right) => {
        const [a, b] = [instantOfMs(left), instantOfMs(right)];
        expect(parseInstant(a)._unsafeUnwrap()).toBe(a);
        expect(msOf(a)).toBe(left);
        expect(a < b).toBe(left < right);
      }),
    );
  });
});

test("nowOf is the clock's time as text", () => {
  expect(nowOf(fakeClock("2025-12-20T10:00:00Z"))).toBe("2025-12-20T10:00:00.000Z");
});

describe("sleep", () => {
  test("ends when its time has come on the given clock", async () => {
    const clock = fakeClock();
    let awake = false;
    void sleep(clock, 1000).then(() => (awake = true));
    await clock.advance(999);
    expect(awake).toBe(false);
    await clock.advance(1);
    expect(awake).toBe(true);
  });

  test("ends at once when the signal aborts, and leaves no timer and no listener behind", async () => {
    const clock = fakeClock();
    const controller = new AbortController();
    const sleeping = sleep(clock, 1000, controller.signal);
    controller.abort();
    await sleeping;
    expect(clock.pending).toBe(0);
    await sleep(clock, 1000, controller.signal);
    expect(clock.pending).toBe(0);
  });
});

describe("the machine's clock", () => {
  test("tells wall time and time that only grows", () => {
    expect(Math.abs(systemClock.nowMs() - Date.now())).toBeLessThan(1000);
    const before = systemClock.monotonicMs();
    expect(systemClock.monotonicMs()).toBeGreaterThanOrEqual(before);
  });

  test("calls back, unless cancelled", async () => {
    const fired: string[] = [];
    systemClock.setTimer(0, () => fired.push("cancelled"))();
    await new Promise<void>((resolve) => {
      systemClock.setTimer(1, () => {
        fired.push("kept");
        resolve();
      });
      // Its timers do not keep a process alive, so something else has to while this one is waited for.
      setImmediate(() => undefined);
    });
    expect(fired).toEqual(["kept"]);
  });
});
