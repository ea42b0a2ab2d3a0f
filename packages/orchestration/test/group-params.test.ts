import { expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { defineGroup, Step, StepResult } from "../src/index.ts";
import { openSpine } from "./support/open-spine.ts";
import { stub } from "./support/pipelines.ts";

const look = stub("p.look", ({ params, run }) => ({ params: params as object, batchId: run.batchId ?? null }));
const pipeline = Step.dynamic("p.look");

describe("parameters of a group's run", () => {
  const group = defineGroup({
    name: "weekly",
    defaults: { a: "default", b: "default", c: "default" },
    steps: [
      { name: "one", pipeline, params: { c: "step" } },
      { name: "two", pipeline },
    ],
  });

  it("are the defaults, over them the run's, over them the step's own", async () => {
    const { spine } = await openSpine({ pipelines: [look], groups: [group] });
    const run = await expectOk(spine.groups.run("weekly", { params: { b: "run", c: "run" } }));
    expect(run.outputs).toMatchObject({
      one: { params: { a: "default", b: "run", c: "step" } },
      two: { params: { a: "default", b: "run", c: "run" } },
    });
    expect((await expectOk(spine.store.history.get(run)))?.params).toEqual({ a: "default", b: "run", c: "run" });
  });

  it("are what the plan said", async () => {
    const { spine } = await openSpine({ pipelines: [look], groups: [group] });
    const plan = await expectOk(spine.groups.plan("weekly", { params: { b: "run" } }));
    const run = await expectOk(spine.groups.run("weekly", { params: { b: "run" } }));
    expect(plan.steps.map(({ name, params }) => [name, params])).toEqual(
      Object.entries(run.outputs).map(([name, output]) => [name, (output as { params: object }).params]),
    );
  });

  it("are shared, and no step's output is among them", async () => {
    const { spine } = await openSpine({ pipelines: [look], groups: [group] });
    const run = await expectOk(spine.groups.run("weekly"));
    expect(run.outputs["two"]).toEqual({ params: { a: "default", b: "default", c: "default" }, batchId: run.batchId });
  });
});

describe("the batch of a group's run", () => {
  const group = defineGroup({
    name: "weekly",
    steps: [
      { name: "one", pipeline },
      { name: "two", pipeline },
    ],
  });

  it("is made for the run when none is given, and each step gets it", async () => {
    const { spine } = await openSpine({ pipelines: [look], groups: [group] });
    const [run, other] = [await expectOk(spine.groups.run("weekly")), await expectOk(spine.groups.run("weekly"))];
    expect(run.batchId).toMatch(/^group_weekly_20251220T000000_[0-9a-f]{8}$/);
    expect(other.batchId).not.toBe(run.batchId);
    expect(run.outputs).toMatchObject({ one: { batchId: run.batchId }, two: { batchId: run.batchId } });
    expect(await expectOk(spine.store.history.list({ batchId: run.batchId ?? "" }))).toMatchObject([
      { runId: run.runId },
    ]);
  });

  it("is the caller's when given", async () => {
    const { spine } = await openSpine({ pipelines: [look], groups: [group] });
    expect(await expectOk(spine.groups.run("weekly", { batchId: "batch_1" }))).toMatchObject({ batchId: "batch_1" });
  });
});

it("updates of a pipeline do not reach other steps: steps of a group share parameters, never data", async () => {
  const tells = stub("p.tells", () => StepResult.ok({ rows: 3 }, { updates: { rows: 3 } }));
  const group = defineGroup({
    name: "weekly",
    steps: [
      { name: "one", pipeline: Step.dynamic("p.tells") },
      { name: "two", pipeline, dependsOn: ["one"] },
    ],
  });
  const { spine } = await openSpine({ pipelines: [look, tells], groups: [group] });
  const run = await expectOk(spine.groups.run("weekly"));
  expect(run.outputs["two"]).toEqual({ params: {}, batchId: run.batchId });
});
