import { memory, type Store, type StoreProvider } from "@spine/core";
import { expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { Step, StepResult, WorkflowRunner } from "../src/index.ts";
import { groupOf, runGroup } from "./support/groups.ts";
import { openFlow, flow, runFlow, type Steps } from "./support/run-steps.ts";

const names = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `s${index}`);
const steps = (count: number): Steps => names(count).map((name) => Step.lambda(name, () => ({ name })));

/** Counts every call of every port. */
function counting(provider: StoreProvider, calls: { count: number }): StoreProvider {
  const counted = <Port extends object>(port: Port): Port =>
    Object.fromEntries(
      Object.entries(port).map(([name, method]: [string, (...args: unknown[]) => unknown]) => [
        name,
        (...args: unknown[]) => {
          calls.count += 1;
          return method(...args);
        },
      ]),
    ) as Port;
  const ports = ({ runs, history, owners, captures, references, ...store }: Store): Store => ({
    ...store,
    runs: counted(runs),
    history: counted(history),
    owners: counted(owners),
    captures: counted(captures),
    references: counted(references),
  });
  return { kind: provider.kind, open: (environment) => provider.open(environment).map(ports) };
}

describe("a run of very many steps", () => {
  it("completes in memory and keeps every output", async () => {
    const run = await expectOk(new WorkflowRunner().run(flow(steps(20_000))));
    expect(run).toMatchObject({ status: "COMPLETED", counts: { total: 20_000, completed: 20_000 } });
    expect((run.outputs as Record<string, unknown>)["s19999"]).toEqual({ name: "s19999" });
  });

  it("completes on a store", async () => {
    const { spine, run } = await runFlow(steps(5000));
    expect(run.counts).toEqual({ total: 5000, completed: 5000, failed: 0, skipped: 0 });
    expect(await expectOk(spine.store.history.steps(run))).toHaveLength(5000);
  });

  it("that all lie on a branch not taken are passed over at once", async () => {
    const { run } = await runFlow([Step.choice("route", { when: "false", then: "s0" }), ...steps(5000)]);
    expect(run.counts).toEqual({ total: 5001, completed: 1, failed: 0, skipped: 5000 });
  });

  it("as a chain of a group, of which the first fails, skips all others without overflow", async () => {
    const all = names(20_000);
    const chain = Object.fromEntries(all.map((name, index) => [name, index === 0 ? [] : [`s${index - 1}`]]));
    const { run } = await runGroup(chain, { policy: { onFailure: "continue" }, failing: ["s0"] });
    expect(run).toMatchObject({ status: "FAILED", counts: { failed: 1, skipped: 19_999 } });
  });

  it("as a chain of a group completes", async () => {
    const all = names(5000);
    const { group } = groupOf(
      Object.fromEntries(all.map((name, index) => [name, index === 0 ? [] : [`s${index - 1}`]])),
    );
    expect(group.steps).toHaveLength(5000);
    const { run } = await runGroup(
      Object.fromEntries(all.map((name, index) => [name, index === 0 ? [] : [`s${index - 1}`]])),
    );
    expect(run.counts.completed).toBe(5000);
  });
});

it("resuming asks the store as often for a thousand steps as for ten", async () => {
  const asked = [];
  for (const count of [10, 1000]) {
    const calls = { count: 0 };
    const state = { mended: false };
    const last = Step.lambda("last", () => (state.mended ? {} : StepResult.fail("no")));
    const { spine } = await openFlow([...steps(count), last], { spine: { store: counting(memory(), calls) } });
    const run = await expectOk(spine.workflows.run("test.flow"));
    state.mended = true;
    calls.count = 0;
    expect(await expectOk(spine.resume(run.runId))).toMatchObject({ status: "COMPLETED" });
    asked.push(calls.count);
  }
  expect(asked[0]).toBe(asked[1]);
  expect(asked[0]).toBeLessThanOrEqual(10);
});
