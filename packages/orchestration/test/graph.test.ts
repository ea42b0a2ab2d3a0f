import { definePipeline, memory } from "@spine/core";
import { expectOk } from "@spine/testkit";
import { describe, expect, test } from "vitest";
import { defineWorkflow, Step, StepResult } from "../src/index.ts";
import { createGate } from "./support/gate.ts";
import { openUnclosed } from "./support/open-spine.ts";
import { flow, openFlow, runFlow } from "./support/run-steps.ts";

const note = (name: string, calls: string[], dependsOn: readonly string[] = []) =>
  Step.lambda(name, () => void calls.push(name), { dependsOn });

describe("steps that depend on each other", () => {
  test("run at once where nothing holds them, and never more than may", async () => {
    let active = 0;
    let most = 0;
    const step = (name: string) =>
      Step.lambda(
        name,
        async () => {
          active += 1;
          most = Math.max(most, active);
          await new Promise((resolve) => void setImmediate(resolve));
          active -= 1;
        },
        { dependsOn: [] },
      );
    const steps = Array.from({ length: 10 }, (_, index) => step(`s${index}`));
    const { run } = await runFlow(steps, { maxConcurrency: 3 });
    expect(run).toMatchObject({ status: "COMPLETED", counts: { completed: 10 } });
    expect(most).toBe(3);
  });

  test("begin when what they depend on is done, and see its outputs only, whatever ends first", async () => {
    const slow = createGate();
    const seen: unknown[] = [];
    const { spine, clock } = await openFlow([
      Step.lambda("a", async () => StepResult.ok({ n: 1 }, { updates: await slow.opened.then(() => ({ by: "a" })) }), {
        dependsOn: [],
      }),
      Step.lambda("b", () => StepResult.ok({ n: 2 }, { updates: { by: "b" } }), { dependsOn: [] }),
      Step.lambda("onlyB", ({ outputs, params }) => void seen.push([Object.keys(outputs), params["by"]]), {
        dependsOn: ["b"],
      }),
      Step.lambda("both", ({ outputs, params }) => void seen.push([Object.keys(outputs), params["by"]]), {
        dependsOn: ["b", "a"],
      }),
    ]);
    const running = expectOk(spine.workflows.run("test.flow"));
    await clock.advance(0);
    slow.open();
    expect((await running).status).toBe("COMPLETED");
    expect(seen).toEqual([
      [["b"], "b"],
      [["a", "b"], "b"],
    ]);
  });

  test("are passed over when what they depend on fails; `continue` lets the others end", async () => {
    const calls: string[] = [];
    const { run } = await runFlow([
      Step.lambda("bad", () => false, { dependsOn: [], onError: "continue" }),
      note("after", calls, ["bad"]),
      note("other", calls),
      note("end", calls, ["other"]),
    ]);
    expect(run.status).toBe("PARTIAL");
    expect(calls).toEqual(["other", "end"]);
    expect(run.steps.find(({ step }) => step === "after")).toMatchObject({
      status: "SKIPPED",
      reason: 'depends on "bad", which did not complete',
    });
    expect(run.errorStep).toBe("bad");
  });

  test("stop when one fails that stops the run", async () => {
    const calls: string[] = [];
    const { run } = await runFlow([Step.lambda("bad", () => false, { dependsOn: [] }), note("after", calls, ["bad"])]);
    expect(run).toMatchObject({ status: "FAILED", counts: { total: 2, failed: 1, skipped: 1 } });
  });

  test("a choice among them passes over the target it did not take, and what meets after both runs", async () => {
    const calls: string[] = [];
    const { run } = await runFlow(
      [
        Step.choice("which", { when: "params.big == true", then: "large", otherwise: "small" }),
        note("large", calls, []),
        note("largeEnd", calls, ["large"]),
        note("small", calls, []),
        note("meet", calls, ["largeEnd", "small"]),
      ],
      { run: { params: { big: false } } },
    );
    expect(run.status).toBe("COMPLETED");
    expect(calls).toEqual(["small", "meet"]);
    expect(run.steps.filter(({ status }) => status === "SKIPPED").map(({ step }) => step)).toEqual([
      "large",
      "largeEnd",
    ]);
  });

  test("do not jump", async () => {
    const { run } = await runFlow([
      Step.lambda("a", () => StepResult.ok({}, { next: "b" }), { dependsOn: [] }),
      Step.lambda("b", () => true, { dependsOn: [] }),
    ]);
    expect(run).toMatchObject({ status: "FAILED", error: { code: "STEP_JUMP_INVALID" } });
  });

  test.each([
    [[Step.lambda("a", () => true, { dependsOn: ["a"] })], "depends on itself"],
    [[Step.lambda("ab", () => true, { dependsOn: ["ac"] })], 'depends on "ac", which is not a step.'],
    [
      [Step.lambda("a", () => true, { dependsOn: ["b"] }), Step.lambda("b", () => true, { dependsOn: ["a"] })],
      "depend on each other in a circle",
    ],
  ])("are checked when they are defined: %#", (steps, text) => {
    expect(() => flow(steps)).toThrow(text);
  });
});

