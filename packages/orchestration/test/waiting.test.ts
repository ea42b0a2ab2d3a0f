import { instantOfMs, memory, type SpineError } from "@spine/core";
import { expectErr, expectOk } from "@spine/testkit";
import { describe, expect, test } from "vitest";
import { defineWorkflow, Step } from "../src/index.ts";
import { openFlow, openFlow as open, runFlow } from "./support/run-steps.ts";
import { openUnclosed } from "./support/open-spine.ts";
import { passTime } from "./support/pass-time.ts";

const hour = 3_600_000;

describe("a wait", () => {
  test("hands the run out WAITING, owned by nobody, with its due instant", async () => {
    const { spine, clock } = await open([
      Step.wait("pause", { forMs: hour }),
      Step.lambda("after", () => ({ done: 1 })),
    ]);
    const run = await expectOk(spine.workflows.run("test.flow"));
    expect(run).toMatchObject({ status: "WAITING", dueAt: instantOfMs(clock.nowMs() + hour), completedAt: undefined });
    expect(await expectOk(spine.runs.get(run.runId))).toMatchObject({ status: "WAITING", owner: undefined });
    expect((await expectOk(spine.runs.steps(run.runId))).map(({ step, status }) => [step, status])).toEqual([
      ["pause", "WAITING"],
    ]);
  });

  test("goes on when it is due and somebody looks, and not before", async () => {
    const { spine, clock } = await open([
      Step.wait("pause", { forMs: hour }),
      Step.lambda("after", () => ({ done: 1 })),
    ]);
    const { runId } = await expectOk(spine.workflows.run("test.flow"));
    await clock.advance(hour - 1);
    expect(await expectOk(spine.recover())).toEqual([]);
    await clock.advance(1);
    const [passed] = await expectOk(spine.recover());
    expect(passed?.result.isOk()).toBe(true);
    expect(await expectOk(spine.runs.get(runId))).toMatchObject({ status: "COMPLETED" });
    expect((await expectOk(spine.runs.steps(runId)))[0]).toMatchObject({ step: "pause", output: { waitedMs: hour } });
  });

  test("lasts from when it was begun, although the process was away", async () => {
    const store = memory();
    const steps = [Step.wait("pause", { forMs: hour }), Step.lambda("after", () => true)];
    const workflow = defineWorkflow({ name: "test.flow", steps });
    const first = await openUnclosed({ store, workflows: [workflow] });
    const { runId } = await expectOk(first.spine.workflows.run("test.flow"));
    await first.spine.close();
    await first.clock.advance(3 * hour);
    const second = await openUnclosed({ store, workflows: [workflow], clock: first.clock });
    await expectOk(second.spine.recover());
    expect((await expectOk(second.spine.runs.steps(runId)))[0]).toMatchObject({ output: { waitedMs: 3 * hour } });
    await second.spine.close();
  });

  test("is over at once when its instant has passed", async () => {
    const { run } = await runFlow([Step.wait("pause", { until: "2020-01-01T00:00:00Z" })]);
    expect(run.status).toBe("COMPLETED");
  });

  test("takes its instant from a parameter", async () => {
    const steps = [Step.wait("pause", { until: { path: "params.opensAt" } })];
    const { run } = await runFlow(steps, { run: { params: { opensAt: "2025-12-20T01:00:00Z" } } });
    expect(run).toMatchObject({ status: "WAITING", dueAt: "2025-12-20T01:00:00.000Z" });
    const wrong = await runFlow(steps, { run: { params: { opensAt: "soon" } } });
    expect(wrong.run.error).toMatchObject({ code: "INSTANT_INVALID" });
  });

  test("is waited for in process as long as the caller says", async () => {
    const steps = [Step.wait("pause", { forMs: 5000 }), Step.lambda("after", () => true)];
    const { run } = await runFlow(steps, { run: { waitMs: 10_000 } });
    expect(run.status).toBe("COMPLETED");
    const early = await runFlow(steps, { run: { waitMs: 2000 } });
    expect(early.run.status).toBe("WAITING");
  });

  test("without a store passes in the process", async () => {
    const { WorkflowRunner } = await import("../src/index.ts");
    const { fakeClock } = await import("@spine/testkit");
    const clock = fakeClock();
    const runner = new WorkflowRunner({ clock });
    const workflow = defineWorkflow({ name: "a", steps: [Step.wait("pause", { forMs: hour / 2 })] });
    const run = await passTime(clock, expectOk(runner.run(workflow)));
    expect(run).toMatchObject({ status: "COMPLETED", outputs: { pause: { waitedMs: hour / 2 } } });
    const deaf = defineWorkflow({ name: "b", steps: [Step.wait("pause", { signal: "go" })] });
    expect((await expectOk(runner.run(deaf))).error).toMatchObject({ code: "CAPABILITY_MISSING" });
  });

  test.each([
    [{}, "nothing"],
    [{ forMs: 1, signal: "go" }, "forMs and signal"],
    [{ forMs: -1 }, "forMs -1"],
    [{ signal: "go", timeoutMs: 0 }, "timeoutMs 0"],
  ])("for %o is a mistake in program text", (options, text) => {
    const define = (): unknown => defineWorkflow({ name: "a", steps: [Step.wait("pause", options)] });
    expect(define).toThrow(text);
  });
});

