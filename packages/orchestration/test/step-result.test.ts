import { err, ok, okAsync, SourceError } from "@spine/core";
import { describe, expect, it } from "vitest";
import { Step, StepResult } from "../src/index.ts";
import { runFlow } from "./support/run-steps.ts";

const thenable = (value: unknown): unknown => ({
  // A promise of somebody else's library.
  then: (resolve: (value: unknown) => void) => resolve(value),
});

describe("a lambda that succeeds", () => {
  it.each<[string, () => unknown, unknown]>([
    ["a StepResult", () => StepResult.ok({ rows: 3 }), { rows: 3 }],
    ["a StepResult of a number", () => StepResult.ok(3), 3],
    ["an object", () => ({ rows: 3 }), { rows: 3 }],
    ["an array", () => [1, 2], [1, 2]],
    ["an empty object", () => ({}), {}],
    ["a Result", () => ok({ rows: 3 }), { rows: 3 }],
    ["a Result of a StepResult", () => ok(StepResult.ok({ rows: 3 })), { rows: 3 }],
    ["a ResultAsync", () => okAsync({ rows: 3 }), { rows: 3 }],
    ["a promise of an object", async () => ({ rows: 3 }), { rows: 3 }],
    ["a promise of a StepResult", async () => StepResult.ok({ rows: 3 }), { rows: 3 }],
    ["a promise of a Result", async () => ok({ rows: 3 }), { rows: 3 }],
    ["a thenable", () => thenable({ rows: 3 }), { rows: 3 }],
  ])("by returning %s has that output", async (_, handler, output) => {
    const { run } = await runFlow([Step.lambda("check", handler)]);
    expect(run.status).toBe("COMPLETED");
    expect(run.outputs).toEqual({ check: output });
  });

  it.each<[string, () => unknown]>([
    ["true", () => true],
    ["nothing", () => undefined],
    ["a promise of nothing", async () => undefined],
    ["a StepResult without output", () => StepResult.ok()],
    ["a Result of nothing", () => ok(undefined)],
  ])("by returning %s has no output", async (_, handler) => {
    const { run } = await runFlow([Step.lambda("check", handler)]);
    expect(run.status).toBe("COMPLETED");
    expect(run.outputs).toEqual({});
  });
});

describe("a lambda that fails", () => {
  it("by returning false is rejected with category VALIDATION", async () => {
    const { run } = await runFlow([Step.lambda("check", () => false)]);
    expect(run.status).toBe("FAILED");
    expect(run.error).toMatchObject({ code: "STEP_REJECTED", category: "VALIDATION" });
    expect(run.error?.message).toContain('"check"');
  });

  it("by a StepResult keeps text, code, category and cause", async () => {
    const cause = new Error("the count was 7");
    const fail = StepResult.fail("Too few records.", { code: "TOO_FEW", category: "VALIDATION", cause });
    const { run } = await runFlow([Step.lambda("check", () => fail)]);
    expect(run.error).toMatchObject({ code: "TOO_FEW", category: "VALIDATION", message: "Too few records.", cause });
  });

  it("by a StepResult of text alone is STEP_FAILED, which no retry helps", async () => {
    const { run } = await runFlow([Step.lambda("check", () => StepResult.fail("Too few records."))]);
    expect(run.error).toMatchObject({ code: "STEP_FAILED", category: "ORCHESTRATION", retryable: false });
  });

  it("by an Err of one of spine's errors fails with that error", async () => {
    const error = new SourceError("The file is empty.");
    const { run } = await runFlow([Step.lambda("check", () => err(error))]);
    expect(run.error).toBe(error);
  });

  it("by an Err of text is STEP_FAILED with that text", async () => {
    const { run } = await runFlow([Step.lambda("check", () => err("no such week"))]);
    expect(run.error).toMatchObject({ code: "STEP_FAILED", message: "no such week" });
  });

  it.each<[string, () => unknown, string]>([
    ["null", () => null, "null"],
    ["a number", () => 7, "a number"],
    ["a text", () => "done", "a string"],
    ["a bigint", () => 7n, "a bigint"],
    ["a function", () => () => ({ rows: 3 }), "a function"],
    ["a promise of null", async () => null, "null"],
    ["a Result of a number", () => ok(7), "a number"],
  ])("by returning %s is told what it may return", async (_, handler, said) => {
    const { run } = await runFlow([Step.lambda("check", handler)]);
    expect(run.error).toMatchObject({ code: "STEP_RESULT_INVALID", category: "ORCHESTRATION" });
    expect(run.error?.message).toBe(
      `Step "check" returned ${said}. Return a StepResult, an object, a boolean or nothing.`,
    );
  });
});

describe("a lambda that skips", () => {
  it("is SKIPPED with its reason, has no output, and the run goes on", async () => {
    const { run } = await runFlow([
      Step.lambda("check", () => StepResult.skip("no file this week")),
      Step.lambda("after", ({ outputs }) => ({ seen: Object.keys(outputs) })),
    ]);
    expect(run.status).toBe("COMPLETED");
    expect(run.steps[0]).toMatchObject({ step: "check", status: "SKIPPED", reason: "no file this week", attempt: 1 });
    expect(run.outputs).toEqual({ after: { seen: [] } });
  });
});

it("a lambda gets its configuration as second argument", async () => {
  const { run } = await runFlow([
    Step.lambda("check", (_, config) => ({ limit: config["limit"] }), { config: { limit: 7 } }),
  ]);
  expect(run.outputs).toEqual({ check: { limit: 7 } });
});
