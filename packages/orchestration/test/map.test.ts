import { definePipeline, type Json, memory, SourceUnavailableError } from "@spine/core";
import { expectErr, expectOk } from "@spine/testkit";
import { describe, expect, test } from "vitest";
import { defineWorkflow, Step, type Workflow, WorkflowRunner } from "../src/index.ts";
import { crashingStore } from "./support/crashing-store.ts";
import { createGate } from "./support/gate.ts";
import { passTime } from "./support/pass-time.ts";
import { openProcess } from "./support/processes.ts";
import { openFlow, runFlow } from "./support/run-steps.ts";

const double = (item: number): { readonly n: number } => ({ n: item * 2 });
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe("the items of a map", () => {
  test("come from an expression, and their results are in their order whatever ends first", async () => {
    const { run } = await runFlow(
      [
        Step.lambda("list", () => ({ weeks: [3, 1, 2] })),
        Step.map("each", {
          items: "outputs.list.weeks",
          run: async (item: number) => {
            for (let turns = 0; turns < item; turns += 1) await turn();
            return { item };
          },
        }),
      ],
      {},
    );
    expect(run.outputs["each"]).toEqual({
      total: 3,
      completed: 3,
      failed: 0,
      results: [{ item: 3 }, { item: 1 }, { item: 2 }],
    });
  });

  test("are worked on so many at once, and no more", async () => {
    let active = 0;
    let most = 0;
    const { run } = await runFlow([
      Step.map("each", {
        items: () => Array.from({ length: 20 }, (_, index) => index),
        concurrency: 3,
        run: async () => {
          active += 1;
          most = Math.max(most, active);
          await turn();
          active -= 1;
        },
      }),
    ]);
    expect(run.status).toBe("COMPLETED");
    expect(most).toBe(3);
  });

  test("come one after another from a stream that is never held whole", async () => {
    let given = 0;
    let ahead = 0;
    let done = 0;
    async function* stream(): AsyncGenerator<number> {
      for (; given < 2600; given += 1) {
        ahead = Math.max(ahead, given - done);
        yield given;
      }
    }
    const sums: (Json | undefined)[] = [];
    const { run } = await runFlow([
      Step.map("each", {
        items: () => stream(),
        run: (item: number) => {
          done += 1;
          return double(item);
        },
      }),
      Step.lambda("read", async (context) => {
        for await (const result of context.results("each")) sums.push(result);
      }),
    ]);
    expect(run.outputs["each"]).toMatchObject({ total: 2600, completed: 2600, failed: 0 });
    expect(run.outputs["each"]).not.toHaveProperty("results");
    expect(ahead).toBeLessThanOrEqual(500);
    expect(sums).toEqual(Array.from({ length: 2600 }, (_, index) => ({ n: index * 2 })));
  });

  test("may be none", async () => {
    const { run } = await runFlow([Step.map("each", { items: "[]", run: double })]);
    expect(run.outputs["each"]).toEqual({ total: 0, completed: 0, failed: 0, results: [] });
  });

  test("that are no list, or no JSON, fail the step", async () => {
    const noList = await runFlow([Step.map("each", { items: "params.weeks", run: double })], {
      run: { params: { weeks: 3 } },
    });
    expect(noList.run.error).toMatchObject({ code: "CONDITION_FAILED" });
    const noJson = await runFlow([Step.map("each", { items: () => [1, new Map()], run: double })]);
    expect(noJson.run.error?.context).toMatchObject({ index: 1 });
  });

  test("are read through history, each with how it ended", async () => {
    const { spine, run } = await runFlow([
      Step.map("each", {
        items: () => ["a", "b"],
        onItemError: "continue",
        run: (item: string) => item === "a" || Promise.reject(new Error("no b")),
      }),
    ]);
    const items = [];
    for await (const item of spine.runs.items(run.runId, "each")) items.push(await expectOk(item));
    expect(items).toMatchObject([
      { index: 0, item: "a", status: "COMPLETED" },
      { index: 1, item: "b", status: "FAILED", error: { code: "STEP_THREW", message: "no b" } },
    ]);
  });
});

