import { describe, expect, it } from "vitest";
import { type BuilderChoice, Step } from "../src/index.ts";
import { runFlow, type Steps } from "./support/run-steps.ts";
import { stepLines } from "./support/summaries.ts";

type Targets = Pick<BuilderChoice<never, never, string, string, string>, "then" | "otherwise" | "join">;

const works = (name: string): Steps[number] => Step.lambda(name, () => ({ done: name }));
const choose = (name: string, when: boolean, targets: Targets): Steps[number] =>
  Step.choice(name, { when: () => when, ...targets });

/** Names of the steps that ran, in order, without the choices. */
async function ran(steps: Steps): Promise<string> {
  const { run } = await runFlow(steps);
  expect(run.status).toBe("COMPLETED");
  return run.steps
    .filter(({ status, kind }) => status === "COMPLETED" && kind === "lambda")
    .map(({ step }) => step)
    .join(" ");
}

describe("a choice", () => {
  it.each<[string, Targets, string, string]>([
    // targets, and what runs of a, b, c, d (all after the choice) when it holds and when it does not
    ["then, otherwise and join", { then: "a", otherwise: "c", join: "d" }, "a b d", "c d"],
    ["then and otherwise", { then: "a", otherwise: "c" }, "a b", "c d"],
    ["then and join", { then: "a", join: "c" }, "a b c d", "c d"],
    ["then alone", { then: "a" }, "a b c d", ""],
    ["otherwise before then", { then: "c", otherwise: "a", join: "d" }, "c d", "a b d"],
    ["otherwise before then, no join", { then: "c", otherwise: "a" }, "c d", "a b"],
    ["a then that lies further down", { then: "c", join: "d" }, "c d", "d"],
    ["a then that is the join", { then: "d", otherwise: "b", join: "d" }, "d", "b c d"],
    ["an otherwise that is the join", { then: "b", otherwise: "d", join: "d" }, "b c d", "d"],
  ])("with %s", async (_, targets, whenTrue, whenFalse) => {
    const rest = ["a", "b", "c", "d"].map(works);
    expect(await ran([choose("route", true, targets), ...rest])).toBe(whenTrue);
    expect(await ran([choose("route", false, targets), ...rest])).toBe(whenFalse);
  });

  it("passes over the other branch, which is SKIPPED with the reason", async () => {
    const { spine, run } = await runFlow([
      choose("route", true, { then: "a", otherwise: "b", join: "c" }),
      ...["a", "b", "c"].map(works),
    ]);
    expect(stepLines(run)).toEqual([
      "route COMPLETED",
      "a COMPLETED",
      "b SKIPPED: it lies on another branch",
      "c COMPLETED",
    ]);
    expect(run.counts).toEqual({ total: 4, completed: 3, failed: 0, skipped: 1 });
    const stored = (await spine.store.history.steps(run))._unsafeUnwrap();
    expect(stored[2]).toMatchObject({
      step: "b",
      attempt: 0,
      startedAt: undefined,
      durationMs: undefined,
      output: undefined,
    });
  });

  it("says what it decided, as its output", async () => {
    const { run } = await runFlow([choose("route", false, { then: "a", join: "b" }), works("a"), works("b")]);
    expect(run.outputs).toEqual({ route: { result: false, branch: "otherwise" }, b: { done: "b" } });
    expect(stepLines(run)).toEqual(["route COMPLETED", 'a SKIPPED: choice "route" went another way', "b COMPLETED"]);
  });

  it("without a place to go ends the run COMPLETED, and what was left is SKIPPED", async () => {
    const { run } = await runFlow([choose("route", false, { then: "a" }), works("a"), works("b")]);
    expect(run.status).toBe("COMPLETED");
    expect(stepLines(run)).toEqual([
      "route COMPLETED",
      'a SKIPPED: choice "route" went another way',
      'b SKIPPED: choice "route" went another way',
    ]);
  });

  it("whose branch ends the run says so of the steps after it", async () => {
    const { run } = await runFlow([
      choose("route", true, { then: "a", otherwise: "b" }),
      works("a"),
      works("b"),
      works("c"),
    ]);
    expect(stepLines(run).slice(2)).toEqual([
      "b SKIPPED: the branch before it ended the run",
      "c SKIPPED: the branch before it ended the run",
    ]);
  });

  it("steps on a branch that failed and were tolerated go on to the join", async () => {
    const { run } = await runFlow([
      choose("route", true, { then: "a", otherwise: "b", join: "c" }),
      Step.lambda("a", () => false, { onError: "continue" }),
      works("b"),
      works("c"),
    ]);
    expect(run.status).toBe("PARTIAL");
    expect(stepLines(run)).toEqual([
      "route COMPLETED",
      "a FAILED",
      "b SKIPPED: it lies on another branch",
      "c COMPLETED",
    ]);
  });
});

