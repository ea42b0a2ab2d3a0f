import { createIds, definePipeline, memory } from "@spine/core";
import { expectErr, expectOk } from "@spine/testkit";
import { describe, expect, test } from "vitest";
import { defineGroup, defineWorkflow, Step } from "../src/index.ts";
import { createGate } from "./support/gate.ts";
import { openUnclosed } from "./support/open-spine.ts";
import { openFlow, runFlow } from "./support/run-steps.ts";

describe("a run's id and key", () => {
  test("an id that the caller gives is the run's, and taken once", async () => {
    const { spine } = await openFlow([Step.lambda("a", () => true)]);
    expect((await expectOk(spine.workflows.run("test.flow", { runId: "mine" }))).runId).toBe("mine");
    await expectErr(spine.workflows.run("test.flow", { runId: "mine" }), "RUN_EXISTS");
  });

  test("the same key is the same run, whatever became of it", async () => {
    const calls: number[] = [];
    const { spine } = await openFlow([
      Step.lambda("a", () => {
        calls.push(1);
        return false;
      }),
    ]);
    const first = await expectOk(spine.workflows.run("test.flow", { idempotencyKey: "2025-12-19" }));
    const second = await expectOk(spine.workflows.run("test.flow", { idempotencyKey: "2025-12-19" }));
    expect(second).toMatchObject({ runId: first.runId, status: "FAILED", error: { code: "STEP_REJECTED" } });
    expect(calls).toHaveLength(1);
    const other = await expectOk(spine.workflows.run("test.flow", { idempotencyKey: "2025-12-20" }));
    expect(other.runId).not.toBe(first.runId);
  });

  test("a start with the key of a run under way joins it, however many start at once", async () => {
    const gate = createGate();
    const { spine } = await openFlow([Step.lambda("a", async () => ({ n: await gate.opened.then(() => 1) }))]);
    const starts = Array.from({ length: 10 }, () =>
      expectOk(spine.workflows.run("test.flow", { idempotencyKey: "k" })),
    );
    await new Promise((resolve) => void setImmediate(resolve));
    gate.open();
    const runs = await Promise.all(starts);
    expect(new Set(runs.map(({ runId }) => runId)).size).toBe(1);
    expect(await expectOk(spine.runs.list())).toHaveLength(1);
  });
});

describe("cancelling from outside", () => {
  test("tells the step under way, and ends the run CANCELLED", async () => {
    const told: unknown[] = [];
    const work = definePipeline({
      key: "work",
      run: ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => {
            told.push(1);
            reject(new Error("stopped"));
          });
        }),
    });
    const { spine, clock } = await openFlow([Step.pipeline("work", Step.dynamic("work"))], { pipelines: [work] });
    const running = expectOk(spine.workflows.run("test.flow", { runId: "r" }));
    await clock.advance(0);
    expect((await expectOk(spine.runs.cancel("r"))).status).toBe("CANCELLED");
    expect(await running).toMatchObject({ status: "CANCELLED", steps: [{ step: "work", status: "FAILED" }] });
    expect(told).toEqual([1]);
  });

  test("leaves a step behind that does not listen", async () => {
    const { spine, clock } = await openFlow([Step.lambda("deaf", () => new Promise<never>(() => undefined))]);
    const running = expectOk(spine.workflows.run("test.flow", { runId: "r" }));
    await clock.advance(0);
    const cancelled = expectOk(spine.runs.cancel("r"));
    await clock.advance(5000);
    expect((await cancelled).status).toBe("CANCELLED");
    expect(await running).toMatchObject({ steps: [{ step: "deaf", status: "FAILED", error: { code: "CANCELLED" } }] });
  });

  test("ends a waiting run at once, and nothing that has ended", async () => {
    const { spine } = await openFlow([Step.wait("go", { signal: "go" })]);
    const { runId } = await expectOk(spine.workflows.run("test.flow"));
    expect(await expectOk(spine.runs.cancel(runId))).toMatchObject({ status: "CANCELLED" });
    expect(await expectOk(spine.runs.cancel(runId))).toMatchObject({ status: "CANCELLED" });
    const done = await runFlow([Step.lambda("a", () => true)]);
    await expectErr(done.spine.runs.cancel(done.run.runId), "RUN_ENDED");
    await expectErr(spine.runs.cancel("run_x"), "RUN_NOT_FOUND");
  });

  test("reaches a run of another process within a second of its clock", async () => {
    const store = memory();
    const workflow = defineWorkflow({
      name: "test.flow",
      steps: [Step.lambda("slow", () => new Promise<never>(() => undefined))],
    });
    const here = await openUnclosed({ store, workflows: [workflow] });
    const there = await openUnclosed({ store, workflows: [workflow], clock: here.clock, ids: createIds() });
    const running = expectOk(here.spine.workflows.run("test.flow", { runId: "r" }));
    await here.clock.advance(0);
    expect((await expectOk(there.spine.runs.cancel("r"))).status).toBe("RUNNING");
    await here.clock.advance(7000);
    expect((await running).status).toBe("CANCELLED");
    await here.spine.close();
    await there.spine.close();
  });
});

