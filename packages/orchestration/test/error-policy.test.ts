import { ok, orThrow, SourceUnavailableError } from "@spine/core";
import { expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { Step, StepResult } from "../src/index.ts";
import { runFlow, type Steps } from "./support/run-steps.ts";
import { attemptLines, stepLines, storedStepLines } from "./support/summaries.ts";

const fails = (name: string, onError?: "stop" | "continue" | "retry"): Steps[number] =>
  Step.lambda(name, () => StepResult.fail(`${name} failed`), onError === undefined ? {} : { onError });
const works = (name: string): Steps[number] => Step.lambda(name, () => ({ done: name }));

describe("a failed step", () => {
  it("stops the run: it ends FAILED, and later steps are SKIPPED with the reason", async () => {
    const { spine, run } = await runFlow([works("a"), fails("b"), works("c"), works("d")]);
    expect(run.status).toBe("FAILED");
    expect(run).toMatchObject({ errorStep: "b", error: { message: "b failed" } });
    expect(run.outputs).toEqual({ a: { done: "a" } });
    const lines = ["a COMPLETED", "b FAILED", "c SKIPPED: an earlier step failed", "d SKIPPED: an earlier step failed"];
    expect(stepLines(run)).toEqual(lines);
    expect(await storedStepLines(spine, run.runId)).toEqual(lines);
    expect(run.counts).toEqual({ total: 4, completed: 1, failed: 1, skipped: 2 });
    expect((await expectOk(spine.store.history.get(run)))?.counts).toEqual(run.counts);
  });

  it("with onError continue lets the run go on, which ends PARTIAL", async () => {
    const { spine, run } = await runFlow([works("a"), fails("b", "continue"), works("c")]);
    expect(run.status).toBe("PARTIAL");
    expect(stepLines(run)).toEqual(["a COMPLETED", "b FAILED", "c COMPLETED"]);
    expect(run.outputs).toEqual({ a: { done: "a" }, c: { done: "c" } });
    expect(await expectOk(spine.store.history.get(run))).toMatchObject({
      status: "PARTIAL",
      errorStep: "b",
      error: { message: "b failed" },
    });
  });

  it("with onError retry is tried three times and then stops the run", async () => {
    let tries = 0;
    const busy = Step.lambda("b", () => Promise.reject(new SourceUnavailableError(`try ${(tries += 1)}`)), {
      onError: "retry",
    });
    const { spine, run } = await runFlow([busy, works("c")]);
    expect(run.status).toBe("FAILED");
    expect(run.error?.message).toBe("try 3");
    expect(await attemptLines(spine, run.runId)).toEqual(
      [1, 2, 3].map((attempt) => `b ${attempt} FAILED SOURCE_UNAVAILABLE`),
    );
  });

  it("with a policy and onError continue is tried first and tolerated then", async () => {
    const busy = Step.lambda("b", () => Promise.reject(new SourceUnavailableError("busy")), {
      onError: "continue",
      retry: { maxAttempts: 2 },
    });
    const { spine, run } = await runFlow([busy, works("c")]);
    expect(run.status).toBe("PARTIAL");
    expect(await attemptLines(spine, run.runId)).toEqual([
      "b 1 FAILED SOURCE_UNAVAILABLE",
      "b 2 FAILED SOURCE_UNAVAILABLE",
      "c 1 COMPLETED",
    ]);
  });

  it("as the last one, tolerated, still makes the run PARTIAL", async () => {
    const { run } = await runFlow([works("a"), fails("b", "continue")]);
    expect(run.status).toBe("PARTIAL");
  });

  it("as the only one, tolerated, makes the run PARTIAL: the author said that it may fail", async () => {
    const { run } = await runFlow([fails("a", "continue")]);
    expect(run.status).toBe("PARTIAL");
  });

  it("after a tolerated one makes the run FAILED", async () => {
    const { run } = await runFlow([fails("a", "continue"), fails("b"), works("c")]);
    expect(run.status).toBe("FAILED");
    expect(stepLines(run)).toEqual(["a FAILED", "b FAILED", "c SKIPPED: an earlier step failed"]);
  });
});

describe("the error of a run", () => {
  it("is the first one, not the last", async () => {
    const { spine, run } = await runFlow([fails("a", "continue"), fails("b", "continue"), fails("c")]);
    expect(run).toMatchObject({ errorStep: "a", error: { message: "a failed" } });
    expect(await expectOk(spine.store.history.get(run))).toMatchObject({
      errorStep: "a",
      error: { message: "a failed" },
    });
  });

  it("of a PARTIAL run is there to be looked at, and does not throw", async () => {
    const { run } = await runFlow([fails("a", "continue"), works("b")]);
    expect(run.error?.message).toBe("a failed");
    expect(orThrow(ok(run))).toBe(run);
  });
});

it("a workflow without steps is COMPLETED", async () => {
  const { spine, run } = await runFlow([]);
  expect(run).toMatchObject({
    status: "COMPLETED",
    outputs: {},
    steps: [],
    counts: { total: 0, completed: 0, failed: 0, skipped: 0 },
  });
  expect(await expectOk(spine.store.history.get(run))).toMatchObject({ status: "COMPLETED", owner: undefined });
});
