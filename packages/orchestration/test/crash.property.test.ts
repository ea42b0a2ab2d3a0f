import { memory } from "@spine/core";
import { expectOk } from "@spine/testkit";
import fc from "fast-check";
import { expect, it } from "vitest";
import { crashingStore } from "./support/crashing-store.ts";
import { passTime } from "./support/pass-time.ts";
import { openProcess } from "./support/processes.ts";
import { flow } from "./support/run-steps.ts";
import { interpret } from "./support/sequence-reference.ts";
import { type Node, stepsOf, tree, withoutJumps } from "./support/sequence-tree.ts";

const runId = "run_a_000001";
const crash = fc.record({
  write: fc.integer({ min: 3, max: 12 }),
  how: fc.constantFrom("before" as const, "after" as const),
});

/** How the stored run ended after a crash and a recovery, or undefined when it did not survive its start. */
async function recovered(nodes: readonly Node[], plan: { write: number; how: "before" | "after" }): Promise<unknown> {
  const workflow = flow(stepsOf(nodes));
  const disk = memory();
  const store = crashingStore(disk, plan);
  const first = await openProcess(store, { workflows: [workflow] });
  await passTime(first.clock, Promise.race([first.spine.workflows.run("test.flow"), store.crashed]));
  const { spine, clock } = await openProcess(disk, { workflows: [workflow], name: "b", minutes: 5 });
  await passTime(clock, expectOk(spine.recover()));
  const record = await expectOk(spine.store.history.get({ runId }));
  const steps = await expectOk(spine.store.history.steps({ runId }));
  const ran = steps.filter(({ attempt }) => attempt > 0).toSorted((a, b) => a.position - b.position);
  return { ran: ran.map(({ step, status }) => `${step} ${status}`), status: record?.status };
}

function byName({ ran, status }: ReturnType<typeof interpret>): unknown {
  return { ran: ran.toSorted(), status };
}

it("any workflow that was interrupted anywhere ends as if it had not been", async () => {
  await fc.assert(
    fc.asyncProperty(tree.map(withoutJumps), crash, async (nodes, plan) => {
      const { ran, status } = (await recovered(nodes, plan)) as ReturnType<typeof interpret>;
      expect(byName({ ran, status })).toEqual(byName(interpret(nodes)));
    }),
    { numRuns: 300 },
  );
});

it("any workflow with jumps that was interrupted anywhere ends as if it had not been", async () => {
  await fc.assert(
    fc.asyncProperty(tree, crash, async (nodes, plan) => {
      const { ran, status } = (await recovered(nodes, plan)) as ReturnType<typeof interpret>;
      expect(byName({ ran, status })).toEqual(byName(interpret(nodes)));
    }),
    { numRuns: 300, seed: 1 },
  );
});
