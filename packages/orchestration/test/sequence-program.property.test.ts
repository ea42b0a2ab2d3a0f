import { expectOk } from "@spine/testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WorkflowRunner } from "../src/index.ts";
import { openSpine } from "./support/open-spine.ts";
import { flow } from "./support/run-steps.ts";
import { interpret } from "./support/sequence-reference.ts";
import { stepsOf, tree } from "./support/sequence-tree.ts";

describe("any workflow of steps and choices", () => {
  it("runs the steps its drawing says, in that order, and passes over all others", async () => {
    const runner = new WorkflowRunner();
    await fc.assert(
      fc.asyncProperty(tree, async (nodes) => {
        const workflow = flow(stepsOf(nodes));
        const run = await expectOk(runner.run(workflow));
        const ran = run.steps.filter(({ attempt }) => attempt > 0).map(({ step, status }) => `${step} ${status}`);
        expect({ ran, status: run.status }).toEqual(interpret(nodes));
        expect(run.steps.map(({ step }) => step).toSorted()).toEqual(workflow.steps.map(({ name }) => name).toSorted());
      }),
      { numRuns: 1500 },
    );
  });

  it("has in history what it told its caller", async () => {
    const { spine } = await openSpine();
    await fc.assert(
      fc.asyncProperty(tree, async (nodes) => {
        const run = await expectOk(spine.workflows.run(flow(stepsOf(nodes))));
        const stored = await expectOk(spine.store.history.steps(run));
        const facts = (
          steps: readonly { step: string; status: string; attempt: number; reason?: string | undefined }[],
        ): unknown =>
          steps.map(({ step, status, attempt, reason }) => `${step} ${status} ${attempt} ${reason}`).toSorted();
        expect(facts(stored)).toEqual(facts(run.steps));
        expect(stored.map(({ order }) => order).toSorted((a = 0, b = 0) => a - b)).toEqual(
          stored.map((_, index) => index + 1),
        );
        expect(await expectOk(spine.store.history.get(run))).toMatchObject({ status: run.status, counts: run.counts });
      }),
      { numRuns: 200 },
    );
  });
});
