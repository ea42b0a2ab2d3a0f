import { definePipeline, memory } from "@spine/core";
import { expectOk } from "@spine/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defineGroup, defineWorkflow, type Spine, Step } from "../src/index.ts";
import { type CrashPlan, crashingStore } from "./support/crashing-store.ts";
import { passTime } from "./support/pass-time.ts";
import { keyOf } from "./support/pipelines.ts";
import { openProcess } from "./support/processes.ts";

const runId = "run_a_000001";

/** Writes a capture of its own partition, and completes it with its step. */
const load = definePipeline({
  key: "prices.load",
  run: async ({ capture, commit, run, params }) => {
    const { item } = params as { readonly item?: string };
    const partition = item ?? `${run.step} of ${run.runId}`;
    const running = await expectOk(capture.begin({ domain: "prices", partition, stage: "INGEST", tier: "BRONZE" }));
    running.complete({ rowCount: 1 });
    return expectOk(commit(() => ({ loaded: partition })));
  },
});

const group = defineGroup({
  name: "both",
  steps: [
    { name: "one", pipeline: keyOf(load) },
    { name: "two", pipeline: keyOf(load), dependsOn: ["one"] },
  ],
});

const child = defineWorkflow({
  name: "child",
  steps: [
    Step.pipeline("load", keyOf(load)),
    Step.wait("settle", { forMs: 1000 }),
    Step.lambda("end", () => ({ n: 1 })),
  ],
});

const parallel = defineWorkflow({
  name: "parallel",
  steps: [
    Step.pipeline("left", keyOf(load), { dependsOn: [] }),
    Step.pipeline("right", keyOf(load), { dependsOn: [] }),
    Step.lambda("both", () => ({ n: 2 }), { dependsOn: ["left", "right"] }),
  ],
});

/** Every kind of step there is. */
const every = defineWorkflow({
  name: "every",
  steps: [
    Step.pipeline("first", keyOf(load)),
    Step.choice("route", { when: () => true, then: "look", otherwise: "never", join: "each" }),
    Step.lambda("look", () => ({ looked: true })),
    Step.lambda("never", () => ({ looked: false })),
    Step.map("each", { items: () => ["w1", "w2", "w3"], pipeline: keyOf(load), concurrency: 2 }),
    Step.group("all", "both"),
    Step.wait("pause", { forMs: 5000 }),
    Step.workflow("sub", "child"),
    Step.workflow("beside", "parallel"),
    Step.approval("review"),
    Step.lambda("end", ({ outputs }) => ({ steps: Object.keys(outputs).length })),
  ],
});

const definitions = { workflows: [every, child, parallel], groups: [group], pipelines: [load] };

/** Looks after the run in a process that lives until the run has ended, and approves what it asks for. */
async function finish(spine: Spine, advance: () => Promise<void>) {
  for (let look = 0; look < 40; look += 1) {
    const record = await expectOk(spine.store.history.get({ runId }));
    if (record === undefined || (record.status !== "RUNNING" && record.status !== "WAITING")) return record;
    const steps = await expectOk(spine.store.history.steps({ runId }));
    if (steps.some(({ step, status }) => step === "review" && status === "WAITING"))
      await expectOk(spine.runs.approve(runId, "review", { by: "ann" }));
    await advance();
  }
  throw new Error("The run had not ended after forty looks.");
}

/** An output without instants, lengths of time and what is made from them, which a crash may change. */
function timeless(output: unknown): string {
  return JSON.stringify(output ?? null)
    .replaceAll(/"group_both_\w+"/g, '"batch"')
    .replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"instant"')
    .replaceAll(/"(waitedMs|durationMs)":\d+/g, '"$1":0');
}

/** Processes one after the other, each of which dies at a write of its own; the one after them goes on to the end. */
async function crashed(plans: readonly CrashPlan[]) {
  const disk = memory();
  const writes: number[] = [];
  for (const [index, plan] of plans.entries()) {
    const store = crashingStore(disk, plan);
    const { spine, clock } = await openProcess(store, {
      ...definitions,
      name: String.fromCodePoint(97 + index),
      minutes: 120 * index,
    });
    const lived = async (): Promise<void> => {
      if (index === 0) await spine.run("every");
      else await spine.recover();
      await finish(spine, async () => {
        await clock.advance(5000);
        await spine.recover();
      });
    };
    await passTime(clock, Promise.race([lived(), store.crashed]));
    writes.push(store.writes);
  }
  const { spine, clock } = await openProcess(disk, { ...definitions, name: "z", minutes: 120 * plans.length });
  const record = await passTime(
    clock,
    finish(spine, async () => {
      await clock.advance(5000);
      await expectOk(spine.recover());
    }),
  );
  const picture = record === undefined ? undefined : { status: record.status, ...(await pictureOf(spine)) };
  await spine.close();
  return { picture, writes };
}

async function pictureOf({ store }: Spine) {
  const steps = await expectOk(store.history.steps({ runId }));
  const complete = await expectOk(store.captures.list({ status: "COMPLETE" }));
  return {
    steps: steps.map(({ step, status, output }) => ({ step, status, output: timeless(output) })),
    complete: complete.map(({ partition }) => partition).toSorted(),
    running: await expectOk(store.captures.list({ status: "RUNNING" })),
  };
}

const uninterrupted = () => crashed([{ write: Number.POSITIVE_INFINITY, how: "before" }]);

describe("a run of every kind of step", () => {
  test("killed before and after each write of the store ends as one that was not", async () => {
    const whole = await uninterrupted();
    expect(whole.picture).toMatchObject({ status: "COMPLETED", running: [] });
    expect(whole.picture?.complete).toHaveLength(9);
    const [writes = 0] = whole.writes;
    expect(writes).toBeGreaterThan(50);
    for (let write = 1; write <= writes; write += 1) {
      for (const how of ["before", "after"] as const) {
        const { picture } = await crashed([{ write, how }]);
        // Before the run's own row is kept, there is no run.
        if (picture === undefined) expect(write, `no run after a kill ${how} write ${write}`).toBeLessThan(4);
        else expect(picture, `killed ${how} write ${write}`).toEqual(whole.picture);
      }
    }
  }, 60_000);

  test("killed again while it is gone on with ends as one that was not", async () => {
    const { picture: whole } = await uninterrupted();
    const crash = fc.record({ write: fc.integer({ min: 4, max: 60 }), how: fc.constantFrom("before", "after") });
    await fc.assert(
      fc.asyncProperty(fc.array(crash, { minLength: 2, maxLength: 3 }), async (plans) => {
        expect((await crashed(plans)).picture).toEqual(whole);
      }),
      { numRuns: 200 },
    );
  }, 60_000);
});