describe("a signal", () => {
  const steps = [
    Step.wait("go", { signal: "go", timeoutMs: hour }),
    Step.wait("again", { signal: "go" }),
    Step.lambda("after", ({ outputs }) => ({
      got: [outputs["go"], outputs["again"]].map((output) => payload(output)),
    })),
  ];
  const payload = (output: unknown): unknown => (output as { payload: unknown }).payload;

  test("ends the wait with its payload, and each signal ends one wait", async () => {
    const { spine } = await openFlow(steps);
    const { runId } = await expectOk(spine.workflows.run("test.flow"));
    await expectOk(spine.runs.signal(runId, "other", 0));
    await expectOk(spine.runs.signal(runId, "go", 1));
    await expectOk(spine.recover());
    expect(await expectOk(spine.runs.get(runId))).toMatchObject({ status: "WAITING" });
    await expectOk(spine.runs.signal(runId, "go", 2));
    await expectOk(spine.recover());
    const after = (await expectOk(spine.runs.steps(runId))).find(({ step }) => step === "after");
    expect(after?.output).toEqual({ got: [1, 2] });
  });

  test("that comes before anybody waits is not lost", async () => {
    const early: { signal?: () => Promise<void> } = {};
    const { spine } = await openFlow([Step.lambda("first", async () => early.signal?.()), ...steps]);
    early.signal = async () => {
      await expectOk(spine.runs.signal("run-1", "go", 7));
    };
    const run = await expectOk(spine.workflows.run("test.flow", { runId: "run-1" }));
    expect(run.outputs["go"]).toMatchObject({ payload: 7 });
  });

  test("that does not come in time fails the step", async () => {
    const { spine, clock } = await openFlow(steps);
    const { runId } = await expectOk(spine.workflows.run("test.flow"));
    await clock.advance(hour);
    await expectOk(spine.recover());
    expect(await expectOk(spine.runs.get(runId))).toMatchObject({ status: "FAILED", error: { code: "WAIT_TIMEOUT" } });
    await expectErr(spine.runs.signal(runId, "go"), "RUN_ENDED");
    await expectErr(spine.runs.signal("run_x", "go"), "RUN_NOT_FOUND");
  });
});

describe("an approval", () => {
  const steps = [Step.approval("release", { message: "Publish?" }), Step.lambda("after", () => true)];

  test("goes on when somebody approves", async () => {
    const { spine } = await openFlow(steps);
    const { runId } = await expectOk(spine.workflows.run("test.flow"));
    await expectOk(spine.runs.approve(runId, "release", { by: "ada", comment: "fine" }));
    await expectOk(spine.recover());
    const [release] = await expectOk(spine.runs.steps(runId));
    expect(release?.output).toMatchObject({ approved: true, by: "ada", comment: "fine" });
    expect(await expectOk(spine.runs.get(runId))).toMatchObject({ status: "COMPLETED" });
  });

  test("fails the run when somebody rejects, with who and why", async () => {
    const { spine } = await openFlow(steps);
    const { runId } = await expectOk(spine.workflows.run("test.flow"));
    await expectOk(spine.runs.reject(runId, "release", { by: "ada", comment: "too few rows" }));
    await expectOk(spine.recover());
    const record = await expectOk(spine.runs.get(runId));
    expect(record).toMatchObject({ status: "FAILED", error: { code: "APPROVAL_REJECTED" } });
    expect(record.error?.message).toContain("by ada: too few rows");
  });

  test("can take a rejection for an answer", async () => {
    const { spine } = await openFlow([Step.approval("ask", { rejectionGoesOn: true })]);
    const { runId } = await expectOk(spine.workflows.run("test.flow"));
    await expectOk(spine.runs.reject(runId, "ask"));
    await expectOk(spine.recover());
    expect(await expectOk(spine.runs.get(runId))).toMatchObject({ status: "COMPLETED" });
  });
});

