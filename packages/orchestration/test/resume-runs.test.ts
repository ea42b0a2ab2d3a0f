import { memory } from "@spine/core";
import { expectErr, expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { Step, StepResult, WorkflowRunner } from "../src/index.ts";
import { breakable } from "./support/breakable.ts";
import { groupOf } from "./support/groups.ts";
import { openSpine } from "./support/open-spine.ts";
import { keyOf, stub } from "./support/pipelines.ts";
import { flow, openFlow, runFlow } from "./support/run-steps.ts";

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
