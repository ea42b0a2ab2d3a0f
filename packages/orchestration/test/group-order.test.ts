import { type CycleDetectedError, definePipeline, memory } from "@spine/core";
import { expectErr, expectOk } from "@spine/testkit";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { createSpine, defineGroup, defineWorkflow, type Group, GroupRegistry, Step } from "../src/index.ts";
import { createGate } from "./support/gate.ts";
import { openSpine } from "./support/open-spine.ts";
import { keyOf, stub } from "./support/pipelines.ts";

const work = definePipeline({ key: "work", params: z.object({}), run: () => undefined });

function group(name: string, given: Partial<Parameters<typeof defineGroup>[0]> = {}): Group {
  return defineGroup({ name, steps: [{ name: "a", pipeline: keyOf(work) }], ...given });
}

describe("groups that depend on groups", () => {
  test("are checked when a host starts: the near name of an unknown one, the circle by name", async () => {
    const open = (groups: readonly Group[]) => createSpine({ store: memory(), pipelines: [work], groups });
    const unknown = await expectErr(
      open([group("ingest"), group("report", { dependsOn: ["ingset"] })]),
      "GROUP_DEPENDENCY_UNKNOWN",
    );
    expect(unknown.message).toContain('Did you mean "ingest"?');
    const circle = await expectErr(
      open([
        group("a", { dependsOn: ["c"] }),
        group("b", { dependsOn: ["a"] }),
        group("c", { dependsOn: ["b"] }),
        group("d", { dependsOn: ["c"] }),
      ]),
      "GROUP_CYCLE",
    );
    expect((circle as CycleDetectedError).cycle).toHaveLength(4);
    expect(circle.message).toMatch(/b → c → a → b|a → b → c → a|c → a → b → c/);
    expect(() => group("a", { dependsOn: ["a"] })).toThrow("depends on itself");
  });

  test("begin only when the last run of each, of the same partition, completed", async () => {
    let fails = true;
    const ingest = stub("ingest", () => {
      if (fails) throw new Error("no file");
    });
    const { spine } = await openSpine({
      pipelines: [work, ingest],
      groups: [
        defineGroup({ name: "ingest", steps: [{ name: "a", pipeline: keyOf(ingest) }] }),
        group("report", { dependsOn: ["ingest"] }),
      ],
    });
    const report = (partition: string) => spine.groups.run("report", { partition });
    expect((await expectErr(report("w1"), "GROUP_DEPENDENCY_UNMET")).message).toContain("has not run of partition w1");
    await expectOk(spine.groups.run("ingest", { partition: "w1" }));
    expect((await expectErr(report("w1"), "GROUP_DEPENDENCY_UNMET")).message).toContain("ended FAILED last");
    fails = false;
    await expectOk(spine.groups.run("ingest", { partition: "w1" }));
    expect((await expectOk(report("w1"))).status).toBe("COMPLETED");
    await expectErr(report("w2"), "GROUP_DEPENDENCY_UNMET");
    expect((await expectOk(spine.groups.run("report", { partition: "w2", dependencies: "ignore" }))).status).toBe(
      "COMPLETED",
    );
  });

  test("may have them run first, with the parameters they take; what completed is not run again", async () => {
    const { spine } = await openSpine({
      pipelines: [work],
      groups: [
        group("a", { defaults: { week: "none" } }),
        group("b", { dependsOn: ["a"] }),
        group("c", { dependsOn: ["b"], defaults: { week: "none", title: "none" } }),
      ],
    });
    const params = { week: "w1", title: "Weekly" };
    const options = { partition: "w1", params, dependencies: "run" } as const;
    expect((await expectOk(spine.groups.run("c", options))).status).toBe("COMPLETED");
    const runs = await expectOk(spine.runs.list());
    expect(runs.map(({ name, params: given }) => [name, given])).toEqual([
      ["c", { week: "w1", title: "Weekly" }],
      ["b", {}],
      ["a", { week: "w1" }],
    ]);
    await expectOk(spine.groups.run("c", options));
    expect(await expectOk(spine.runs.list())).toHaveLength(4);
  });
});

