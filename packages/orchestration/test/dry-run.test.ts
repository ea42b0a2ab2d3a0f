import { type EventListener } from "@spine/core";
import { expectOk } from "@spine/testkit";
import { expect, it } from "vitest";
import { defineGroup, Step, StepResult } from "../src/index.ts";
import { keyOf, stub } from "./support/pipelines.ts";
import { openFlow, runFlow } from "./support/run-steps.ts";

const ingested: string[] = [];
const ingest = stub("prices.ingest", () => {
  ingested.push("ingest");
  return { rows: 3 };
});

it("a dry run performs no pipeline, and its output says so", async () => {
  const { run } = await runFlow([Step.pipeline("ingest", keyOf(ingest))], {
    pipelines: [ingest],
    run: { dryRun: true },
  });
  expect(run.status).toBe("COMPLETED");
  expect(run.outputs).toEqual({ ingest: { dryRun: true, pipeline: "prices.ingest" } });
  expect(ingested).toEqual([]);
});

it("lambdas run in a dry run, can tell, and their updates and choices count", async () => {
  const { run } = await runFlow(
    [
      Step.lambda("check", ({ isDryRun }) => StepResult.ok({ isDryRun }, { updates: { big: true } })),
      Step.choice("route", { when: "params.big", then: "big", otherwise: "small" }),
      Step.lambda("big", () => ({ went: "big" })),
      Step.lambda("small", () => ({ went: "small" })),
    ],
    { run: { dryRun: true } },
  );
  expect(run.outputs).toMatchObject({ check: { isDryRun: true }, big: { went: "big" } });
});

it("nothing of a dry run is recorded", async () => {
  const { spine, run } = await runFlow([Step.lambda("check", () => ({ rows: 3 }))], { run: { dryRun: true } });
  expect(await expectOk(spine.store.history.list({}))).toEqual([]);
  expect(await expectOk(spine.store.history.steps(run))).toEqual([]);
  expect(await expectOk(spine.store.history.events({}))).toEqual([]);
});

it("parameters of pipelines are checked in a dry run", async () => {
  const { spine } = await openFlow([Step.lambda("check", () => ({}))], { defaults: { tier: "OTC" } });
  const run = await expectOk(spine.workflows.run("test.flow", { dryRun: true, params: { tier: "T1" } }));
  expect(run.counts).toEqual({ total: 1, completed: 1, failed: 0, skipped: 0 });
});

it("a group inside a dry run is a dry run", async () => {
  const group = defineGroup({ name: "weekly", steps: [{ name: "ingest", pipeline: keyOf(ingest) }] });
  const { spine, run } = await runFlow([Step.group("all", "weekly")], {
    pipelines: [ingest],
    groups: [group],
    run: { dryRun: true },
  });
  expect(run.status).toBe("COMPLETED");
  expect(run.outputs["all"]).toMatchObject({ outputs: { ingest: { dryRun: true } } });
  expect(ingested).toEqual([]);
  expect(await expectOk(spine.store.history.list({}))).toEqual([]);
});

it("listeners hear of a dry run, which was not recorded", async () => {
  const { spine } = await openFlow([Step.lambda("check", () => ({}))]);
  const heard: string[] = [];
  const listener: EventListener = ({ type }) => void heard.push(type);
  spine.events.on("*", listener);
  await expectOk(spine.workflows.run("test.flow", { dryRun: true }));
  expect(heard).toEqual(["run.started", "step.started", "step.completed", "run.completed"]);
});
