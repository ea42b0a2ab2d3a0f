import { createEventBus, type Instant, type SpineEvent } from "@spine/core";
import { capturingLogger } from "@spine/testkit";
import { describe, expect, test } from "vitest";

const event = (type: string): SpineEvent => ({
  type,
  at: "2025-12-20T00:00:00.000Z" as Instant,
  runId: "run_1",
  payload: {},
});

describe("an event bus", () => {
  test.for([
    ["run.completed", ["run.completed"]],
    ["run.*", ["run.completed", "run.step.failed"]],
    ["*", ["run.completed", "run.step.failed", "runner.woke"]],
    ["run", []],
    ["run.completed.*", []],
  ] as const)("%s hears %j", ([pattern, heard]) => {
    const bus = createEventBus(capturingLogger());
    const types: string[] = [];
    bus.on(pattern, ({ type }) => void types.push(type));
    for (const type of ["run.completed", "run.step.failed", "runner.woke"]) bus.emit(event(type));
    expect(types).toEqual(heard);
  });

  test("tells listeners at once, in the order in which they came, until they stop", () => {
    const bus = createEventBus(capturingLogger());
    const heard: string[] = [];
    const stop = bus.on("*", () => void heard.push("first"));
    bus.on("*", () => void heard.push("second"));
    bus.emit(event("a"));
    stop();
    stop();
    bus.emit(event("b"));
    expect(heard).toEqual(["first", "second", "second"]);
  });

  test("knows whether anybody listens", () => {
    const bus = createEventBus(capturingLogger());
    expect(bus.active).toBe(false);
    const stop = bus.on("a", () => undefined);
    expect(bus.active).toBe(true);
    stop();
    expect(bus.active).toBe(false);
    bus.emit(event("a"));
  });

  test("logs a listener that throws or rejects; the others are told", async () => {
    const logger = capturingLogger();
    const bus = createEventBus(logger);
    const heard: string[] = [];
    bus.on("run.*", () => {
      throw new Error("thrown");
    });
    bus.on("*", () => Promise.reject(new Error("rejected")));
    bus.on("*", ({ type }) => void heard.push(type));
    bus.emit(event("run.completed"));
    await new Promise(setImmediate);
    expect(heard).toEqual(["run.completed"]);
    expect(
      logger.lines.map(({ level, message, fields }) => [level, message, fields["error"], fields["runId"]]),
    ).toEqual([
      ["error", 'A listener of "run.*" failed on run.completed; the others were told.', "thrown", "run_1"],
      ["error", 'A listener of "*" failed on run.completed; the others were told.', "rejected", "run_1"],
    ]);
  });

  test("tells a listener that joins during an event from the next one on", () => {
    const bus = createEventBus(capturingLogger());
    const heard: string[] = [];
    bus.on("a", () => void bus.on("*", ({ type }) => void heard.push(type)));
    bus.emit(event("a"));
    bus.emit(event("b"));
    expect(heard).toEqual(["b"]);
  });
});