describe("concurrency of groups", () => {
  test("is guarded across groups and workflows that name the same key", async () => {
    const gate = createGate();
    const slow = stub("slow", () => gate.opened);
    const concurrency = { limit: 1, key: "feed {{ params.feed }}" };
    const one = defineGroup({
      name: "one",
      defaults: { feed: "x" },
      steps: [{ name: "a", pipeline: keyOf(slow) }],
      concurrency,
    });
    const two = defineGroup({
      name: "two",
      defaults: { feed: "x" },
      steps: [{ name: "a", pipeline: keyOf(work) }],
      concurrency,
    });
    const flow = defineWorkflow({
      name: "flow",
      defaults: { feed: "x" },
      steps: [Step.lambda("a", () => true)],
      concurrency,
    });
    const { spine, clock } = await openSpine({ pipelines: [work, slow], groups: [one, two], workflows: [flow] });
    const first = expectOk(spine.groups.run("one"));
    await clock.advance(0);
    const second = await expectOk(spine.groups.run("two"));
    const third = await expectOk(spine.workflows.run("flow"));
    expect([second.status, third.status]).toEqual(["WAITING", "WAITING"]);
    expect((await expectOk(spine.groups.run("two", { params: { feed: "y" } }))).status).toBe("COMPLETED");
    gate.open();
    await first;
    await expectOk(spine.recover());
    await expectOk(spine.recover());
    expect(await expectOk(spine.runs.get(second.runId))).toMatchObject({ status: "COMPLETED" });
    expect(await expectOk(spine.runs.get(third.runId))).toMatchObject({ status: "COMPLETED" });
  });

  test("has a workflow wait for a group that queues, and go on with it", async () => {
    const gate = createGate();
    const slow = stub("slow", () => gate.opened);
    const only = defineGroup({
      name: "only",
      steps: [{ name: "a", pipeline: keyOf(slow) }],
      concurrency: { limit: 1 },
    });
    const flow = defineWorkflow({ name: "flow", steps: [Step.group("all", "only")] });
    const { spine, clock } = await openSpine({ pipelines: [slow], groups: [only], workflows: [flow] });
    const first = expectOk(spine.groups.run("only"));
    await clock.advance(0);
    const waiting = await expectOk(spine.workflows.run("flow"));
    expect(waiting.status).toBe("WAITING");
    gate.open();
    await first;
    await expectOk(spine.recover());
    expect(await expectOk(spine.runs.get(waiting.runId))).toMatchObject({ status: "COMPLETED" });
  });

  test("lets the next one in when the holder is cancelled", async () => {
    const waits = defineWorkflow({
      name: "waits",
      steps: [Step.wait("go", { signal: "go" })],
      concurrency: { limit: 1, key: "k" },
    });
    const { spine } = await openSpine({
      pipelines: [work],
      groups: [group("next", { concurrency: { limit: 1, key: "k" } })],
      workflows: [waits],
    });
    const holder = await expectOk(spine.workflows.run("waits"));
    const next = await expectOk(spine.groups.run("next"));
    await expectOk(spine.runs.cancel(holder.runId));
    await expectOk(spine.recover());
    expect(await expectOk(spine.runs.get(next.runId))).toMatchObject({ status: "COMPLETED" });
  });

  test("is at least one run", () => {
    expect(() => group("a", { concurrency: { limit: 0 } })).toThrow("concurrency.limit is 0");
  });
});