describe("compensations", () => {
  const undone: unknown[] = [];
  const pipelines = [
    definePipeline({ key: "book", run: ({ run }) => ({ booked: run.step }) }),
    definePipeline({
      key: "unbook",
      run: ({ params }) => void undone.push((params as { output: { booked: string } }).output.booked),
    }),
    definePipeline({
      key: "broken",
      run: () => {
        throw new Error("cannot");
      },
    }),
  ];
  const book = (name: string, compensate = "unbook") =>
    Step.pipeline(name, Step.dynamic("book"), { compensate: { pipeline: compensate } });

  test("run in reverse order when the run fails, with the outputs of what they make good", async () => {
    undone.length = 0;
    const { spine, run } = await runFlow([book("a"), book("b"), Step.lambda("bad", () => false)], { pipelines });
    expect(undone).toEqual(["b", "a"]);
    expect(run).toMatchObject({ status: "FAILED", errorStep: "bad", counts: { total: 3 } });
    const steps = await expectOk(spine.runs.steps(run.runId));
    expect(steps.slice(3).map(({ step, kind, status }) => [step, kind, status])).toEqual([
      ["undo-a", "compensation", "COMPLETED"],
      ["undo-b", "compensation", "COMPLETED"],
    ]);
    const { expectErr } = await import("@spine/testkit");
    await expectErr(spine.resume(run.runId), "RUN_NOT_RESUMABLE");
  });

  test("go on when one of them fails, and do not run when the run completes", async () => {
    undone.length = 0;
    const failing = [book("a"), book("b", "broken"), Step.lambda("bad", () => false)];
    const { run } = await runFlow(failing, { pipelines });
    expect(run).toMatchObject({ status: "FAILED", errorStep: "bad" });
    expect(undone).toEqual(["a"]);
    undone.length = 0;
    expect((await runFlow([book("a")], { pipelines })).run.status).toBe("COMPLETED");
    expect(undone).toEqual([]);
  });
});

describe("concurrency limits", () => {
  const gated = (gate: ReturnType<typeof createGate>) =>
    defineWorkflow({
      name: "test.flow",
      steps: [Step.lambda("a", () => gate.opened)],
      concurrency: { limit: 1, key: "feed {{ params.feed }}" },
    });

  test("no more runs of one key are under way than may be; the others queue and go on by priority", async () => {
    const gate = createGate();
    const { spine, clock } = await openUnclosed({ workflows: [gated(gate)], store: memory() });
    const start = (runId: string, feed: string, priority = 0) =>
      expectOk(spine.workflows.run("test.flow", { runId, priority, params: { feed } }));
    const first = start("r1", "x");
    const other = start("r2", "y");
    await clock.advance(0);
    expect((await start("r3", "x")).status).toBe("WAITING");
    expect((await start("r4", "x", 5)).status).toBe("WAITING");
    gate.open();
    expect([(await first).status, (await other).status]).toEqual(["COMPLETED", "COMPLETED"]);
    const passed = await expectOk(spine.recover());
    expect(passed.map(({ runId }) => runId)).toEqual(["r4"]);
    await expectOk(spine.recover());
    expect(await expectOk(spine.runs.get("r3"))).toMatchObject({ status: "COMPLETED", concurrencyKey: "feed x" });
    await spine.close();
  });
});
