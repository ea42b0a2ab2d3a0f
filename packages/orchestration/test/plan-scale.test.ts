import { expectErr, expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { defineGroup, type Group, resolvePlan, Step } from "../src/index.ts";

const length = 100_000;
const pipeline = Step.dynamic("p");

/** Counts how often a plan looks at the dependencies of any step: linear work does so a fixed number of times for each. */
function counted(group: Group): { readonly group: Group; readonly looks: () => number } {
  let looks = 0;
  const steps = group.steps.map((step) => ({
    ...step,
    get dependsOn() {
      looks += 1;
      return step.dependsOn;
    },
  }));
  return { group: { ...group, steps }, looks: () => looks };
}

function chain(indices: readonly number[]): Group {
  const steps = indices.map((index) => ({
    name: `s${index}`,
    pipeline,
    dependsOn: index === 0 ? [] : [`s${index - 1}`],
  }));
  return defineGroup({ name: "chain", steps });
}

/** A fixed shuffle, the same on every machine. */
function shuffled(size: number): readonly number[] {
  const list = [...Array(size).keys()];
  let seed = 1;
  for (let index = size - 1; index > 0; index -= 1) {
    seed = (seed * 48_271) % 2_147_483_647;
    const other = seed % (index + 1);
    [list[index], list[other]] = [list[other] ?? 0, list[index] ?? 0];
  }
  return list;
}

const inOrder = [...Array(length).keys()];

describe("a chain of 100,000 steps", () => {
  it.each([
    ["in order", inOrder],
    ["reversed", inOrder.toReversed()],
    ["shuffled", shuffled(length)],
  ])("written %s is planned in linear work", async (_, indices) => {
    const { group, looks } = counted(chain(indices));
    const plan = await expectOk(resolvePlan(group));
    expect(plan.steps).toHaveLength(length);
    expect(
      plan.steps.findIndex(
        ({ name, order, level }, index) => name !== `s${index}` || order !== index || level !== index,
      ),
    ).toBe(-1);
    expect(looks() / length).toBeLessThanOrEqual(4);
  });

  it("that closes to a ring is found out", async () => {
    const { steps, ...group } = chain(inOrder);
    const ring = {
      ...group,
      steps: steps.map((step, index) => (index === 0 ? { ...step, dependsOn: [`s${length - 1}`] } : step)),
    };
    const error = await expectErr(resolvePlan(ring), "GROUP_CYCLE");
    expect((error as unknown as { cycle: readonly string[] }).cycle).toHaveLength(length + 1);
  });
});

it("100,000 steps that all wait for one, and one that waits for all, are planned", async () => {
  const steps = inOrder.map((index) => ({ name: `s${index}`, pipeline, dependsOn: ["first"] }));
  const last = { name: "last", pipeline, dependsOn: steps.map(({ name }) => name) };
  const plan = await expectOk(
    resolvePlan(defineGroup({ name: "wide", steps: [last, ...steps, { name: "first", pipeline }] })),
  );
  expect([plan.steps[0]?.name, plan.steps.at(-1)?.name, plan.steps.at(-1)?.level]).toEqual(["first", "last", 2]);
});
