import { memory } from "@spine/core";
import { expectOk } from "@spine/testkit";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { SpineOptions } from "../src/index.ts";
import { type CrashPlan, crashingStore } from "./support/crashing-store.ts";
import { dagCases } from "./support/dag-cases.ts";
import { continuing } from "./support/dag-reference.ts";
import { groupOf } from "./support/groups.ts";
import { passTime } from "./support/pass-time.ts";
import { openProcess } from "./support/processes.ts";
import { flow } from "./support/run-steps.ts";
import { interpret } from "./support/sequence-reference.ts";
import { stepsOf, tree } from "./support/sequence-tree.ts";

const runId = "run_a_000001";
/** After the heartbeat and the run's own row: from then on there is something to recover. */
const crash: fc.Arbitrary<CrashPlan> = fc.record({
  write: fc.integer({ min: 3, max: 12 }),
  how: fc.constantFrom("before", "after"),
});

/** How the stored run and its steps ended after a crash and a recovery. */
async function recovered(
  name: string,
  definitions: Pick<SpineOptions, "workflows" | "groups" | "pipelines">,
  plan: CrashPlan,
) {
  const disk = memory();
  const store = crashingStore(disk, plan);
  const first = await openProcess(store, definitions);
  await passTime(first.clock, Promise.race([first.spine.run(name), store.crashed]));
  const { spine, clock } = await openProcess(disk, { ...definitions, name: "b", minutes: 5 });
  await passTime(clock, expectOk(spine.recover()));
  const record = await expectOk(spine.store.history.get({ runId }));
  return { status: record?.status, steps: await expectOk(spine.store.history.steps({ runId })) };
}

it("any workflow that was interrupted anywhere ends as if it had not been", async () => {
  await fc.assert(
    fc.asyncProperty(tree, crash, async (nodes, plan) => {
      const { status, steps } = await recovered("test.flow", { workflows: [flow(stepsOf(nodes))] }, plan);
      const ran = steps.filter(({ attempt }) => attempt > 0).map((step) => `${step.step} ${step.status}`);
      const expected = interpret(nodes);
      expect({ status, ran: ran.toSorted() }).toEqual({ status: expected.status, ran: expected.ran.toSorted() });
    }),
    { numRuns: 300 },
  );
});

it("any group that was interrupted anywhere ends as if it had not been", async () => {
  await fc.assert(
    fc.asyncProperty(
      dagCases,
      fc.constantFrom("sequential" as const, "parallel" as const),
      crash,
      async ({ dependencies, failing, limit }, execution, plan) => {
        const { group, pipelines } = groupOf(dependencies, {
          failing,
          policy: { execution, maxConcurrency: limit, onFailure: "continue" },
        });
        const { status, steps } = await recovered("weekly", { groups: [group], pipelines }, plan);
        const ends = Object.fromEntries(steps.map((step) => [step.step, step.status]));
        expect({ status, steps: ends }).toEqual(continuing(dependencies, new Set(failing)));
      },
    ),
    { numRuns: 200 },
  );
});
