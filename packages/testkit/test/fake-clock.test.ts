import { sleep } from "@spine/core";
import { fakeClock } from "@spine/testkit";
import { describe, expect, test } from "vitest";

describe("a fake clock", () => {
  test("stands still until it is moved", async () => {
    const clock = fakeClock("2025-12-20T00:00:00Z");
    const before = clock.nowMs();
    await new Promise(setImmediate);
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([before, 0]);
    await clock.advance(1500);
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([before + 1500, 1500]);
  });

  test("fires timers in the order of their time, then of their making, each at its own time", async () => {
    const clock = fakeClock();
    const fired: string[] = [];
    for (const [name, delayMs] of [
      ["c", 30],
      ["a", 10],
      ["b", 10],
      ["late", 31],
    ] as const) {
      clock.setTimer(delayMs, () => fired.push(`${name}@${clock.monotonicMs()}`));
    }
    await clock.advance(30);
    expect(fired).toEqual(["a@10", "b@10", "c@30"]);
    expect(clock.pending).toBe(1);
  });

  test("lets promises run between timers, so what they set still fires when it is due", async () => {
    const clock = fakeClock();
    const log: number[] = [];
    const loop = async (): Promise<void> => {
      for (let round = 0; round < 3; round += 1) {
        await sleep(clock, 10);
        await Promise.resolve().then(() => undefined);
        log.push(clock.monotonicMs());
      }
    };
    const done = loop();
    await clock.advance(30);
    await done;
    expect(log).toEqual([10, 20, 30]);
  });

  test("lets what is running go on before it moves", async () => {
    const clock = fakeClock();
    let fired = false;
    void Promise.resolve()
      .then(() => undefined)
      .then(() => clock.setTimer(5, () => (fired = true)));
    await clock.advance(5);
    expect(fired).toBe(true);
  });

  test("forgets a timer that was cancelled, also by another timer of the same instant", async () => {
    const clock = fakeClock();
    const fired: string[] = [];
    const cancels: (() => void)[] = [];
    clock.setTimer(10, () => {
      fired.push("first");
      for (const cancel of cancels) cancel();
    });
    cancels.push(clock.setTimer(10, () => fired.push("second")));
    await clock.advance(10);
    expect(fired).toEqual(["first"]);
    expect(clock.pending).toBe(0);
  });

  test("fires what is due now when it advances by nothing", async () => {
    const clock = fakeClock();
    const fired: number[] = [];
    clock.setTimer(0, () => fired.push(0));
    clock.setTimer(-5, () => fired.push(-5));
    expect(fired).toEqual([]);
    await clock.advance(0);
    expect(fired).toEqual([0, -5]);
  });

  test("can be set like a machine's, which moves no timer and no duration", async () => {
    const clock = fakeClock("2025-12-20T00:00:00Z");
    let fired = false;
    clock.setTimer(1000, () => (fired = true));
    clock.set("2030-01-01T00:00:00Z");
    expect(new Date(clock.nowMs()).toISOString()).toBe("2030-01-01T00:00:00.000Z");
    expect(clock.monotonicMs()).toBe(0);
    await clock.advance(999);
    expect(fired).toBe(false);
    expect(new Date(clock.nowMs()).toISOString()).toBe("2030-01-01T00:00:00.999Z");
  });

  test("refuses a start that is no point in time", () => {
    expect(() => fakeClock("2025-12-20")).toThrow("it names a day");
  });
});