describe("what is done with an item", () => {
  const load = definePipeline({
    key: "load",
    run: ({ params, run }) => ({ params: params as object, key: run.idempotencyKey }),
  });

  test("is a pipeline's work, with the item as a parameter and a key of its own", async () => {
    const { run } = await runFlow(
      [
        Step.map("each", {
          items: () => ["w1", "w2"],
          pipeline: "load",
          params: { tier: "T1" },
          itemParam: "week",
        }),
      ],
      { pipelines: [load], run: { params: { force: true } } },
    );
    expect((run.outputs["each"] as { results: Json }).results).toEqual(
      ["w1", "w2"].map((week, index) => ({
        params: { week, tier: "T1", force: true },
        key: `${run.runId}:each:${index}`,
      })),
    );
  });

  test("is a workflow's, each a child run", async () => {
    const child = defineWorkflow({
      name: "one",
      steps: [Step.lambda("x", ({ params }) => ({ got: params["item"] ?? null }))],
    });
    const { spine, run } = await runFlow([Step.map("each", { items: () => [7, 8], workflow: "one" })], {
      spine: { workflows: [child] },
    });
    expect((run.outputs["each"] as { results: Json }).results).toMatchObject([
      { runId: `${run.runId}:each:0`, outputs: { x: { got: 7 } } },
      { runId: `${run.runId}:each:1`, outputs: { x: { got: 8 } } },
    ]);
    expect(await expectOk(spine.runs.list({ parentRunId: run.runId }))).toHaveLength(2);
  });

  test("may wait: the run waits for all of them, and each that came goes on by itself", async () => {
    const child = defineWorkflow({ name: "one", steps: [Step.wait("go", { signal: "go" })] });
    const map = defineWorkflow({
      name: "test.map",
      steps: [Step.map("each", { items: () => [1, 2], workflow: "one" })],
    });
    const { spine } = await openFlow([], { spine: { workflows: [child, map] } });
    const run = await expectOk(spine.workflows.run("test.map"));
    expect(run.status).toBe("WAITING");
    await expectOk(spine.runs.signal(`${run.runId}:each:1`, "go", "second"));
    await expectOk(spine.recover());
    expect(await expectOk(spine.runs.get(run.runId))).toMatchObject({ status: "WAITING" });
    expect(await expectOk(spine.runs.get(`${run.runId}:each:1`))).toMatchObject({ status: "COMPLETED" });
    await expectOk(spine.runs.signal(`${run.runId}:each:0`, "go", "first"));
    await expectOk(spine.recover());
    expect(await expectOk(spine.runs.get(run.runId))).toMatchObject({ status: "COMPLETED" });
  });

  test("is one of pipeline, workflow and run, and at least one at once", () => {
    const items = (): number[] => [];
    expect(() => Step.map("a", { items })).toThrow("needs one of pipeline, workflow and run");
    expect(() => Step.map("a", { items, run: double, pipeline: "x" })).toThrow("needs one of");
    expect(() => Step.map("a", { items: "outputs.", run: double })).toThrow("cannot be read");
    const none = (): Workflow =>
      defineWorkflow({ name: "a", steps: [Step.map("a", { items, run: double, concurrency: 0 })] });
    expect(none).toThrow("concurrency 0");
  });

  test("works without a store as well", async () => {
    const workflow = defineWorkflow({ name: "a", steps: [Step.map("each", { items: () => [1, 2], run: double })] });
    const run = await expectOk(new WorkflowRunner().run(workflow));
    expect(run.outputs).toEqual({ each: { total: 2, completed: 2, failed: 0, results: [{ n: 2 }, { n: 4 }] } });
  });
});

describe("an item that fails", () => {
  const some =
    (failing: readonly number[], calls: number[] = []) =>
    (item: number) => {
      calls.push(item);
      return failing.includes(item) ? Promise.reject(new Error(`no ${item}`)) : { item };
    };
  const tenItems = (): number[] => Array.from({ length: 10 }, (_, index) => index);

  test("stops the step, with the first item's error and index", async () => {
    const calls: number[] = [];
    const { run } = await runFlow([Step.map("each", { items: tenItems, concurrency: 1, run: some([3, 7], calls) })]);
    expect(run.error).toMatchObject({ code: "STEP_FAILED", context: { index: 3, failed: 1, total: 10 } });
    expect(run.error?.message).toContain("no 3");
    expect(calls).toEqual([0, 1, 2, 3]);
  });

  test("is tolerated by `continue`: its place in the results is null", async () => {
    const { run } = await runFlow([Step.map("each", { items: tenItems, onItemError: "continue", run: some([3, 7]) })]);
    expect(run).toMatchObject({ status: "COMPLETED", outputs: { each: { total: 10, completed: 8, failed: 2 } } });
    expect((run.outputs["each"] as { results: Json[] }).results[3]).toBeNull();
  });

  test.each([
    [{ maxFailed: 2 }, [1, 2], "COMPLETED"],
    [{ maxFailed: 1 }, [1, 2], "FAILED"],
    [{ maxFailedFraction: 0.2 }, [1, 2], "COMPLETED"],
    [{ maxFailedFraction: 0.1 }, [1, 2], "FAILED"],
  ] as const)("is tolerated up to a threshold: %j with %j failing ends %s", async (onItemError, failing, status) => {
    const { run } = await runFlow([Step.map("each", { items: tenItems, onItemError, run: some(failing) })]);
    expect(run.status).toBe(status);
  });

  test("is tried again by itself, and the others are not", async () => {
    const calls: number[] = [];
    const { run } = await runFlow([
      Step.map("each", {
        items: () => [0, 1, 2],
        itemRetry: { maxAttempts: 2, delayMs: 1000 },
        run: (item: number) => {
          calls.push(item);
          if (item === 1 && calls.filter((call) => call === 1).length === 1)
            throw new SourceUnavailableError("not now");
          return { item };
        },
      }),
    ]);
    expect(run.status).toBe("COMPLETED");
    expect(calls.toSorted((a, b) => a - b)).toEqual([0, 1, 1, 2]);
  });

  test("is done again when the run is resumed; those that completed are not", async () => {
    const calls: number[] = [];
    let healed = false;
    const { spine, run } = await runFlow([
      Step.map("each", {
        items: tenItems,
        onItemError: "continue",
        run: (item: number) => {
          calls.push(item);
          return item === 4 && !healed ? Promise.reject(new Error("no")) : { item };
        },
      }),
      Step.lambda("all", ({ outputs }) => (outputs["each"] as { failed: number }).failed === 0),
    ]);
    expect(run).toMatchObject({ status: "FAILED", errorStep: "all" });
    healed = true;
    calls.length = 0;
    const again = await expectOk(spine.runs.rerun(run.runId, { from: "each" }));
    expect(again.status).toBe("COMPLETED");
    expect(calls).toHaveLength(10);
  });
});