describe("pausing", () => {
  test("lets the step under way end and begins no further one; resuming goes on", async () => {
    const gate = createGate();
    const calls: string[] = [];
    const { spine, clock } = await openFlow([
      Step.lambda("a", async () => {
        calls.push("a");
        await gate.opened;
      }),
      Step.lambda("b", () => void calls.push("b")),
    ]);
    const running = expectOk(spine.workflows.run("test.flow", { runId: "r" }));
    await clock.advance(0);
    const paused = expectOk(spine.runs.pause("r"));
    await clock.advance(0);
    gate.open();
    expect(await paused).toMatchObject({ status: "WAITING", dueAt: undefined });
    expect((await running).status).toBe("WAITING");
    expect(await expectOk(spine.recover())).toEqual([]);
    expect(await expectOk(spine.runs.get("r"))).toMatchObject({ requested: "pause" });
    expect((await expectOk(spine.runs.resume("r"))).status).toBe("COMPLETED");
    expect(calls).toEqual(["a", "b"]);
    expect((await expectOk(spine.runs.steps("r"))).map(({ attempt }) => attempt)).toEqual([1, 1]);
  });

  test("of parallel steps keeps those that had not begun for later", async () => {
    const gate = createGate();
    const calls: string[] = [];
    const step = (key: string, wait: boolean) =>
      definePipeline({
        key,
        run: async () => {
          calls.push(key);
          if (wait) await gate.opened;
        },
      });
    const pipelines = [step("a", true), step("b", true), step("c", false)];
    const group = defineGroup({
      name: "g",
      steps: pipelines.map(({ key }) => ({ name: key, pipeline: Step.dynamic(key) })),
      policy: { execution: "parallel", maxConcurrency: 2 },
    });
    const { spine, clock } = await openUnclosed({ pipelines, groups: [group] });
    const running = expectOk(spine.groups.run("g", { runId: "r" }));
    await clock.advance(0);
    const paused = expectOk(spine.runs.pause("r"));
    await clock.advance(0);
    gate.open();
    expect((await paused).status).toBe("WAITING");
    await running;
    expect(await expectOk(spine.resume("r"))).toMatchObject({ status: "COMPLETED", counts: { completed: 3 } });
    expect(calls.toSorted()).toEqual(["a", "b", "c"]);
    await spine.close();
  });
});

describe("closing", () => {
  const slow = (gate: ReturnType<typeof createGate>) =>
    defineWorkflow({
      name: "test.flow",
      steps: [Step.lambda("a", async () => ({ n: await gate.opened.then(() => 1) })), Step.lambda("b", () => true)],
    });

  test("with time to drain lets steps under way end; the run waits for the next process", async () => {
    const store = memory();
    const gate = createGate();
    const first = await openUnclosed({ store, workflows: [slow(gate)] });
    const running = expectOk(first.spine.workflows.run("test.flow", { runId: "r" }));
    await first.clock.advance(0);
    const closing = expectOk(first.spine.close({ drainMs: 10_000 }));
    await first.clock.advance(0);
    gate.open();
    await closing;
    expect((await running).status).toBe("WAITING");
    const second = await openUnclosed({ store, workflows: [slow(gate)], clock: first.clock, ids: createIds() });
    await expectOk(second.spine.recover());
    expect(await expectOk(second.spine.runs.get("r"))).toMatchObject({ status: "COMPLETED" });
    expect((await expectOk(second.spine.runs.steps("r"))).map(({ attempt }) => attempt)).toEqual([1, 1]);
    await second.spine.close();
  });

  test("without it interrupts them, as a crash would", async () => {
    const store = memory();
    const gate = createGate();
    const first = await openUnclosed({ store, workflows: [slow(gate)] });
    const running = first.spine.workflows.run("test.flow", { runId: "r" });
    await first.clock.advance(0);
    await expectOk(first.spine.close());
    await expectErr(running, "HOST_CLOSED");
    gate.open();
    const second = await openUnclosed({ store, workflows: [slow(gate)], clock: first.clock, ids: createIds() });
    await expectOk(second.spine.recover());
    expect(await expectOk(second.spine.runs.get("r"))).toMatchObject({ status: "COMPLETED" });
    await second.spine.close();
  });
});

