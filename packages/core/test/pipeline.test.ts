import { definePipeline, definePlugin, isPlugin, isSkipped, skipped } from "@spine/core";
import { describe, expect, test } from "vitest";
import { z } from "zod";

describe("definePipeline", () => {
  test("makes a frozen description with defaults", () => {
    const pipeline = definePipeline({ key: "prices.daily", params: z.object({ day: z.string() }), run: () => 1 });
    expect(pipeline).toMatchObject({ key: "prices.daily", version: "1", description: undefined, needs: [] });
    expect(Object.isFrozen(pipeline)).toBe(true);
    expect(Object.isFrozen(pipeline.needs)).toBe(true);
  });

  test("throws for a mistake in program text", () => {
    expect(() => definePipeline({ key: "prices daily", run: () => 1 })).toThrow("not a valid key");
    expect(() => definePipeline({ key: "prices.daily", run: undefined as never })).toThrow("has no run function");
  });
});

describe("skipped", () => {
  test("says why, and what later steps read instead", () => {
    expect(skipped("already captured")).toEqual({ status: "SKIPPED", reason: "already captured" });
    expect(skipped("already captured", { rows: 0 })).toEqual({
      status: "SKIPPED",
      reason: "already captured",
      output: { rows: 0 },
    });
    expect(isSkipped(skipped("x"))).toBe(true);
  });

  test.for([null, "SKIPPED", {}, { status: "SKIPPED" }, { status: "DONE", reason: "x" }])("is not %j", (value) => {
    expect(isSkipped(value)).toBe(false);
  });
});

describe("definePlugin", () => {
  const pipeline = definePipeline({ key: "prices.daily", run: () => 1 });

  test("bundles contributions by kind, as frozen data", () => {
    const plugin = definePlugin({ name: "prices", domain: "prices", pipelines: [pipeline], requires: ["calendars"] });
    expect(plugin).toEqual({
      spine: "plugin/1",
      name: "prices",
      domain: "prices",
      version: "0.0.0",
      requires: ["calendars"],
      contributions: { pipelines: [pipeline] },
    });
    expect(Object.isFrozen(plugin.contributions)).toBe(true);
    expect(isPlugin(plugin)).toBe(true);
  });

  test("throws for a mistake in program text", () => {
    expect(() => definePlugin({ name: "a b" })).toThrow("not a valid key");
    expect(() => definePlugin({ name: "prices", pipelines: pipeline as never })).toThrow(
      "pipelines that are not a list",
    );
  });

  test.for([null, "plugin/1", {}, { spine: "plugin/2" }])("%j is none", (value) => {
    expect(isPlugin(value)).toBe(false);
  });
});
