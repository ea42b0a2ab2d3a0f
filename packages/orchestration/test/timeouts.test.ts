import { SourceError } from "@spine/core";
import { capturingLogger, expectErr, expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { Step, StepResult } from "../src/index.ts";
import { aborted } from "./support/aborted.ts";
import { createGate } from "./support/gate.ts";
import { keyOf, stub } from "./support/pipelines.ts";
import { openFlow } from "./support/run-steps.ts";
import { attemptLines, stepLines } from "./support/summaries.ts";

describe("an attempt that takes longer than its limit", () => {
  it("is told by its signal, and one that stops fails with STEP_TIMEOUT at once", async () => {
    const seen: unknown[] = [];
    const slow = stub("prices.slow", async ({ signal }) => {
      await aborted(signal);
      seen.push(signal.reason);
      throw signal.reason;
    });
    const { spine, clock } = await openFlow([Step.pipeline("slow", keyOf(slow), { timeoutMs: 2000 })], {
      pipelines: [slow],
    });
    const running = spine.workflows.run("test.flow");
    await clock.advance(1999);
    expect(seen).toEqual([]);
    await clock.advance(1);
    const run = await expectOk(running);
    expect(run).toMatchObject({
      status: "FAILED",
      durationMs: 2000,
      error: { code: "STEP_TIMEOUT", category: "ORCHESTRATION" },
    });
    expect(run.error?.message).toBe('Step "slow" took longer than 2000 ms.');
    expect(seen).toEqual([run.error]);
  });

  it("fails with STEP_TIMEOUT whatever it throws when it stops", async () => {
    const slow = stub("prices.slow", async ({ signal }) => {
      await aborted(signal);
      throw new SourceError("connection closed");
    });
    const { spine, clock } = await openFlow([Step.pipeline("slow", keyOf(slow), { timeoutMs: 2000 })], {
      pipelines: [slow],
    });
    const running = spine.workflows.run("test.flow");
    await clock.advance(2000);
    expect((await expectOk(running)).error).toMatchObject({ code: "STEP_TIMEOUT" });
  });

  it("is abandoned five seconds later when it does not listen, and what it returns then is dropped and logged", async () => {
    const gate = createGate();
    const logger = capturingLogger();
    const steps = [
      Step.lambda(
        "deaf",
        async () => {
          await gate.opened;
          return StepResult.ok({ rows: 3 }, { updates: { rows: 3 } });
        },
        { timeoutMs: 2000, onError: "continue" },
      ),
      Step.lambda("after", ({ outputs, params }) => ({ outputs: { ...outputs }, params: { ...params } })),
    ];
    const { spine, clock } = await openFlow(steps, { spine: { logger } });
    const running = spine.workflows.run("test.flow");
    await clock.advance(6999);
    expect(await expectOk(spine.store.history.get({ runId: "run_000001" }))).toMatchObject({ status: "RUNNING" });
    await clock.advance(1);
    const run = await expectOk(running);
    expect(run.status).toBe("PARTIAL");
    expect(run.error).toMatchObject({ code: "STEP_TIMEOUT" });
    expect(logger.lines).toEqual([]);

    gate.open();
    await clock.advance(0);
    expect(logger.lines).toMatchObject([{ level: "warn", fields: { step: "deaf" } }]);
    expect(run.outputs).toEqual({ after: { outputs: {}, params: {} } });
    expect((await expectOk(spine.store.history.steps(run)))[0]).toMatchObject({ status: "FAILED", output: undefined });
  });

  it("may be tried again, with a limit of its own for each attempt", async () => {
    const slow = stub("prices.slow", async ({ signal, run }) => {
      if (run.attempt === 1) await aborted(signal);
      signal.throwIfAborted();
      return { attempt: run.attempt };
    });
    const policy = { timeoutMs: 2000, retry: { maxAttempts: 2, delayMs: 100, jitter: 0 } };
    const { spine, clock } = await openFlow([Step.pipeline("slow", keyOf(slow), policy)], { pipelines: [slow] });
    const running = spine.workflows.run("test.flow");
    await clock.advance(2100);
    const run = await expectOk(running);
    expect(run.outputs).toEqual({ slow: { attempt: 2 } });
    expect(await attemptLines(spine, run.runId)).toEqual(["slow 1 FAILED STEP_TIMEOUT", "slow 2 COMPLETED"]);
  });

  it("cannot commit any more: what it wrote is not kept", async () => {
    const codes: string[] = [];
    const slow = stub("prices.slow", async ({ signal, commit }) => {
      await aborted(signal);
      const error = await expectErr(
        commit(() => ({ rows: 3 })),
        "CANCELLED",
      );
      codes.push((error.cause as { code: string }).code);
      return { rows: 3 };
    });
    const { spine, clock } = await openFlow([Step.pipeline("slow", keyOf(slow), { timeoutMs: 2000 })], {
      pipelines: [slow],
    });
    const running = spine.workflows.run("test.flow");
    await clock.advance(2000);
    await expectOk(running);
    expect(codes).toEqual(["STEP_TIMEOUT"]);
  });

  it("is undone when the limit is reached in the middle of its commit", async () => {
    const inside = createGate();
    const slow = stub("prices.slow", async ({ commit }) => {
      const committed = await commit(async (tx) => {
        await expectOk(tx.anomalies.list({}));
        await inside.opened;
        return { rows: 3 };
      });
      if (committed.isErr()) throw committed.error;
    });
    const { spine, clock } = await openFlow([Step.pipeline("slow", keyOf(slow), { timeoutMs: 2000 })], {
      pipelines: [slow],
    });
    const running = spine.workflows.run("test.flow");
    await clock.advance(2000);
    inside.open();
    await clock.advance(0);
    const run = await expectOk(running);
    expect(run).toMatchObject({ status: "FAILED", outputs: {}, error: { code: "STEP_TIMEOUT" } });
    expect((await expectOk(spine.store.history.steps(run)))[0]).toMatchObject({ status: "FAILED" });
  });
});

it("a step that ends within its limit leaves no timer behind", async () => {
  const { spine, clock } = await openFlow([Step.lambda("quick", () => ({}), { timeoutMs: 2000 })], { timeoutMs: 9000 });
  await expectOk(spine.workflows.run("test.flow"));
  await expectOk(spine.close());
  expect(clock.pending).toBe(0);
});

describe("a run that takes longer than its limit", () => {
  it("stops: the running step fails, nothing begins any more, and the run can be resumed", async () => {
    const tried: string[] = [];
    const slow = stub("prices.slow", async ({ signal, run }) => {
      tried.push(run.step);
      if (tried.length > 1) return;
      await aborted(signal);
      throw signal.reason;
    });
    const { spine, clock } = await openFlow(
      [Step.lambda("a", () => ({})), Step.pipeline("slow", keyOf(slow)), Step.lambda("c", () => void tried.push("c"))],
      { pipelines: [slow], timeoutMs: 3000 },
    );
    const running = spine.workflows.run("test.flow");
    await clock.advance(3000);
    const run = await expectOk(running);
    expect(run).toMatchObject({ status: "FAILED", errorStep: "slow", error: { code: "RUN_TIMEOUT" } });
    expect(run.error?.message).toBe(`Run ${run.runId} of "test.flow" took longer than 3000 ms.`);
    expect(tried).toEqual(["slow"]);

    const resumed = await expectOk(spine.resume(run.runId));
    expect(resumed.status).toBe("COMPLETED");
    expect(stepLines(resumed)).toEqual(["slow COMPLETED", "c COMPLETED"]);
  });

  it("does not try a step again that was waiting for its next attempt", async () => {
    let tries = 0;
    const busy = (): Promise<never> => {
      tries += 1;
      return Promise.reject(Object.assign(new Error("busy"), { status: 503 }));
    };
    const { spine, clock } = await openFlow([Step.lambda("busy", busy, { retry: { maxAttempts: 99, jitter: 0 } })], {
      timeoutMs: 2500,
    });
    const running = spine.workflows.run("test.flow");
    await clock.advance(2500);
    const run = await expectOk(running);
    expect(run).toMatchObject({ status: "FAILED", error: { code: "RUN_TIMEOUT" }, durationMs: 2500 });
    expect(tries).toBe(2);
    expect(run.steps).toMatchObject([{ step: "busy", status: "FAILED", error: { code: "RUN_TIMEOUT" } }]);
  });
});
