import { SourceUnavailableError } from "@spine/core";
import { expectErr, expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { defineGroup, Step } from "../src/index.ts";
import { aborted } from "./support/aborted.ts";
import { keyOf, stub } from "./support/pipelines.ts";
import { openFlow, type Steps } from "./support/run-steps.ts";
import { attemptLines, eventLines, storedStepLines } from "./support/summaries.ts";

const stops = stub("prices.stops", async ({ signal }) => {
  await aborted(signal);
  throw signal.reason;
});
const stopped = [
  Step.lambda("a", () => ({ done: "a" })),
  Step.pipeline("stops", keyOf(stops)),
  Step.lambda("c", () => ({ done: "c" })),
];

describe("cancelling a run", () => {
  it("ends it CANCELLED: the running step fails with CANCELLED, and nothing begins any more", async () => {
    const { spine, clock } = await openFlow(stopped, { pipelines: [stops] });
    const controller = new AbortController();
    const running = spine.workflows.run("test.flow", { signal: controller.signal });
    await clock.advance(0);
    controller.abort(new Error("the user pressed Ctrl-C"));
    const run = await expectOk(running);
    expect(run).toMatchObject({ status: "CANCELLED", errorStep: "stops", error: { code: "CANCELLED" } });
    expect(run.error?.message).toBe(`Run ${run.runId} of "test.flow" was cancelled.`);
    expect(run.error?.cause).toMatchObject({ message: "the user pressed Ctrl-C" });
    expect(run.outputs).toEqual({ a: { done: "a" } });
    expect(await expectOk(spine.store.history.get(run))).toMatchObject({
      status: "CANCELLED",
      owner: undefined,
      error: { code: "CANCELLED" },
      counts: { completed: 1, failed: 1 },
    });
    expect((await eventLines(spine, run.runId)).at(-1)).toBe("run.cancelled");
    expect(await attemptLines(spine, run.runId)).toEqual(["a 1 COMPLETED", "stops 1 FAILED CANCELLED"]);
  });

  it("leaves no step behind that looks as if it were running", async () => {
    const { spine, clock } = await openFlow(stopped, { pipelines: [stops] });
    const controller = new AbortController();
    const running = spine.workflows.run("test.flow", { signal: controller.signal });
    await clock.advance(0);
    controller.abort();
    const run = await expectOk(running);
    const steps = await expectOk(spine.store.history.steps(run));
    expect(steps.filter(({ status }) => status === "RUNNING")).toEqual([]);
  });

  it("keeps what a step returned that ended well in spite of it, and begins nothing after it", async () => {
    const finishes = stub("prices.finishes", async ({ signal }) => {
      await aborted(signal);
      return { rows: 3 };
    });
    const begun: string[] = [];
    const steps: Steps = [Step.pipeline("finishes", keyOf(finishes)), Step.lambda("b", () => void begun.push("b"))];
    const { spine, clock } = await openFlow(steps, { pipelines: [finishes] });
    const controller = new AbortController();
    const running = spine.workflows.run("test.flow", { signal: controller.signal });
    await clock.advance(0);
    controller.abort();
    const run = await expectOk(running);
    expect(run).toMatchObject({ status: "CANCELLED", outputs: { finishes: { rows: 3 } } });
    expect(begun).toEqual([]);
    const steps2 = await expectOk(spine.store.history.steps(run));
    expect(steps2.filter(({ status }) => status === "RUNNING")).toEqual([]);
  });

  it("after the last step has ended changes nothing", async () => {
    const finishes = stub("prices.finishes", async ({ signal }) => {
      await aborted(signal);
      return { rows: 3 };
    });
    const { spine, clock } = await openFlow([Step.pipeline("finishes", keyOf(finishes))], { pipelines: [finishes] });
    const controller = new AbortController();
    const running = spine.workflows.run("test.flow", { signal: controller.signal });
    await clock.advance(0);
    controller.abort();
    expect(await expectOk(running)).toMatchObject({ status: "COMPLETED" });
  });

  it("abandons a step that does not listen, five seconds later", async () => {
    const deaf: Steps = [Step.lambda("deaf", () => new Promise(() => undefined))];
    const { spine, clock } = await openFlow(deaf);
    const controller = new AbortController();
    const running = spine.workflows.run("test.flow", { signal: controller.signal });
    await clock.advance(0);
    controller.abort();
    await clock.advance(5000);
    expect(await expectOk(running)).toMatchObject({ status: "CANCELLED", durationMs: 5000 });
  });

  it("before it starts runs nothing at all", async () => {
    const begun: string[] = [];
    const { spine } = await openFlow([Step.lambda("a", () => void begun.push("a"))]);
    const run = await expectOk(spine.workflows.run("test.flow", { signal: AbortSignal.abort() }));
    expect(run.status).toBe("CANCELLED");
    expect(begun).toEqual([]);
    const steps = await expectOk(spine.store.history.steps(run));
    expect(steps.filter(({ status }) => status === "RUNNING")).toEqual([]);
  });

  it("while a step waits for its next attempt does not try it again", async () => {
    let tries = 0;
    const busy = (): Promise<never> => {
      tries += 1;
      return Promise.reject(new SourceUnavailableError("busy"));
    };
    const { spine, clock } = await openFlow([Step.lambda("busy", busy, { retry: { maxAttempts: 9 } })]);
    const controller = new AbortController();
    const running = spine.workflows.run("test.flow", { signal: controller.signal });
    await clock.advance(0);
    controller.abort();
    const run = await expectOk(running);
    expect(run).toMatchObject({ status: "CANCELLED", error: { code: "CANCELLED" } });
    expect(tries).toBe(1);
  });

  it("is final for a step that may fail: the run does not end PARTIAL", async () => {
    const steps: Steps = [Step.pipeline("stops", keyOf(stops), { onError: "continue" }), Step.lambda("b", () => ({}))];
    const { spine, clock } = await openFlow(steps, { pipelines: [stops] });
    const controller = new AbortController();
    const running = spine.workflows.run("test.flow", { signal: controller.signal });
    await clock.advance(0);
    controller.abort();
    expect(await expectOk(running)).toMatchObject({ status: "CANCELLED" });
  });
});

it("a cancelled run says so, whatever failed before and was tolerated", async () => {
  const steps: Steps = [
    Step.lambda("a", () => false, { onError: "continue" }),
    Step.pipeline("stops", keyOf(stops)),
    Step.lambda("c", () => ({})),
  ];
  const { spine, clock } = await openFlow(steps, { pipelines: [stops] });
  const controller = new AbortController();
  const running = spine.workflows.run("test.flow", { signal: controller.signal });
  await clock.advance(0);
  controller.abort();
  const run = await expectOk(running);
  expect(run).toMatchObject({ status: "CANCELLED", errorStep: "stops", error: { code: "CANCELLED" } });
  const stored = await expectOk(spine.store.history.get(run));
  expect(stored).toMatchObject({ errorStep: "stops", error: { code: "CANCELLED" } });
});

describe("a cancelled run", () => {
  it("is a failure to those who rely on it, and can be resumed", async () => {
    let cancelled = false;
    const once = stub("prices.once", async ({ signal }) => {
      if (cancelled) return { rows: 3 };
      await aborted(signal);
      cancelled = true;
      throw signal.reason;
    });
    const steps: Steps = [
      Step.lambda("a", () => ({})),
      Step.pipeline("once", keyOf(once)),
      Step.lambda("c", () => ({})),
    ];
    const { spine, clock } = await openFlow(steps, { pipelines: [once] });
    const controller = new AbortController();
    const running = spine.workflows.run("test.flow", { signal: controller.signal });
    await clock.advance(0);
    controller.abort();
    const run = await expectOk(running);
    expect(run.status).toBe("CANCELLED");
    const resumed = await expectOk(spine.resume(run.runId));
    expect(resumed.status).toBe("COMPLETED");
    expect(await storedStepLines(spine, run.runId)).toEqual(["a COMPLETED", "once COMPLETED", "c COMPLETED"]);
    await expectErr(spine.resume(run.runId), "RUN_NOT_RESUMABLE");
  });
});

it("cancelling a workflow cancels the group it is running", async () => {
  const group = defineGroup({ name: "weekly", steps: [{ name: "stops", pipeline: keyOf(stops) }] });
  const { spine, clock } = await openFlow([Step.group("all", "weekly")], { pipelines: [stops], groups: [group] });
  const controller = new AbortController();
  const running = spine.workflows.run("test.flow", { signal: controller.signal });
  await clock.advance(0);
  controller.abort();
  const run = await expectOk(running);
  expect(run.status).toBe("CANCELLED");
  expect(await expectOk(spine.store.history.get({ runId: `${run.runId}:all` }))).toMatchObject({ status: "CANCELLED" });
});
