import { expectErr, expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { defineGroup, GroupRunner, Step } from "../src/index.ts";
import { type Dependencies, groupOf, runGroup } from "./support/groups.ts";
import { openSpine } from "./support/open-spine.ts";
import { stub } from "./support/pipelines.ts";
import { stepLines, storedStepLines } from "./support/summaries.ts";

const chain: Dependencies = { a: [], b: ["a"], c: ["b"] };
const free: Dependencies = { a: [], b: [], c: [] };
const diamond: Dependencies = { a: [], b: ["a"], c: ["a"], d: ["b", "c"] };
const stops = "an earlier step failed and the group stops";

/** The reference's checklist (§4.11, §5.4), for both ways of running: what is said here does not depend on it. */
describe.each(["sequential", "parallel"] as const)("a %s group", (execution) => {
  const policy = { execution };

  it.each<[string, Dependencies]>([
    ["a chain", chain],
    ["independent steps", free],
    ["a diamond", diamond],
    ["one step", { a: [] }],
    ["no step", {}],
  ])("of %s runs every step and is COMPLETED", async (_, dependencies) => {
    const { run } = await runGroup(dependencies, { policy });
    const names = Object.keys(dependencies);
    expect(run).toMatchObject({ kind: "group", name: "weekly", status: "COMPLETED", error: undefined });
    expect(run.counts).toEqual({ total: names.length, completed: names.length, failed: 0, skipped: 0 });
    expect(run.outputs).toEqual(Object.fromEntries(names.map((name) => [name, { done: name }])));
  });

  it("runs a chain in order whatever the order of its text", async () => {
    const { run } = await runGroup({ c: ["b"], b: ["a"], a: [] }, { policy });
    expect(stepLines(run)).toEqual(["a COMPLETED", "b COMPLETED", "c COMPLETED"]);
  });

  it("that stops is FAILED at the first failure, and what has not begun is SKIPPED", async () => {
    const { spine, run } = await runGroup(chain, { policy, failing: ["b"] });
    expect(run).toMatchObject({ status: "FAILED", errorStep: "b", counts: { completed: 1, failed: 1, skipped: 1 } });
    expect(stepLines(run)).toEqual(["a COMPLETED", "b FAILED", `c SKIPPED: ${stops}`]);
    expect(await storedStepLines(spine, run.runId)).toEqual(stepLines(run));
  });

  it("that continues is PARTIAL, and what depends on the failure is SKIPPED, however far away", async () => {
    const dependencies = { root: [], a: ["root"], b: ["root"], a2: ["a"], b2: ["b"], end: ["a2", "b2"] };
    const { run } = await runGroup(dependencies, { policy: { execution, onFailure: "continue" }, failing: ["a"] });
    expect(run).toMatchObject({ status: "PARTIAL", errorStep: "a", counts: { completed: 3, failed: 1, skipped: 2 } });
    expect(stepLines(run).toSorted()).toEqual([
      "a FAILED",
      'a2 SKIPPED: depends on "a", which did not complete',
      "b COMPLETED",
      "b2 COMPLETED",
      'end SKIPPED: depends on "a2", which did not complete',
      "root COMPLETED",
    ]);
  });

  it("that continues and in which nothing succeeds is FAILED", async () => {
    const { run } = await runGroup(
      { a: [], b: ["a"] },
      { policy: { execution, onFailure: "continue" }, failing: ["a"] },
    );
    expect(run).toMatchObject({ status: "FAILED", counts: { completed: 0, failed: 1, skipped: 1 } });
  });

  it("counts a pipeline that had nothing to do as done: what depends on it runs", async () => {
    const { run } = await runGroup(
      { a: [], b: ["a"] },
      { policy, work: ({ run: { step } }) => (step === "a" ? { status: "SKIPPED", reason: "captured" } : {}) },
    );
    expect(run).toMatchObject({ status: "COMPLETED", counts: { completed: 1, skipped: 1 } });
    expect(stepLines(run)).toEqual(["a SKIPPED: captured", "b COMPLETED"]);
  });

  it("records its run, steps and plan order", async () => {
    const { spine, run } = await runGroup({ c: ["b"], b: ["a"], a: [] }, { policy });
    expect(await expectOk(spine.store.history.get(run))).toMatchObject({
      kind: "group",
      status: "COMPLETED",
      batchId: run.batchId,
    });
    const steps = await expectOk(spine.store.history.steps(run));
    expect(steps.map(({ step, position, kind }) => [step, position, kind])).toEqual([
      ["a", 0, "pipeline"],
      ["b", 1, "pipeline"],
      ["c", 2, "pipeline"],
    ]);
  });
});

describe("a sequential group that stops", () => {
  it("begins no independent step after a failure either", async () => {
    const begun: string[] = [];
    const { spine, run } = await runGroup(free, {
      failing: ["a"],
      work: (context) => void begun.push(context.run.step),
    });
    expect(begun).toEqual([]);
    expect(stepLines(run)).toEqual(["a FAILED", `b SKIPPED: ${stops}`, `c SKIPPED: ${stops}`]);
    expect(await storedStepLines(spine, run.runId)).toEqual(stepLines(run));
  });

  it("says of a step that waits for its turn that it has not begun", async () => {
    const seen: number[] = [];
    const { group, pipelines } = groupOf(free, { work: () => ({}) });
    const looking = pipelines.map(({ key }) =>
      stub(key, async ({ run }) => {
        seen.push((await expectOk(spine.store.history.steps(run))).length);
      }),
    );
    const { spine } = await openSpine({ pipelines: looking, groups: [group] });
    await expectOk(spine.groups.run("weekly"));
    expect(seen).toEqual([1, 2, 3]);
  });
});

describe("a group's time limit", () => {
  it("is enforced: the run fails, and what has not begun never does", async () => {
    const begun: string[] = [];
    const { group, pipelines } = groupOf(chain, {
      policy: { timeoutMinutes: 2 },
      work: ({ run, clock, signal }) => {
        begun.push(run.step);
        if (run.step === "a") return {};
        return new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason as Error));
          clock.setTimer(600_000, () => undefined);
        });
      },
    });
    const { spine, clock } = await openSpine({ pipelines, groups: [group] });
    const running = spine.groups.run("weekly");
    await clock.advance(119_999);
    expect(await expectOk(spine.store.history.get({ runId: "run_000001" }))).toMatchObject({ status: "RUNNING" });
    await clock.advance(1);
    const run = await expectOk(running);
    expect(run).toMatchObject({
      status: "FAILED",
      errorStep: "b",
      error: { code: "RUN_TIMEOUT" },
      durationMs: 120_000,
    });
    expect(begun).toEqual(["a", "b"]);
  });
});

describe("a group runner wired by hand", () => {
  it("runs without a store", async () => {
    const { group, pipelines } = groupOf(diamond);
    const run = await expectOk(new GroupRunner({ pipelines }).run(group));
    expect(run).toMatchObject({ status: "COMPLETED", counts: { completed: 4 } });
  });

  it("refuses circles and unknown pipelines", async () => {
    const ring = defineGroup({ name: "ring", steps: [{ name: "a", pipeline: Step.dynamic("p.a"), dependsOn: ["a"] }] });
    await expectErr(new GroupRunner().run(ring), "GROUP_CYCLE");
    const { group } = groupOf(chain);
    const error = await expectErr(
      new GroupRunner({ pipelines: [stub("p.a"), stub("p.c")] }).run(group),
      "PIPELINE_NOT_FOUND",
    );
    expect(error.message).toBe('Pipeline "p.b" is not registered. Did you mean "p.a"?');
  });
});