describe("a map that is interrupted", () => {
  test("by a time-out keeps what it has done, and the next try does the rest", async () => {
    const calls: number[] = [];
    const gate = createGate();
    const { spine, clock } = await openFlow([
      Step.map("each", {
        items: () => [0, 1, 2, 3],
        concurrency: 1,
        timeoutMs: 1000,
        retry: { maxAttempts: 2, delayMs: 1 },
        run: async (item: number) => {
          calls.push(item);
          if (item === 2 && calls.filter((call) => call === 2).length === 1) await gate.opened;
          return { item };
        },
      }),
    ]);
    const run = await passTime(clock, expectOk(spine.workflows.run("test.flow")));
    gate.open();
    expect(run).toMatchObject({ status: "COMPLETED", outputs: { each: { completed: 4 } } });
    expect(calls).toEqual([0, 1, 2, 2, 3]);
  });

  /** A map of pipelines that write captures with `commit`, and a record of whose effect was kept. */
  const ledger = (work: string[]) =>
    definePipeline({
      key: "prices.load",
      run: async ({ capture, commit, params }) => {
        const { item } = params as { readonly item: string };
        work.push(item);
        const running = await expectOk(
          capture.begin({ domain: "prices", partition: item, stage: "INGEST", tier: "BRONZE" }),
        );
        running.complete({ rowCount: 1 });
        return expectOk(commit(() => ({ item })));
      },
    });
  const items = ["w1", "w2", "w3", "w4", "w5"];
  const steps = [Step.map("each", { items: () => items, pipeline: "prices.load", concurrency: 2 })];
  const definitions = (work: string[]) => ({
    workflows: [defineWorkflow({ name: "test.flow", steps })],
    pipelines: [ledger(work)],
  });

  async function crashAt(write: number, how: "before" | "after") {
    const disk = memory();
    const store = crashingStore(disk, { write, how });
    const work: string[] = [];
    const first = await openProcess(store, definitions(work));
    await passTime(first.clock, Promise.race([first.spine.run("test.flow"), store.crashed]));
    const before = work.length;
    const second = await openProcess(disk, { ...definitions(work), name: "b", minutes: 5 });
    await passTime(second.clock, expectOk(second.spine.recover()));
    return { spine: second.spine, again: work.slice(before), writes: store.writes };
  }

  const writes = 22;
  test.each(
    Array.from(
      { length: writes * 2 },
      (_, index) => [Math.floor(index / 2) + 1, index % 2 === 0 ? "before" : "after"] as const,
    ),
  )("at write %i, %s it is kept, does each item's commit exactly once", async (write, how) => {
    const { spine } = await crashAt(write, how);
    const record = await expectOk(spine.store.history.get({ runId: "run_a_000001" }));
    if (record === undefined) return;
    expect(record.status).toBe("COMPLETED");
    const captures = await expectOk(spine.store.captures.list({ status: "COMPLETE" }));
    expect(captures.map(({ partition }) => partition).toSorted()).toEqual(items);
    const [step] = await expectOk(spine.runs.steps("run_a_000001"));
    expect(step?.output).toEqual({ total: 5, completed: 5, failed: 0, results: items.map((item) => ({ item })) });
  });

  test("has more writes than were crashed at", async () => {
    const { writes: all } = await crashAt(1000, "before");
    expect(all).toBeLessThanOrEqual(writes);
  });

  test("by somebody who takes the run over settles nothing more", async () => {
    const gate = createGate();
    const disk = memory();
    const workflow = defineWorkflow({
      name: "test.flow",
      steps: [
        Step.map("each", {
          items: () => [1, 2],
          concurrency: 1,
          run: (item: number) => gate.opened.then(() => ({ item })),
        }),
      ],
    });
    const first = await openProcess(disk, { workflows: [workflow] });
    const running = first.spine.run("test.flow");
    await first.clock.advance(0);
    const second = await openProcess(disk, { workflows: [workflow], name: "b", minutes: 5 });
    const recovering = second.spine.recover();
    await second.clock.advance(0);
    gate.open();
    await expectErr(running, "RUN_FENCED");
    const [passed] = await expectOk(recovering);
    expect((await expectOk(passed?.result as NonNullable<typeof passed>["result"])).status).toBe("COMPLETED");
  });
});