describe("rerunning", () => {
  test("from a step reuses what came before it, and says where it comes from", async () => {
    const calls: string[] = [];
    let fails = true;
    const count = (name: string) => () => {
      calls.push(name);
      return { name };
    };
    const { spine } = await openFlow([
      Step.lambda("a", count("a")),
      Step.lambda("b", ({ outputs }) => {
        calls.push("b");
        return fails ? false : { from: outputs["a"] };
      }),
      Step.lambda("c", count("c")),
    ]);
    const first = await expectOk(spine.workflows.run("test.flow", { params: { x: 1 } }));
    fails = false;
    const again = await expectOk(spine.runs.rerun(first.runId, { from: "b" }));
    expect(again).toMatchObject({ status: "COMPLETED", outputs: { b: { from: { name: "a" } } } });
    expect(calls).toEqual(["a", "b", "b", "c"]);
    expect(await expectOk(spine.runs.get(again.runId))).toMatchObject({
      rerunOf: first.runId,
      rerunFrom: "b",
      params: { x: 1 },
      counts: { total: 3, completed: 3 },
    });
    expect(await expectOk(spine.runs.get(first.runId))).toMatchObject({ status: "FAILED" });
    await expectErr(spine.runs.rerun(first.runId, { from: "bb" }), "STEP_NOT_FOUND");
  });

  test("of a completed run from its beginning does everything anew", async () => {
    const { spine, run } = await runFlow([Step.lambda("a", () => ({ n: 1 }))]);
    const again = await expectOk(spine.runs.rerun(run.runId));
    expect(again.status).toBe("COMPLETED");
    expect(again.runId).not.toBe(run.runId);
  });
});

describe("a changed definition", () => {
  test("is gone on with when the caller says so, and the run keeps what it has done", async () => {
    const store = memory();
    const calls: string[] = [];
    const before = defineWorkflow({
      name: "test.flow",
      steps: [Step.lambda("a", () => void calls.push("a")), Step.lambda("b", () => false)],
    });
    const after = defineWorkflow({
      name: "test.flow",
      steps: [Step.lambda("a", () => void calls.push("a")), Step.lambda("fixed", () => void calls.push("fixed"))],
    });
    const first = await openUnclosed({ store, workflows: [before] });
    const { runId } = await expectOk(first.spine.workflows.run("test.flow"));
    await first.spine.close();
    const second = await openUnclosed({ store, workflows: [after], clock: first.clock, ids: createIds() });
    const error = await expectErr(second.spine.resume(runId), "DEFINITION_CHANGED");
    expect(error.message).toContain('step "fixed" is new');
    const run = await expectOk(second.spine.resume(runId, { onDefinitionChange: "use-current" }));
    expect(run.status).toBe("COMPLETED");
    expect(calls).toEqual(["a", "fixed"]);
    const events = await expectOk(second.spine.store.history.events({ runId }));
    expect(events.find(({ type }) => type === "run.resumed")?.payload["differences"]).toContain('step "fixed" is new');
    await second.spine.close();
  });
});

describe("looking after runs", () => {
  test("wakes what is due, and stops when it is told to", async () => {
    const { spine, clock } = await openFlow([Step.wait("pause", { forMs: 2500 })]);
    const { runId } = await expectOk(spine.workflows.run("test.flow"));
    const waker = spine.start({ lookMs: 1000 });
    await clock.advance(2500);
    expect(await expectOk(spine.runs.get(runId))).toMatchObject({ status: "COMPLETED" });
    waker.stop();
    const second = await expectOk(spine.workflows.run("test.flow"));
    await clock.advance(60_000);
    expect(await expectOk(spine.runs.get(second.runId))).toMatchObject({ status: "WAITING" });
  });
});
