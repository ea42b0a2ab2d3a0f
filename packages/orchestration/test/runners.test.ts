import { createEventBus, memory, silentLogger, type Store } from "@spine/core";
import { countingIds, expectErr, expectOk, fakeClock } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { defineGroup, GroupRunner, Step, WorkflowRunner } from "../src/index.ts";
import { breakable } from "./support/breakable.ts";
import { keyOf, stub } from "./support/pipelines.ts";
import { flow } from "./support/run-steps.ts";

const clock = fakeClock();
const openStore = (): Promise<Store> =>
  expectOk(memory().open({ clock, logger: silentLogger, contributions: () => [] }));
const load = stub("prices.load", () => ({ loaded: 3 }));
const weekly = defineGroup({ name: "weekly", steps: [{ name: "load", pipeline: keyOf(load) }] });

describe("a workflow runner wired by hand", () => {
  it("runs with nothing but a workflow, and keeps nothing", async () => {
    const run = await expectOk(new WorkflowRunner().run(flow([Step.lambda("a", () => ({ rows: 3 }))])));
    expect(run).toMatchObject({ status: "COMPLETED", outputs: { a: { rows: 3 } } });
    expect(run.runId).toMatch(/^run_[0-9a-z]{26}$/);
  });

  it("on a store records, resumes, and leaves the store open when it closes", async () => {
    const store = await openStore();
    const runner = new WorkflowRunner({ store, clock, ids: countingIds() });
    const { state, step } = breakable("b");
    const workflow = flow([Step.lambda("a", () => ({ rows: 3 })), step]);
    const run = await expectOk(runner.run(workflow));
    expect(run).toMatchObject({ runId: "run_000001", status: "FAILED" });
    state.mended = true;
    expect(await expectOk(runner.resume(workflow, run.runId))).toMatchObject({ status: "COMPLETED" });
    await expectOk(runner.close());
    expect(await expectOk(store.history.get(run))).toMatchObject({ status: "COMPLETED" });
    expect(await expectOk(store.owners.list())).toEqual([]);
  });

  it("runs groups it was given, also without a store", async () => {
    const runner = new WorkflowRunner({ pipelines: [load], groups: [weekly] });
    const run = await expectOk(runner.run(flow([Step.group("all", "weekly")])));
    expect(run.outputs).toMatchObject({ all: { status: "COMPLETED", outputs: { load: { loaded: 3 } } } });
  });

  it("finds out when a run starts that a pipeline or a group is not there", async () => {
    const runner = new WorkflowRunner({ pipelines: [load] });
    await expectErr(runner.run(flow([Step.pipeline("load", Step.dynamic("prices.laod"))])), "PIPELINE_NOT_FOUND");
    const run = await expectOk(runner.run(flow([Step.group("all", "weekly")])));
    expect(run).toMatchObject({ status: "FAILED", error: { code: "GROUP_NOT_FOUND" } });
  });

  it("tells a bus it was given", async () => {
    const bus = createEventBus(silentLogger);
    const heard: string[] = [];
    bus.on("*", ({ type }) => void heard.push(type));
    await expectOk(new WorkflowRunner({ bus }).run(flow([Step.lambda("a", () => ({}))])));
    expect(heard).toEqual(["run.started", "step.started", "step.completed", "run.completed"]);
  });

  it("gives pipelines no SQL and no captures when it has no store", async () => {
    const codes: string[] = [];
    const asks = stub("prices.asks", async ({ sql }) => {
      codes.push((await expectErr(sql.execute("select 1"), "SQL_UNAVAILABLE")).code);
      codes.push((await expectErr(sql.insert("prices", []), "SQL_UNAVAILABLE")).code);
    });
    await expectOk(new WorkflowRunner({ pipelines: [asks] }).run(flow([Step.pipeline("asks", keyOf(asks))])));
    expect(codes).toEqual(["SQL_UNAVAILABLE", "SQL_UNAVAILABLE"]);
  });

  it("is a mistake in program text with one key twice", () => {
    expect(() => new WorkflowRunner({ pipelines: [load, load] })).toThrow(
      expect.objectContaining({ code: "KEY_DUPLICATE" }),
    );
  });
});

it("a group runner on a store records and resumes", async () => {
  const store = await openStore();
  const state = { mended: false };
  const flaky = stub("prices.flaky", () => {
    if (!state.mended) throw new Error("no");
    return { rows: 3 };
  });
  const group = defineGroup({ name: "flaky", steps: [{ name: "flaky", pipeline: keyOf(flaky) }] });
  const runner = new GroupRunner({ store, clock, pipelines: [flaky] });
  const run = await expectOk(runner.run(group));
  expect(run.status).toBe("FAILED");
  state.mended = true;
  expect(await expectOk(runner.resume(group, run.runId))).toMatchObject({
    status: "COMPLETED",
    outputs: { flaky: { rows: 3 } },
  });
  await expectOk(runner.close());
  expect(await expectOk(store.history.get(run))).toMatchObject({ kind: "group", status: "COMPLETED" });
});
