import { expectOk } from "@spine/testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GroupRunner, type Run, resolvePlan } from "../src/index.ts";
import { type DagCase, dagCases } from "./support/dag-cases.ts";
import { continuing, stopping } from "./support/dag-reference.ts";
import { groupOf } from "./support/groups.ts";

interface Watched {
  readonly run: Run;
  readonly most: number;
  readonly early: readonly string[];
}

/** Runs the case and watches how many steps were at work at once, and which began before what they depend on had ended. */
async function watched(
  { dependencies, failing, limit, turns }: DagCase,
  policy: { execution: "sequential" | "parallel"; onFailure: "stop" | "continue" },
): Promise<Watched> {
  let atWork = 0;
  let most = 0;
  const ended = new Set<string>();
  const early: string[] = [];
  const names = Object.keys(dependencies);
  const { group, pipelines } = groupOf(dependencies, {
    policy: { ...policy, maxConcurrency: limit },
    work: async ({ run: { step } }) => {
      if (dependencies[step]?.some((name) => !ended.has(name)) === true) early.push(step);
      atWork += 1;
      most = Math.max(most, atWork);
      for (let turn = 0; turn < (turns[names.indexOf(step)] ?? 0); turn += 1)
        await new Promise((resolve) => setImmediate(resolve));
      atWork -= 1;
      if (failing.includes(step)) throw new Error("no");
      ended.add(step);
      return { done: step };
    },
  });
  const run = await expectOk(new GroupRunner({ pipelines }).run(group));
  return { run, most, early };
}

function endsOf(run: Run): Readonly<Record<string, string>> {
  expect(run.steps).toHaveLength(run.counts.total);
  return Object.fromEntries(run.steps.map(({ step, status }) => [step, status]));
}

describe("any group", () => {
  it.each(["sequential", "parallel"] as const)("that continues, %s, ends as the reference says", async (execution) => {
    await fc.assert(
      fc.asyncProperty(dagCases, async (given) => {
        const { run, most, early } = await watched(given, { execution, onFailure: "continue" });
        const expected = continuing(given.dependencies, new Set(given.failing));
        expect({ status: run.status, steps: endsOf(run) }).toEqual(expected);
        expect(early).toEqual([]);
        expect(most).toBeLessThanOrEqual(execution === "parallel" ? given.limit : 1);
      }),
      { numRuns: 150 },
    );
  });

  it("that stops, sequential, ends as the reference says", async () => {
    await fc.assert(
      fc.asyncProperty(dagCases, async (given) => {
        const { run } = await watched(given, { execution: "sequential", onFailure: "stop" });
        const order = resolvePlan(groupOf(given.dependencies).group)
          ._unsafeUnwrap()
          .steps.map(({ name }) => name);
        expect({ status: run.status, steps: endsOf(run) }).toEqual(
          stopping(given.dependencies, order, new Set(given.failing)),
        );
      }),
      { numRuns: 150 },
    );
  });

  it("that stops, parallel, begins nothing after the first failure and runs nothing whose dependencies did not complete", async () => {
    await fc.assert(
      fc.asyncProperty(dagCases, async (given) => {
        const { run, most, early } = await watched(given, { execution: "parallel", onFailure: "stop" });
        const ends = endsOf(run);
        const failed = Object.values(ends).filter((end) => end === "FAILED");
        expect(run.status).toBe(failed.length === 0 ? "COMPLETED" : "FAILED");
        expect(failed.length).toBeLessThanOrEqual(given.limit);
        expect(early).toEqual([]);
        expect(most).toBeLessThanOrEqual(given.limit);
      }),
      { numRuns: 150 },
    );
  });

  it("uses the limit when there is enough to do", async () => {
    const dependencies = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`s${index}`, []]));
    const { most } = await watched(
      { dependencies, failing: [], limit: 7, turns: Array<number>(20).fill(2) },
      { execution: "parallel", onFailure: "stop" },
    );
    expect(most).toBe(7);
  });

  it("gives the same outputs however long its steps take", async () => {
    await fc.assert(
      fc.asyncProperty(
        dagCases,
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 12, maxLength: 12 }),
        async (given, turns) => {
          const policy = { execution: "parallel", onFailure: "continue" } as const;
          const [one, two] = [await watched(given, policy), await watched({ ...given, turns }, policy)];
          expect({ ...one.run.outputs }).toEqual({ ...two.run.outputs });
          expect(one.run.status).toBe(two.run.status);
        },
      ),
      { numRuns: 100 },
    );
  });
});
