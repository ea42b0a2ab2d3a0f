import { SourceUnavailableError } from "@spine/core";
import { expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { Step, StepResult } from "../src/index.ts";
import { breakable } from "./support/breakable.ts";
import { runFlow, type Steps } from "./support/run-steps.ts";
import { attemptLines, eventLines, stepLines, storedStepLines } from "./support/summaries.ts";

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
      "run.resumed",
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
