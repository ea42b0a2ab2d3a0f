import { expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { createGate, type Gate } from "./support/gate.ts";
import { type Dependencies, groupOf, type GroupGiven } from "./support/groups.ts";
import { openSpine } from "./support/open-spine.ts";
import { stepLines } from "./support/summaries.ts";

/** A parallel group whose steps end when the test says so. */
async function openGated(dependencies: Dependencies, given: Omit<GroupGiven, "work"> = {}) {
  const gates = new Map<string, Gate>(Object.keys(dependencies).map((name) => [name, createGate()]));
  const begun: string[] = [];
  const policy = { execution: "parallel", ...given.policy } as const;
  const { group, pipelines } = groupOf(dependencies, {
    ...given,
    policy,
    failing: [],
    work: async ({ run: { step } }) => {
      begun.push(step);
      await gates.get(step)?.opened;
      if (given.failing?.includes(step) === true) throw new Error(`${step} failed`);
      return { done: step };
    },
  });
  const { spine, clock } = await openSpine({ pipelines, groups: [group] });
  return {
    spine,
    begun,
    running: spine.groups.run("weekly"),
    /** Lets these steps end, one after another, and waits for what that begins. */
    async end(...names: readonly string[]): Promise<void> {
      await clock.advance(0);
      for (const name of names) {
        gates.get(name)?.open();
        await clock.advance(0);
      }
    },
  };
}

const wide: Dependencies = { a: [], b: [], c: [], d: [], e: [] };

describe("a parallel group", () => {
  it("begins as many steps as may run at once, and the next one when one has ended", async () => {
    const { begun, end, running } = await openGated(wide, { policy: { maxConcurrency: 2 } });
    await end();
    expect(begun).toEqual(["a", "b"]);
    await end("b");
    expect(begun).toEqual(["a", "b", "c"]);
    await end("a", "c");
    expect(begun).toEqual(["a", "b", "c", "d", "e"]);
    await end("d", "e");
    expect(await expectOk(running)).toMatchObject({ status: "COMPLETED", counts: { completed: 5 } });
  });

  it("runs four at once when nothing else is said", async () => {
    const { begun, end, running } = await openGated(wide);
    await end();
    expect(begun).toEqual(["a", "b", "c", "d"]);
    await end("a", "b", "c", "d", "e");
    await expectOk(running);
  });

  it("begins a step as soon as all it depends on has completed", async () => {
    const { begun, end, running } = await openGated({ a: [], b: [], c: ["a"], d: ["a", "b"] });
    await end("a");
    expect(begun).toEqual(["a", "b", "c"]);
    await end("b");
    expect(begun).toEqual(["a", "b", "c", "d"]);
    await end("d", "c");
    const run = await expectOk(running);
    expect(stepLines(run)).toEqual(["a COMPLETED", "b COMPLETED", "d COMPLETED", "c COMPLETED"]);
  });

  it("gives the same outputs whatever the finishing order", async () => {
    const orders = [
      ["a", "b", "c"],
      ["c", "b", "a"],
      ["b", "c", "a"],
    ];
    const outputs = [];
    for (const order of orders) {
      const { end, running } = await openGated({ a: [], b: [], c: [] });
      await end(...order);
      outputs.push(JSON.stringify((await expectOk(running)).outputs, ["a", "b", "c", "done"]));
    }
    expect(new Set(outputs).size).toBe(1);
  });

  it("that stops lets what is running end, and begins nothing more", async () => {
    const { begun, end, running } = await openGated(
      { ...wide, f: ["b"] },
      { policy: { maxConcurrency: 2 }, failing: ["a"] },
    );
    await end("a");
    expect(begun).toEqual(["a", "b"]);
    await end("b");
    const run = await expectOk(running);
    expect(run).toMatchObject({ status: "FAILED", errorStep: "a", counts: { completed: 1, failed: 1, skipped: 4 } });
    expect(begun).toEqual(["a", "b"]);
    expect(run.outputs).toEqual({ b: { done: "b" } });
  });

  it("reports the error that came first in time", async () => {
    const { end, running } = await openGated(
      { a: [], b: [] },
      { failing: ["a", "b"], policy: { onFailure: "continue" } },
    );
    await end("b", "a");
    expect(await expectOk(running)).toMatchObject({ status: "FAILED", errorStep: "b", error: { message: "b failed" } });
  });

  it("that continues frees the place of a failed step for the next one", async () => {
    const { begun, end, running } = await openGated(
      { a: [], b: [], c: ["a"], d: [] },
      { failing: ["a"], policy: { maxConcurrency: 1, onFailure: "continue" } },
    );
    await end("a", "b");
    expect(begun).toEqual(["a", "b", "d"]);
    await end("d");
    expect(await expectOk(running)).toMatchObject({
      status: "PARTIAL",
      counts: { completed: 2, failed: 1, skipped: 1 },
    });
  });
});
