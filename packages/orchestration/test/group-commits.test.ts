import { expectOk } from "@spine/testkit";
import { expect, it } from "vitest";
import { runGroup } from "./support/groups.ts";

it("steps of a parallel group that end by commit at once have a place each in history", async () => {
  const { spine, run } = await runGroup(
    { a: [], b: [], c: [], d: [], e: ["a", "b"] },
    { policy: { execution: "parallel" }, work: ({ commit, run: { step } }) => commit(() => ({ done: step })) },
  );
  expect(run).toMatchObject({ status: "COMPLETED", counts: { completed: 5 } });
  expect(await expectOk(spine.store.history.get(run))).toMatchObject({ counts: { completed: 5 } });
  const steps = await expectOk(spine.store.history.steps(run));
  expect(steps.map(({ order = 0 }) => order).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5]);
});
