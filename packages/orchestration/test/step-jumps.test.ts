import { expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { Step, StepResult } from "../src/index.ts";
import { runFlow, type Steps } from "./support/run-steps.ts";
import { stepLines } from "./support/summaries.ts";

const works = (name: string): Steps[number] => Step.lambda(name, () => ({ done: name }));
const jumps = (name: string, next: string): Steps[number] =>
  Step.lambda(name, () => StepResult.ok({ done: name }, { next }));

describe("a step that names the next one", () => {
  it("goes there; what lies between is SKIPPED with the reason", async () => {
    const { spine, run } = await runFlow([jumps("a", "d"), works("b"), works("c"), works("d"), works("e")]);
    expect(run.status).toBe("COMPLETED");
    expect(stepLines(run)).toEqual([
      "a COMPLETED",
      'b SKIPPED: step "a" went on with "d"',
      'c SKIPPED: step "a" went on with "d"',
      "d COMPLETED",
      "e COMPLETED",
    ]);
    expect((await expectOk(spine.store.history.steps(run))).map(({ attempt }) => attempt)).toEqual([1, 0, 0, 1, 1]);
  });

  it("may name the one that comes anyway", async () => {
    const { run } = await runFlow([jumps("a", "b"), works("b")]);
    expect(stepLines(run)).toEqual(["a COMPLETED", "b COMPLETED"]);
  });

  it("may do so when it skips", async () => {
    const { run } = await runFlow([
      Step.lambda("a", () => StepResult.skip("no file", { next: "c" })),
      works("b"),
      works("c"),
    ]);
    expect(stepLines(run)).toEqual(["a SKIPPED: no file", 'b SKIPPED: step "a" went on with "c"', "c COMPLETED"]);
  });

  it("is not asked when it failed and that is tolerated", async () => {
    const failing = Step.lambda("a", () => StepResult.fail("no", { next: "c" }), { onError: "continue" });
    const { run } = await runFlow([failing, works("b"), works("c")]);
    expect(stepLines(run)).toEqual(["a FAILED", "b COMPLETED", "c COMPLETED"]);
  });

  it.each([
    ["itself", "b", 'Step "b" went on with "b", which does not lie after it. A step can only go forward.'],
    [
      "one behind it",
      "first",
      'Step "b" went on with "first", which does not lie after it. A step can only go forward.',
    ],
    ["one that is not there", "lsat", 'Step "b" went on with "lsat", which is not a step. Did you mean "last"?'],
  ])("but %s ends the run FAILED with STEP_JUMP_INVALID", async (_, next, message) => {
    const { spine, run } = await runFlow([works("first"), jumps("b", next), works("last")]);
    expect(run).toMatchObject({ status: "FAILED", errorStep: "b", error: { code: "STEP_JUMP_INVALID" } });
    expect(run.error?.message).toContain(message);
    expect(stepLines(run)).toEqual(["first COMPLETED", "b COMPLETED", "last SKIPPED: an earlier step failed"]);
    expect(await expectOk(spine.store.history.get(run))).toMatchObject({
      status: "FAILED",
      error: { code: "STEP_JUMP_INVALID" },
    });
  });
});

describe("a jump on a branch", () => {
  const steps = (next: string): Steps => [
    Step.choice("route", { when: () => true, then: "a", otherwise: "b", join: "c" }),
    jumps("a", next),
    works("a2"),
    works("b"),
    works("b2"),
    works("c"),
    works("d"),
  ];
  it.each([
    ["within it stays on it", "a2", "a a2 c d"],
    ["to the join goes on there", "c", "a c d"],
    ["behind the join goes on there", "d", "a d"],
    ["to the first step of the other branch takes that branch", "b", "a b b2 c d"],
    ["into the other branch takes the rest of it", "b2", "a b2 c d"],
  ])("%s", async (_, next, expected) => {
    const { run } = await runFlow(steps(next));
    const ran = run.steps.filter(({ status, kind }) => status === "COMPLETED" && kind === "lambda");
    expect(ran.map(({ step }) => step).join(" ")).toBe(expected);
  });
});
