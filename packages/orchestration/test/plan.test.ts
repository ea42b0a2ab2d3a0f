import { createRegistry, CycleDetectedError, type Pipeline, PipelineNotFoundError } from "@spine/core";
import { expectErr, expectOk } from "@spine/testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defineGroup, type Group, type GroupDefinition, PlanResolver, resolvePlan, Step } from "../src/index.ts";
import { stub } from "./support/pipelines.ts";

/** A group from `name: what it depends on`; each step's pipeline has its name. */
function groupOf(
  dependencies: Readonly<Record<string, readonly string[]>>,
  given: Partial<GroupDefinition> = {},
): Group {
  const steps = Object.entries(dependencies).map(([name, dependsOn]) => ({
    name,
    dependsOn,
    pipeline: Step.dynamic(`p.${name}`),
  }));
  return defineGroup({ name: "weekly", steps, ...given });
}

const order = (group: Group): string =>
  resolvePlan(group)
    ._unsafeUnwrap()
    .steps.map(({ name }) => name)
    .join(" ");

describe("the order of a plan", () => {
  it.each([
    ["a chain", { a: [], b: ["a"], c: ["b"] }, "a b c"],
    ["a chain written backwards", { c: ["b"], b: ["a"], a: [] }, "a b c"],
    ["independent steps stay as they are written", { c: [], a: [], b: [] }, "c a b"],
    ["a diamond", { a: [], b: ["a"], c: ["a"], d: ["b", "c"] }, "a b c d"],
    ["a diamond, the other way", { a: [], c: ["a"], b: ["a"], d: ["b", "c"] }, "a c b d"],
    ["several roots go first, breadth after", { a: [], a2: ["a"], b: [], b2: ["b"] }, "a b a2 b2"],
    ["a dependency named twice counts once", { a: [], b: ["a", "a"] }, "a b"],
    ["one step", { a: [] }, "a"],
    ["no step", {}, ""],
  ])("%s", (_, dependencies, expected) => {
    expect(order(groupOf(dependencies))).toBe(expected);
  });

  it("says places and levels", async () => {
    const plan = await expectOk(resolvePlan(groupOf({ a: [], b: ["a"], c: ["a"], d: ["c", "b"] })));
    expect(plan.steps.map(({ name, order: place, level }) => [name, place, level])).toEqual([
      ["a", 0, 0],
      ["b", 1, 1],
      ["c", 2, 1],
      ["d", 3, 2],
    ]);
  });

  it("of any DAG has every step after what it depends on, and is the same each time", () => {
    const dag = fc
      .integer({ min: 1, max: 30 })
      .chain((size) =>
        fc.tuple(
          fc.array(fc.uniqueArray(fc.nat(size), { maxLength: 4 }), { minLength: size, maxLength: size }),
          fc.shuffledSubarray([...Array(size).keys()], { minLength: size, maxLength: size }),
        ),
      );
    fc.assert(
      fc.property(dag, ([picks, shuffle]) => {
        const names = picks.map((_, index) => `s${index}`);
        const steps = shuffle.map((index) => ({
          name: `s${index}`,
          pipeline: Step.dynamic("p"),
          dependsOn: (picks[index] ?? []).filter((other) => other < index).map((other) => `s${other}`),
        }));
        const group = defineGroup({ name: "g", steps });
        const plan = resolvePlan(group)._unsafeUnwrap();
        const place = new Map(plan.steps.map((step) => [step.name, step]));
        expect([...place.keys()].toSorted()).toEqual(names.toSorted());
        for (const { dependsOn, order: own, level } of plan.steps) {
          for (const name of dependsOn) expect(place.get(name)?.order).toBeLessThan(own);
          const levels = dependsOn.map((name) => place.get(name)?.level ?? 0);
          expect(level).toBe(levels.length === 0 ? 0 : Math.max(...levels) + 1);
        }
        expect(resolvePlan(group)._unsafeUnwrap().steps).toEqual(plan.steps);
      }),
    );
  });
});

