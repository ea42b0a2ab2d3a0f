import { memory } from "@spine/core";
import { expectErr, expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { defineGroup, defineWorkflow, type Group, Step, type Workflow, type WorkflowSettings } from "../src/index.ts";
import { openSpine } from "./support/open-spine.ts";
import { stub } from "./support/pipelines.ts";
import { flow, type Steps } from "./support/run-steps.ts";

const fails = stub("p.fails", () => Promise.reject(new Error("no")));
const works = stub("p.works");

const step = (name: string, pipeline = "p.works"): Steps[number] => Step.pipeline(name, Step.dynamic(pipeline));
const before: Steps = [step("a"), step("b", "p.fails"), Step.lambda("c", () => ({}))];

/** Runs a workflow until it fails, and resumes it with another definition of the same name. */
async function resumedWith(now: Workflow, then: Workflow = flow(before)) {
  const store = memory();
  const first = await openSpine({ store, pipelines: [fails, works], workflows: [then] });
  const { runId } = await expectOk(first.spine.workflows.run("test.flow"));
  await expectOk(first.spine.close());
  const { spine } = await openSpine({ store, pipelines: [fails, works], workflows: [now] });
  return { spine, runId, resuming: spine.resume(runId) };
}

describe("a workflow that is not the one the run started with", () => {
  it.each<[string, Steps, WorkflowSettings, string]>([
    ["a step is gone", [step("a"), step("b", "p.fails")], {}, 'step "c" is gone'],
    ["a step is new", [...before, step("d")], {}, 'step "d" is new'],
    ["a step calls another pipeline", [step("a"), step("b"), Step.lambda("c", () => ({}))], {}, 'step "b" changed'],
    [
      "a step has another policy",
      [step("a"), step("b", "p.fails"), Step.lambda("c", () => ({}), { onError: "continue" })],
      {},
      'step "c" changed',
    ],
    [
      "a function has another version",
      [step("a"), step("b", "p.fails"), Step.lambda("c", () => ({}), { version: "2" })],
      {},
      'step "c" changed',
    ],
    [
      "steps are in another order",
      [step("b", "p.fails"), step("a"), Step.lambda("c", () => ({}))],
      {},
      "its settings or the order of its steps changed",
    ],
    ["defaults are others", before, { defaults: { tier: "OTC" } }, "its settings or the order of its steps changed"],
    ["its version is another", before, { version: "2" }, "its settings or the order of its steps changed"],
    [
      "much is different",
      [step("x"), step("b"), Step.lambda("c", () => ({}))],
      {},
      'step "a" is gone; step "x" is new; step "b" changed',
    ],
  ])("is refused: %s", async (_, steps, settings, differences) => {
    const { spine, runId, resuming } = await resumedWith(flow(steps, settings));
    const error = await expectErr(resuming, "DEFINITION_CHANGED");
    expect(error.message).toBe(
      `Run ${runId} started with another definition of workflow "test.flow": ${differences}. Restore that definition, or start a new run.`,
    );
    expect(error.context).toMatchObject({ runId, differences: differences.split("; ") });
    expect(await expectOk(spine.store.history.get({ runId }))).toMatchObject({ status: "FAILED", owner: undefined });
  });

  it("is accepted when only the code of a function is different: its version says whether it does something else", async () => {
    const { resuming } = await resumedWith(
      flow([step("a"), step("b", "p.fails"), Step.lambda("c", () => ({ other: true }))]),
    );
    expect(await expectOk(resuming)).toMatchObject({ status: "FAILED", errorStep: "b" });
  });

  it("is accepted when only words for people are different", async () => {
    const { resuming } = await resumedWith(
      defineWorkflow({ name: "test.flow", steps: before, description: "Now with a description", tags: ["x"] }),
    );
    await expectOk(resuming);
  });

  it("is refused when a condition is another", async () => {
    const choosing = (when: string): Steps => [
      ...before.slice(0, 2),
      Step.choice("r", { when, then: "c" }),
      Step.lambda("c", () => ({})),
    ];
    const { resuming } = await resumedWith(flow(choosing("1 < 3")), flow(choosing("1 < 2")));
    expect((await expectErr(resuming, "DEFINITION_CHANGED")).message).toContain('step "r" changed');
  });
});

it("a group that is not the one the run started with is refused, naming its steps", async () => {
  const group = (dependsOn: readonly string[]): Group =>
    defineGroup({
      name: "weekly",
      steps: [
        { name: "a", pipeline: Step.dynamic("p.works") },
        { name: "b", pipeline: Step.dynamic("p.fails"), dependsOn },
      ],
    });
  const store = memory();
  const first = await openSpine({ store, pipelines: [fails, works], groups: [group(["a"])] });
  const { runId } = await expectOk(first.spine.groups.run("weekly"));
  const { spine } = await openSpine({ store, pipelines: [fails, works], groups: [group([])] });
  const error = await expectErr(spine.resume(runId), "DEFINITION_CHANGED");
  expect(error.message).toContain('another definition of group "weekly": step "b" changed.');
});