describe("a partition", () => {
  test("that becomes ready ends the wait", async () => {
    const slot = { domain: "prices", partition: "2025-12-19", stage: "INGEST", tier: "BRONZE" } as const;
    const { spine, clock } = await openFlow([
      Step.wait("ready", { partition: { domain: "prices", stage: "INGEST" }, lookMs: 1000, timeoutMs: hour }),
    ]);
    const { runId } = await expectOk(spine.workflows.run("test.flow", { partition: slot.partition }));
    await clock.advance(1000);
    await expectOk(spine.recover());
    expect(await expectOk(spine.runs.get(runId))).toMatchObject({ status: "WAITING" });
    await expectOk(spine.store.captures.start({ ...slot, captureId: "cap_1" }));
    await expectOk(spine.store.captures.complete({ captureId: "cap_1", rowCount: 1 }));
    await clock.advance(1000);
    await expectOk(spine.recover());
    const [ready] = await expectOk(spine.runs.steps(runId));
    expect(ready).toMatchObject({ status: "COMPLETED", output: { captureId: "cap_1" } });
  });
});

describe("a child run that waits", () => {
  const child = defineWorkflow({
    name: "child",
    steps: [Step.wait("go", { signal: "go" }), Step.lambda("x", () => ({ n: 1 }))],
  });
  const parent = defineWorkflow({
    name: "parent",
    steps: [Step.workflow("sub", "child"), Step.lambda("end", () => true)],
  });

  test("has its parent wait, and a signal to the child wakes both", async () => {
    const { spine } = await openUnclosed({ workflows: [child, parent] });
    const run = await expectOk(spine.workflows.run("parent"));
    expect(run.status).toBe("WAITING");
    await expectOk(spine.runs.signal(`${run.runId}:sub`, "go"));
    await expectOk(spine.recover());
    expect(await expectOk(spine.runs.get(run.runId))).toMatchObject({ status: "COMPLETED" });
    const [sub] = await expectOk(spine.runs.steps(run.runId));
    expect(sub).toMatchObject({ output: { status: "COMPLETED", outputs: { x: { n: 1 } } } });
    await spine.close();
  });

  test("is cancelled with it", async () => {
    const { spine } = await openUnclosed({ workflows: [child, parent] });
    const { runId } = await expectOk(spine.workflows.run("parent"));
    expect((await expectOk(spine.runs.cancel(runId))).status).toBe("CANCELLED");
    expect(await expectOk(spine.runs.get(`${runId}:sub`))).toMatchObject({ status: "CANCELLED" });
    await spine.close();
  });

  test("is nobody's business when it was detached", async () => {
    const detached = defineWorkflow({ name: "parent", steps: [Step.workflow("sub", "child", { detached: true })] });
    const { spine } = await openUnclosed({ workflows: [child, detached] });
    const run = await expectOk(spine.workflows.run("parent"));
    expect(run).toMatchObject({ status: "COMPLETED", outputs: { sub: { runId: `${run.runId}:sub` } } });
    await expectOk(spine.runs.signal(`${run.runId}:sub`, "go"));
    await expectOk(spine.recover());
    expect(await expectOk(spine.runs.get(`${run.runId}:sub`))).toMatchObject({ status: "COMPLETED" });
    await spine.close();
  });

  test("cannot be a circle, and not endless", async () => {
    const { createSpine } = await import("../src/index.ts");
    const call = (name: string, called: string) => defineWorkflow({ name, steps: [Step.workflow("sub", called)] });
    const circle = createSpine({ store: memory(), workflows: [call("a", "b"), call("b", "c"), call("c", "b")] });
    const error: SpineError = await expectErr(circle, "WORKFLOW_CYCLE");
    expect(error.message).toContain("b → c → b");
    const unknown = createSpine({ store: memory(), workflows: [call("a", "child2"), child] });
    await expectErr(unknown, "WORKFLOW_NOT_FOUND");
  });
});