describe("a circle", () => {
  it.each<[string, Readonly<Record<string, readonly string[]>>, readonly string[]]>([
    ["of two", { a: ["b"], b: ["a"] }, ["a", "b", "a"]],
    ["of three, in the order of execution", { a: ["c"], b: ["a"], c: ["b"] }, ["a", "b", "c", "a"]],
    ["of a step with itself", { a: [], b: ["a", "b"] }, ["b", "b"]],
    [
      "behind steps that are in order",
      { start: [], a: ["start", "c"], b: ["a"], c: ["b"], end: ["c"] },
      ["a", "b", "c", "a"],
    ],
    ["before steps that hang on it", { end: ["a"], a: ["b"], b: ["a"] }, ["a", "b", "a"]],
  ])("%s is shown", async (_, dependencies, cycle) => {
    const error = await expectErr(resolvePlan(groupOf(dependencies)), "GROUP_CYCLE");
    expect(error).toBeInstanceOf(CycleDetectedError);
    expect((error as CycleDetectedError).cycle).toEqual(cycle);
    expect(error.message).toBe(`Group "weekly" has a cycle: ${cycle.join(" → ")}. Remove one of these dependencies.`);
  });

  it("of many steps is shown in part, and kept whole", async () => {
    const names = Array.from({ length: 1000 }, (_, index) => `s${index}`);
    const ring = Object.fromEntries(names.map((name, index) => [name, [names[(index + 999) % 1000] ?? ""]]));
    const error = await expectErr(resolvePlan(groupOf(ring)), "GROUP_CYCLE");
    expect(error.message).toContain(
      "has a cycle: s0 → s1 → s2 → s3 → s4 → s5 → … 990 more … → s996 → s997 → s998 → s999 → s0.",
    );
    expect((error as CycleDetectedError).cycle).toHaveLength(1001);
  });
});

describe("what is not there", () => {
  it("as a dependency throws where the group is defined, with the near name", () => {
    const define = (): Group => groupOf({ ingest: [], load: ["ingset"] });
    expect(define).toThrow(
      expect.objectContaining({
        code: "GROUP_DEPENDENCY_UNKNOWN",
        context: { group: "weekly", step: "load", dependency: "ingset" },
      }),
    );
    expect(define).toThrow(
      'Group "weekly", step "load" depends on "ingset", which is not a step of it. Did you mean "ingest"?',
    );
  });

  it("as a dependency of a group that was not defined but written is found by the plan", async () => {
    const written = {
      ...groupOf({ ingest: [] }),
      steps: [{ name: "load", pipeline: "p", dependsOn: ["ingest"], params: {} }],
    };
    await expectErr(resolvePlan(written), "GROUP_DEPENDENCY_UNKNOWN");
  });

  it("as a pipeline is found by the plan when it is given a registry", async () => {
    const pipelines = createRegistry<Pipeline>("pipeline", {
      notFound: (key, hint) => new PipelineNotFoundError(key, `Pipeline "${key}" is not registered.${hint}`),
    });
    pipelines.register("p.ingest", stub("p.ingest"));
    const group = groupOf({ ingest: [], ingset: [] });
    const error = await expectErr(new PlanResolver({ pipelines }).resolve(group), "PIPELINE_NOT_FOUND");
    expect(error.message).toBe('Pipeline "p.ingset" is not registered. Did you mean "p.ingest"?');
    expect(error.context).toMatchObject({ group: "weekly", step: "ingset" });
    await expectOk(new PlanResolver().resolve(group));
    await expectOk(new PlanResolver({ pipelines }).resolve(groupOf({ ingest: [] })));
  });
});

describe("parameters of a plan", () => {
  const group = defineGroup({
    name: "weekly",
    defaults: { a: "default", b: "default", c: "default", nested: { x: 1, y: 1 } },
    steps: [
      { name: "ingest", pipeline: Step.dynamic("p"), params: { c: "step", nested: { x: 2 } } },
      { name: "load", pipeline: Step.dynamic("p") },
    ],
  });

  it("are the defaults, over them the run's, over them the step's own; nested ones are replaced", async () => {
    const plan = await expectOk(
      new PlanResolver().resolve(group, { params: { b: "run", c: "run", week: "2025-11-14" } }),
    );
    expect(plan.steps[0]?.params).toEqual({ a: "default", b: "run", c: "step", nested: { x: 2 }, week: "2025-11-14" });
    expect(plan.steps[1]?.params).toEqual({
      a: "default",
      b: "run",
      c: "run",
      nested: { x: 1, y: 1 },
      week: "2025-11-14",
    });
    expect(plan.params).toEqual({ a: "default", b: "run", c: "run", nested: { x: 1, y: 1 }, week: "2025-11-14" });
  });

  it("are never written back to the group", async () => {
    const plan = await expectOk(resolvePlan(group, { params: { b: "run" } }));
    expect(group.defaults).toMatchObject({ b: "default" });
    for (const part of [plan, plan.steps, plan.steps[0], plan.steps[0]?.params, plan.params])
      expect(Object.isFrozen(part)).toBe(true);
  });
});

describe("the batch id of a plan", () => {
  it("is made of the group's name and the time, and another one each time", async () => {
    const ids = [await expectOk(resolvePlan(groupOf({ a: [] }))), await expectOk(resolvePlan(groupOf({ a: [] })))].map(
      ({ batchId }) => batchId,
    );
    expect(ids[0]).toMatch(/^group_weekly_\d{8}T\d{6}_[0-9a-f]{8}$/);
    expect(ids[0]).not.toBe(ids[1]);
  });

  it("is the caller's when given", async () => {
    expect((await expectOk(resolvePlan(groupOf({ a: [] }), { batchId: "batch_1" }))).batchId).toBe("batch_1");
  });
});
