import { memory, SourceUnavailableError } from "@spine/core";
import { expectErr, expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { Step, StepResult, WorkflowRunner } from "../src/index.ts";
import { groupOf } from "./support/groups.ts";
import { openSpine } from "./support/open-spine.ts";
import { keyOf, stub } from "./support/pipelines.ts";
import { flow, openFlow, runFlow, type Steps } from "./support/run-steps.ts";
import { attemptLines, eventLines, stepLines, storedStepLines } from "./support/summaries.ts";

/** A step that fails until it is mended. */
function breakable(name: string, options: Parameters<typeof Step.lambda>[2] = {}) {
  const state = { mended: false, begun: [] as string[] };
  const note = (step: string): void => void state.begun.push(step);
  const step = Step.lambda(
    name,
    () => {
      note(name);
      return state.mended ? { done: name } : StepResult.fail(`${name} is broken`);
    },
    options,
  );
  return { state, note, step };
}

describe("resuming a run that FAILED", () => {
  it("runs the failed step and what comes after it, and not what completed", async () => {
    const { state, note, step } = breakable("b");
    const { spine, run } = await runFlow([
      Step.lambda("a", () => {
        note("a");
        return StepResult.ok({ rows: 3 }, { updates: { tier: "T1" } });
      }),
      step,
      Step.lambda("c", ({ outputs, params }) => {
        note("c");
        return { saw: outputs["a"] ?? null, tier: params["tier"] ?? null };
      }),
    ]);
    expect(run.status).toBe("FAILED");
    state.mended = true;
    const resumed = await expectOk(spine.resume(run.runId));
    expect(state.begun).toEqual(["a", "b", "b", "c"]);
    expect(resumed).toMatchObject({ runId: run.runId, status: "COMPLETED", error: undefined });
    expect(resumed.outputs).toEqual({ a: { rows: 3 }, b: { done: "b" }, c: { saw: { rows: 3 }, tier: "T1" } });
    expect(stepLines(resumed)).toEqual(["b COMPLETED", "c COMPLETED"]);
    expect(resumed.counts).toEqual({ total: 3, completed: 3, failed: 0, skipped: 0 });
  });

  it("counts the next attempt, and keeps the earlier ones", async () => {
    const { state, step } = breakable("b");
    const { spine, run } = await runFlow([step]);
    await expectOk(spine.resume(run.runId));
    state.mended = true;
    await expectOk(spine.resume(run.runId));
    expect(await attemptLines(spine, run.runId)).toEqual([
      "b 1 FAILED STEP_FAILED",
      "b 2 FAILED STEP_FAILED",
      "b 3 COMPLETED",
    ]);
    expect(await expectOk(spine.store.history.steps(run))).toMatchObject([
      { status: "COMPLETED", attempt: 3, error: undefined },
    ]);
  });

  it("gives a step whose attempts were used up one more", async () => {
    let tries = 0;
    const busy = (): Promise<never> => Promise.reject(new SourceUnavailableError(`try ${(tries += 1)}`));
    const { spine, run } = await runFlow([Step.lambda("b", busy, { retry: { maxAttempts: 2 } })]);
    expect(tries).toBe(2);
    expect(await expectOk(spine.resume(run.runId))).toMatchObject({ status: "FAILED", error: { message: "try 3" } });
    expect(tries).toBe(3);
  });

  it("clears the error of the run, and keeps it when the run fails again", async () => {
    const { spine, run } = await runFlow([breakable("b").step]);
    await expectOk(spine.resume(run.runId));
    expect(await expectOk(spine.store.history.get(run))).toMatchObject({
      status: "FAILED",
      errorStep: "b",
      counts: { failed: 1 },
    });
    expect(await eventLines(spine, run.runId)).toEqual([
      "run.started",
      "step.failed b",
      "run.failed",
      "step.failed b",
      "run.failed",
    ]);
  });

  it("decides again about branches that were not taken", async () => {
    let holds = false;
    const { state, step } = breakable("b");
    const steps: Steps = [
      step,
      Step.choice("route", { when: () => holds, then: "c", join: "d" }),
      Step.lambda("c", () => ({})),
      Step.lambda("d", () => ({})),
    ];
    const { spine, run } = await runFlow(steps);
    state.mended = true;
    holds = true;
    await expectOk(spine.resume(run.runId));
    expect(await storedStepLines(spine, run.runId)).toEqual([
      "b COMPLETED",
      "route COMPLETED",
      "c COMPLETED",
      "d COMPLETED",
    ]);
  });

  it("keeps a choice that was made, whatever would be chosen now", async () => {
    let holds = true;
    const { state, step } = breakable("b");
    const steps: Steps = [
      Step.choice("route", { when: () => holds, then: "b", otherwise: "c", join: "d" }),
      step,
      Step.lambda("c", () => ({})),
      Step.lambda("d", () => ({})),
    ];
    const { spine, run } = await runFlow(steps);
    state.mended = true;
    holds = false;
    await expectOk(spine.resume(run.runId));
    expect(await storedStepLines(spine, run.runId)).toEqual([
      "route COMPLETED",
      "b COMPLETED",
      "c SKIPPED: it lies on another branch",
      "d COMPLETED",
    ]);
  });
});

describe("resuming", () => {
  it("a PARTIAL run runs the tolerated step again", async () => {
    const { state, note, step } = breakable("b", { onError: "continue" });
    const { spine, run } = await runFlow([step, Step.lambda("c", () => note("c"))]);
    expect(run.status).toBe("PARTIAL");
    state.mended = true;
    expect(await expectOk(spine.resume(run.runId))).toMatchObject({ status: "COMPLETED" });
    expect(state.begun).toEqual(["b", "c", "b"]);
  });

  it("a COMPLETED run is refused", async () => {
    const { spine, run } = await runFlow([Step.lambda("a", () => ({}))]);
    const error = await expectErr(spine.resume(run.runId), "RUN_NOT_RESUMABLE");
    expect(error.message).toBe(
      `Run ${run.runId} of "test.flow" completed, so there is nothing to resume. Start a new run.`,
    );
  });

  it("a run nobody has heard of is RUN_NOT_FOUND", async () => {
    const { spine } = await openFlow([]);
    await expectErr(spine.resume("run_gone"), "RUN_NOT_FOUND");
    await expectErr(new WorkflowRunner().resume(flow([]), "run_gone"), "RUN_NOT_FOUND");
  });

  it("a run whose workflow is not registered any more is WORKFLOW_NOT_FOUND", async () => {
    const store = memory();
    const first = await openFlow([breakable("b").step], { spine: { store } });
    const run = await expectOk(first.spine.workflows.run("test.flow"));
    const { spine } = await openSpine({ store });
    await expectErr(spine.resume(run.runId), "WORKFLOW_NOT_FOUND");
  });

  it("a step that ran and had nothing to do does not run again", async () => {
    const { state, note, step } = breakable("b");
    const skips = Step.lambda("a", () => {
      note("a");
      return StepResult.skip("no file", { updates: { fresh: false } });
    });
    const { spine, run } = await runFlow([skips, step, Step.lambda("c", ({ params }) => ({ ...params }))]);
    state.mended = true;
    const resumed = await expectOk(spine.resume(run.runId));
    expect(state.begun).toEqual(["a", "b", "b"]);
    expect(resumed.outputs["c"]).toEqual({ fresh: false });
  });

  it("a group runs what failed and what depends on it", async () => {
    const begun: string[] = [];
    let mended = false;
    const { group, pipelines } = groupOf(
      { a: [], b: ["a"], c: ["b"], d: ["a"] },
      {
        policy: { onFailure: "continue" },
        work: ({ run: { step } }) => {
          begun.push(step);
          if (step === "b" && !mended) throw new Error("no");
          return { done: step };
        },
      },
    );
    const { spine } = await openSpine({ pipelines, groups: [group] });
    const run = await expectOk(spine.groups.run("weekly"));
    expect(run).toMatchObject({ status: "PARTIAL", counts: { completed: 2, failed: 1, skipped: 1 } });
    mended = true;
    const resumed = await expectOk(spine.resume(run.runId));
    expect(resumed).toMatchObject({ status: "COMPLETED", counts: { completed: 4, failed: 0, skipped: 0 } });
    expect(begun).toEqual(["a", "b", "d", "b", "c"]);
    expect(resumed.outputs).toEqual({ a: { done: "a" }, b: { done: "b" }, c: { done: "c" }, d: { done: "d" } });
  });

  it("a single pipeline is tried again under the same idempotency key", async () => {
    const keys: string[] = [];
    const flaky = stub("prices.flaky", ({ run }) => {
      keys.push(`${run.idempotencyKey} ${run.attempt}`);
      if (keys.length === 1) throw new Error("no");
    });
    const { spine } = await openSpine({ pipelines: [flaky] });
    const run = await expectOk(spine.pipelines.run(keyOf(flaky)));
    expect(await expectOk(spine.resume(run.runId))).toMatchObject({ status: "COMPLETED", kind: "pipeline" });
    expect(keys).toEqual([`${run.runId}:flaky 1`, `${run.runId}:flaky 2`]);
  });

  it("can be cancelled", async () => {
    const { spine, run } = await runFlow([breakable("b").step]);
    const resumed = await expectOk(spine.resume(run.runId, { signal: AbortSignal.abort() }));
    expect(resumed.status).toBe("CANCELLED");
    expect(await expectOk(spine.store.history.get(run))).toMatchObject({ status: "CANCELLED" });
  });
});
