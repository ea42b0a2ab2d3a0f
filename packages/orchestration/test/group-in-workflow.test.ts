import { SourceUnavailableError } from "@spine/core";
import { expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { defineGroup, Step } from "../src/index.ts";
import { aborted } from "./support/aborted.ts";
import { keyOf, stub } from "./support/pipelines.ts";
import { openFlow, runFlow } from "./support/run-steps.ts";
import { attemptLines, storedStepLines } from "./support/summaries.ts";

const ingest = stub("prices.ingest", ({ params, run }) => ({
  params: params as object,
  run: run.runId,
  parent: run.parentRunId ?? null,
}));
const load = stub("prices.load", () => ({ loaded: 3 }));
const weekly = defineGroup({
  name: "weekly",
  defaults: { tier: "OTC", limit: 5 },
  steps: [
    { name: "ingest", pipeline: keyOf(ingest), params: { limit: 7 } },
    { name: "load", pipeline: keyOf(load), dependsOn: ["ingest"] },
  ],
});
const given = { pipelines: [ingest, load], groups: [weekly] };

describe("a group in a workflow", () => {
  it("is a run of its own whose parent is the workflow's, and its outputs are the step's", async () => {
    const { spine, run } = await runFlow(
      [
        Step.group("all", "weekly", { params: { force: true } }),
        Step.lambda("after", (context) => ({ saw: context.getOutput("all", "status", "") })),
      ],
      { ...given, run: { params: { tier: "T1" }, partition: "2025-W46", asOf: "2025-12-01T00:00:00Z" } },
    );
    expect(run.status).toBe("COMPLETED");
    const childId = `${run.runId}:all`;
    const params = { tier: "T1", force: true, limit: 7 };
    expect(run.outputs["all"]).toEqual({
      runId: childId,
      status: "COMPLETED",
      batchId: expect.stringMatching(/^group_weekly_/),
      outputs: { ingest: { params, run: childId, parent: run.runId }, load: { loaded: 3 } },
    });
    expect(run.outputs["after"]).toEqual({ saw: "COMPLETED" });
    expect(await expectOk(spine.store.history.get({ runId: childId }))).toMatchObject({
      kind: "group",
      name: "weekly",
      status: "COMPLETED",
      parentRunId: run.runId,
      traceId: run.traceId,
      triggeredBy: "parent",
      partition: "2025-W46",
      asOf: "2025-12-01T00:00:00.000Z",
      params: { tier: "T1", force: true, limit: 5 },
    });
    expect(await expectOk(spine.store.history.list({ parentRunId: run.runId }))).toMatchObject([{ runId: childId }]);
  });

  it("belongs to the batch of the workflow's run when that has one", async () => {
    const { run } = await runFlow([Step.group("all", "weekly")], { ...given, run: { batchId: "batch_1" } });
    expect(run.outputs["all"]).toMatchObject({ batchId: "batch_1" });
  });

  it("may run twice in one workflow, each time as a run of its own", async () => {
    const { spine, run } = await runFlow([Step.group("one", "weekly"), Step.group("two", "weekly")], given);
    const children = await expectOk(spine.store.history.list({ parentRunId: run.runId }));
    expect(children.map(({ runId }) => runId).toSorted()).toEqual([`${run.runId}:one`, `${run.runId}:two`]);
  });

  it("shares a pipeline with the workflow around it", async () => {
    const { spine, run } = await runFlow([Step.pipeline("before", keyOf(ingest)), Step.group("all", "weekly")], given);
    expect(run.outputs).toMatchObject({
      before: { run: run.runId, parent: null },
      all: { outputs: { ingest: { run: `${run.runId}:all`, parent: run.runId } } },
    });
    expect(await storedStepLines(spine, run.runId)).toEqual(["before COMPLETED", "all COMPLETED"]);
  });
});

describe("a group that fails in a workflow", () => {
  const broken = stub("prices.broken", () => Promise.reject(new SourceUnavailableError("not now")));
  const both = (onFailure: "stop" | "continue") =>
    defineGroup({
      name: "weekly",
      steps: [
        { name: "load", pipeline: keyOf(load) },
        { name: "broken", pipeline: keyOf(broken) },
      ],
      policy: { onFailure },
    });

  it.each([
    ["stop", "FAILED"],
    ["continue", "PARTIAL"],
  ] as const)(
    "under %s fails the step, and the error says which run, which step and why",
    async (onFailure, status) => {
      const { run } = await runFlow([Step.group("all", "weekly"), Step.lambda("after", () => ({}))], {
        pipelines: [load, broken],
        groups: [both(onFailure)],
      });
      expect(run).toMatchObject({ status: "FAILED", errorStep: "all" });
      expect(run.error).toMatchObject({
        code: "STEP_FAILED",
        category: "SOURCE",
        retryable: true,
        cause: { code: "SOURCE_UNAVAILABLE" },
      });
      expect(run.error?.message).toBe(
        `Group "weekly" (run ${run.runId}:all) ended ${status} at step "broken": not now`,
      );
      expect(run.steps[0]).toMatchObject({ output: { status, outputs: { load: { loaded: 3 } } } });
    },
  );

  it("may be tolerated", async () => {
    const { run } = await runFlow(
      [Step.group("all", "weekly", { onError: "continue" }), Step.lambda("after", () => ({}))],
      { pipelines: [load, broken], groups: [both("stop")] },
    );
    expect(run.status).toBe("PARTIAL");
  });

  it("goes on in the same child run when the step is tried again: what completed does not run again", async () => {
    const ran: string[] = [];
    const loads = stub("prices.load", ({ run }) => void ran.push(`load ${run.attempt}`));
    const flaky = stub("prices.broken", ({ run }) => {
      ran.push(`broken ${run.attempt}`);
      if (run.attempt === 1) throw new SourceUnavailableError("not now");
    });
    const { spine, run } = await runFlow([Step.group("all", "weekly", { retry: { maxAttempts: 2 } })], {
      pipelines: [loads, flaky],
      groups: [both("stop")],
    });
    expect(run.status).toBe("COMPLETED");
    expect(ran).toEqual(["load 1", "broken 1", "broken 2"]);
    expect(await attemptLines(spine, run.runId)).toEqual(["all 1 FAILED STEP_FAILED", "all 2 COMPLETED"]);
    expect(await expectOk(spine.store.history.list({ kind: "group" }))).toHaveLength(1);
  });

  it("that takes too long is cancelled with its step, and goes on when the step is tried again", async () => {
    const ran: string[] = [];
    const slow = stub("prices.broken", async ({ run, signal }) => {
      ran.push(`slow ${run.attempt}`);
      if (run.attempt === 1) await aborted(signal);
      signal.throwIfAborted();
      return { attempt: run.attempt };
    });
    const policy = { timeoutMs: 2000, retry: { maxAttempts: 2, delayMs: 100, jitter: 0 } };
    const { spine, clock } = await openFlow([Step.group("all", "weekly", policy)], {
      pipelines: [load, slow],
      groups: [both("stop")],
    });
    const running = spine.workflows.run("test.flow");
    await clock.advance(2000);
    expect(await expectOk(spine.store.history.get({ runId: "run_000001:all" }))).toMatchObject({ status: "CANCELLED" });
    await clock.advance(100);
    expect(await expectOk(running)).toMatchObject({
      status: "COMPLETED",
      outputs: { all: { outputs: { broken: { attempt: 2 } } } },
    });
    expect(await attemptLines(spine, "run_000001")).toEqual(["all 1 FAILED STEP_TIMEOUT", "all 2 COMPLETED"]);
    expect(ran).toEqual(["slow 1", "slow 2"]);
  });
});