describe("one choice after another", () => {
  const steps = (first: boolean, second: boolean): Steps => [
    choose("one", first, { then: "a", otherwise: "b", join: "two" }),
    works("a"),
    works("b"),
    choose("two", second, { then: "c", otherwise: "d", join: "end" }),
    works("c"),
    works("d"),
    works("end"),
  ];
  it.each([
    [true, true, "a c end"],
    [true, false, "a d end"],
    [false, true, "b c end"],
    [false, false, "b d end"],
  ])("%s, %s", async (first, second, expected) => {
    expect(await ran(steps(first, second))).toBe(expected);
  });

  it("a join of one may be the target of none", async () => {
    const both = [
      choose("one", true, { then: "a", join: "two" }),
      works("a"),
      choose("two", true, { then: "b", join: "c" }),
    ];
    expect(await ran([...both, works("b"), works("c")])).toBe("a b c");
  });
});

describe("a choice on a branch of another", () => {
  const nested = (outer: boolean, inner: boolean, targets: Targets): Steps => [
    choose("outer", outer, { then: "a", otherwise: "b", join: "end" }),
    works("a"),
    choose("inner", inner, targets),
    works("x"),
    works("y"),
    works("z"),
    works("b"),
    works("end"),
  ];
  it.each<[string, Targets, string, string]>([
    ["that rejoins on the branch", { then: "x", otherwise: "y", join: "z" }, "a x z end", "a y z end"],
    ["without otherwise, that rejoins on the branch", { then: "x", join: "z" }, "a x y z end", "a z end"],
    ["that rejoins where the outer one does", { then: "x", otherwise: "y", join: "end" }, "a x end", "a y z end"],
    ["without otherwise, that rejoins where the outer one does", { then: "x", join: "end" }, "a x y z end", "a end"],
    ["without join: its branches end the run", { then: "x", otherwise: "y" }, "a x", "a y z"],
    ["without otherwise and join: both ways end the run", { then: "y" }, "a y z", "a"],
  ])("%s", async (_, targets, whenTrue, whenFalse) => {
    expect(await ran(nested(true, true, targets))).toBe(whenTrue);
    expect(await ran(nested(true, false, targets))).toBe(whenFalse);
    expect(await ran(nested(false, true, targets))).toBe("b end");
  });

  it("never falls into the other branch of the outer one", async () => {
    const steps: Steps = [
      choose("outer", true, { then: "inner", otherwise: "b" }),
      choose("inner", false, { then: "x", otherwise: "y" }),
      works("x"),
      works("y"),
      works("b"),
    ];
    expect(await ran(steps)).toBe("y");
  });

  it("may be the first step of the otherwise branch", async () => {
    const steps = (inner: boolean): Steps => [
      choose("outer", false, { then: "a", otherwise: "inner", join: "end" }),
      works("a"),
      choose("inner", inner, { then: "x", otherwise: "y", join: "end" }),
      works("x"),
      works("y"),
      works("end"),
    ];
    expect(await ran(steps(true))).toBe("x end");
    expect(await ran(steps(false))).toBe("y end");
  });
});