describe("a submitted group", () => {
  test("is handed out as soon as it is recorded, and its status says how far each step is", async () => {
    const gate = createGate();
    const slow = stub("slow", () => gate.opened);
    const weekly = defineGroup({
      name: "weekly",
      steps: [
        { name: "ingest", pipeline: keyOf(work) },
        { name: "load", pipeline: keyOf(slow), dependsOn: ["ingest"] },
        { name: "report", pipeline: keyOf(work), dependsOn: ["load"] },
      ],
    });
    const { spine, clock } = await openSpine({ pipelines: [work, slow], groups: [weekly] });
    const execution = await expectOk(spine.groups.submit("weekly", { batchId: "b1" }));
    expect(execution).toMatchObject({ group: "weekly", batchId: "b1", status: "RUNNING", counts: { total: 3 } });
    await clock.advance(0);
    const status = async () => {
      const { status: run, steps } = await expectOk(spine.groups.status(execution.runId));
      return [run, ...steps.map(({ name, pipeline, status: step }) => `${name} ${pipeline} ${step}`)];
    };
    expect(await status()).toEqual(["RUNNING", "ingest work COMPLETED", "load slow RUNNING", "report work PENDING"]);
    gate.open();
    await clock.advance(0);
    expect(await status()).toEqual([
      "COMPLETED",
      "ingest work COMPLETED",
      "load slow COMPLETED",
      "report work COMPLETED",
    ]);
  });

  test("that cannot start says so, and a run of something else has no such status", async () => {
    const flow = defineWorkflow({ name: "flow", steps: [Step.lambda("a", () => true)] });
    const { spine } = await openSpine({ pipelines: [work], groups: [group("one")], workflows: [flow] });
    await expectErr(spine.groups.submit("one", { params: { unknown: 1 } }), "PARAMS_INVALID");
    await expectErr(spine.groups.submit("two"), "GROUP_NOT_FOUND");
    await expectErr(spine.groups.submit("one", { dryRun: true }), "CAPABILITY_MISSING");
    const record = await expectOk(spine.submit("flow"));
    expect(record).toMatchObject({ kind: "workflow", name: "flow" });
    await expectErr(spine.groups.status(record.runId), "RUN_NOT_FOUND");
  });

  test("under an idempotency key is the run that has it", async () => {
    const { spine, clock } = await openSpine({ pipelines: [work], groups: [group("one")] });
    const first = await expectOk(spine.groups.submit("one", { idempotencyKey: "k" }));
    await clock.advance(0);
    const second = await expectOk(spine.groups.submit("one", { idempotencyKey: "k" }));
    expect(second).toMatchObject({ runId: first.runId, status: "COMPLETED" });
  });
});

test("a rerun of a group from a step does that step anew and what depends on it, and nothing beside it", async () => {
  const calls: string[] = [];
  const noting = stub("noting", ({ run }) => void calls.push(run.step));
  const diamond = defineGroup({
    name: "diamond",
    steps: [
      { name: "a", pipeline: keyOf(noting) },
      { name: "b", pipeline: keyOf(noting), dependsOn: ["a"] },
      { name: "c", pipeline: keyOf(noting), dependsOn: ["a"] },
      { name: "d", pipeline: keyOf(noting), dependsOn: ["b", "c"] },
    ],
  });
  const { spine } = await openSpine({ pipelines: [noting], groups: [diamond] });
  const run = await expectOk(spine.groups.run("diamond"));
  calls.length = 0;
  expect((await expectOk(spine.runs.rerun(run.runId, { from: "b" }))).status).toBe("COMPLETED");
  expect(calls).toEqual(["b", "d"]);
});

test("a registry of groups knows them by name and by domain", async () => {
  const registry = new GroupRegistry();
  const weekly = group("weekly", { domain: "finra.otc" });
  expect(await expectOk(registry.registerGroup(weekly))).toBe(weekly);
  await expectOk(registry.registerGroup(() => group("daily", { domain: "prices" })));
  await expectErr(registry.registerGroup(weekly), "KEY_DUPLICATE");
  expect(await expectOk(registry.getGroup("weekly"))).toBe(weekly);
  expect((await expectErr(registry.getGroup("weekl"), "GROUP_NOT_FOUND")).message).toContain('"weekly"');
  expect(registry.listGroups().map(({ name }) => name)).toEqual(["daily", "weekly"]);
  expect(registry.listGroups({ domain: "prices" }).map(({ name }) => name)).toEqual(["daily"]);
  expect([registry.hasGroup("daily"), registry.hasGroup("monthly")]).toEqual([true, false]);
});
