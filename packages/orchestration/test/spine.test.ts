import { definePlugin, errAsync, memory, ok, SpineError } from "@spine/core";
import { expectErr, expectOk, fakeClock } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { createSpine, defineGroup, defineWorkflow, Step } from "../src/index.ts";
import { openSpine } from "./support/open-spine.ts";
import { keyOf, stub } from "./support/pipelines.ts";
import { flow } from "./support/run-steps.ts";

const ingest = stub("prices.ingest", () => ({ rows: 3 }));
const load = stub("prices.load", () => ({ loaded: 3 }));
const daily = defineWorkflow({ name: "prices.daily", steps: [Step.pipeline("ingest", keyOf(ingest))] });
const weekly = defineGroup({
  name: "prices.weekly",
  domain: "prices",
  steps: [{ name: "ingest", pipeline: keyOf(ingest) }],
});
const other = defineGroup({ name: "other.weekly", steps: [{ name: "load", pipeline: keyOf(load) }] });

describe("createSpine", () => {
  it("takes definitions from plugins and from its options", async () => {
    const plugin = definePlugin({ name: "prices", pipelines: [ingest], workflows: [daily], groups: [weekly] });
    const { spine } = await openSpine({ plugins: [plugin], pipelines: [load], groups: [other] });
    expect(spine.workflows.list().map(({ name }) => name)).toEqual(["prices.daily"]);
    expect(spine.groups.list().map(({ name }) => name)).toEqual(["other.weekly", "prices.weekly"]);
    expect(spine.groups.list({ domain: "prices" })).toEqual([weekly]);
    expect(spine.pipelines.list().map(({ key }) => key)).toEqual(["prices.ingest", "prices.load"]);
    expect(spine.plugins).toEqual([plugin]);
    expect(await expectOk(spine.workflows.get("prices.daily"))).toBe(daily);
    expect(await expectOk(spine.groups.get("prices.weekly"))).toBe(weekly);
    expect(await expectOk(spine.pipelines.get("prices.load"))).toBe(load);
  });

  const unknown = Step.dynamic("prices.ingset");
  it.each([
    [
      "a workflow",
      { workflows: [flow([Step.pipeline("fetch", unknown)])] },
      "PIPELINE_NOT_FOUND",
      'Workflow "test.flow", step "fetch": Pipeline "prices.ingset" is not registered. Did you mean "prices.ingest"?',
    ],
    [
      "a group",
      { groups: [defineGroup({ name: "g", steps: [{ name: "fetch", pipeline: unknown }] })] },
      "PIPELINE_NOT_FOUND",
      'Pipeline "prices.ingset" is not registered. Did you mean "prices.ingest"?',
    ],
    [
      "a workflow with a group",
      { workflows: [flow([Step.group("all", "prices.wekly")])], groups: [weekly] },
      "GROUP_NOT_FOUND",
      'Workflow "test.flow", step "all": Group "prices.wekly" is not registered. Did you mean "prices.weekly"?',
    ],
  ] as const)("refuses %s that names what is not there", async (_, given, code, message) => {
    const error = await expectErr(createSpine({ store: memory(), pipelines: [ingest], ...given }), code);
    expect(error.message).toBe(message);
  });

  it("refuses a group that is a circle", async () => {
    const steps = [
      { name: "a", pipeline: keyOf(ingest), dependsOn: ["b"] },
      { name: "b", pipeline: keyOf(ingest), dependsOn: ["a"] },
    ];
    await expectErr(
      createSpine({ store: memory(), pipelines: [ingest], groups: [defineGroup({ name: "g", steps })] }),
      "GROUP_CYCLE",
    );
  });

  it("refuses two definitions of one name, naming both owners", async () => {
    const plugin = definePlugin({ name: "prices", pipelines: [ingest], workflows: [daily] });
    const error = await expectErr(
      createSpine({ store: memory(), plugins: [plugin], workflows: [daily] }),
      "KEY_DUPLICATE",
    );
    expect(error.message).toContain('both "prices" and "host" register it');
  });

  it("fails as its store does", async () => {
    const store = { kind: "broken", open: () => errAsync(new SpineError("DATABASE_UNAVAILABLE", "no server")) };
    await expectErr(createSpine({ store }), "DATABASE_UNAVAILABLE");
  });

  it("gives the APIs of its parts by their names", async () => {
    const part = { name: "greeter", start: () => ok({ api: { greet: (who: string) => `hello ${who}` } }) } as const;
    const spine = await expectOk(createSpine({ store: memory(), parts: [part] }));
    expect(spine.greeter.greet("you")).toBe("hello you");
    await expectOk(spine.close());
  });

  it("closes once, and a run after that fails with HOST_CLOSED", async () => {
    const { spine, clock } = await openSpine({ pipelines: [ingest], workflows: [daily] });
    await expectOk(spine.workflows.run("prices.daily"));
    await expectOk(spine.close());
    await expectOk(spine.close());
    expect(clock.pending).toBe(0);
    await expectErr(spine.workflows.run("prices.daily"), "HOST_CLOSED");
  });
});

describe("running by name", () => {
  it.each([
    ["prices.daily", "workflow", { ingest: { rows: 3 } }],
    ["prices.weekly", "group", { ingest: { rows: 3 } }],
    ["prices.load", "pipeline", { load: { loaded: 3 } }],
  ])("%s runs the %s", async (name, kind, outputs) => {
    const { spine } = await openSpine({ pipelines: [ingest, load], workflows: [daily], groups: [weekly] });
    const run = await expectOk(spine.run(name));
    expect(run).toMatchObject({ status: "COMPLETED", kind, name });
    expect(run.outputs).toEqual(outputs);
    expect(await expectOk(spine.store.history.get(run))).toMatchObject({ kind, name });
  });

  it("what is not there suggests the nearest of all", async () => {
    const { spine } = await openSpine({ pipelines: [ingest], workflows: [daily], groups: [weekly] });
    const error = await expectErr(spine.run("prices.weelky"), "RUNNABLE_NOT_FOUND");
    expect(error.message).toBe(
      'Nothing is registered as "prices.weelky": no workflow, group or pipeline. Did you mean "prices.weekly"?',
    );
    await expectErr(spine.workflows.run("prices.dayly"), "WORKFLOW_NOT_FOUND");
    await expectErr(spine.groups.run("prices.dayly"), "GROUP_NOT_FOUND");
    await expectErr(spine.pipelines.run(Step.dynamic("prices.dayly")), "PIPELINE_NOT_FOUND");
  });

  it("a workflow that is given runs without being registered", async () => {
    const { spine } = await openSpine();
    const run = await expectOk(spine.workflows.run(flow([Step.lambda("a", () => ({ done: true }))])));
    expect(run.outputs).toEqual({ a: { done: true } });
  });

  it("a pipeline that needs what the store has not is refused before anything is recorded", async () => {
    const clock = fakeClock();
    const sql = { ...ingest, needs: ["sql"] };
    const { spine } = await openSpine({ clock, pipelines: [sql], workflows: [daily] });
    const error = await expectErr(spine.workflows.run("prices.daily"), "CAPABILITY_MISSING");
    expect(error.message).toBe(
      'Pipeline "prices.ingest" needs sql, which the memory store has not. Use sqlite(path) or postgres(url).',
    );
    expect(await expectOk(spine.store.history.list({}))).toEqual([]);
  });
});
