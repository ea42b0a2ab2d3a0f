import { DatabaseError, err, memory, type Transition } from "@spine/core";
import { expectErr, expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { Step } from "../src/index.ts";
import { createGate } from "./support/gate.ts";
import { groupOf } from "./support/groups.ts";
import { openSpine } from "./support/open-spine.ts";
import { flow, openFlow, runFlow, type Steps } from "./support/run-steps.ts";
import { attemptLines, eventLines, storedStepLines } from "./support/summaries.ts";
import { type WatchedStore, watchedStore } from "./support/watched-store.ts";

const busy = new DatabaseError("locked", { code: "DATABASE_BUSY" });
const stepsOf = (transitions: readonly Transition[]): readonly string[] =>
  transitions.flatMap(({ settled }) => settled.map(({ step }) => step));

describe("what a run costs", () => {
  it("is one commit for each step: its end, the next one's start and its events together", async () => {
    const store = watchedStore(memory());
    await runFlow(
      ["a", "b", "c"].map((name) => Step.lambda(name, () => ({}))),
      { spine: { store } },
    );
    expect(
      store.checkpoints.map(([transition]) => [
        transition?.settled.map(({ step }) => step),
        transition?.started.map(({ step }) => step),
        transition?.end?.status,
      ]),
    ).toEqual([
      [["a"], ["b"], undefined],
      [["b"], ["c"], undefined],
      [["c"], [], "COMPLETED"],
    ]);
  });

  it("is the same with steps that are passed over", async () => {
    const store = watchedStore(memory());
    const names = Array.from({ length: 20 }, (_, index) => `s${index}`);
    await runFlow(
      [
        Step.choice("route", { when: "true", then: "end" }),
        ...[...names, "end"].map((name) => Step.lambda(name, () => ({}))),
      ],
      { spine: { store } },
    );
    expect(store.checkpoints.map(stepsOf)).toEqual([["route", ...names], ["end"]]);
  });
});

describe("transitions that come while a commit is in flight", () => {
  it("of many runs go into the next one together", async () => {
    const gate = createGate();
    const store = watchedStore(memory(), async (checkpoint, number) => {
      if (number === 1) await gate.opened;
      return checkpoint();
    });
    const { spine, clock } = await openSpine({ store, workflows: [flow([Step.lambda("a", () => ({}))])] });
    const running = Array.from({ length: 50 }, () => spine.workflows.run("test.flow"));
    await clock.advance(0);
    expect(store.checkpoints).toHaveLength(1);
    gate.open();
    const runs = await Promise.all(running.map((run) => expectOk(run)));
    expect(runs.every(({ status }) => status === "COMPLETED")).toBe(true);
    expect(store.checkpoints.map((transitions) => transitions.length)).toEqual([1, 49]);
  });

  it("of one run are merged into one, with the newest counts", async () => {
    const gate = createGate();
    const store = watchedStore(memory(), async (checkpoint, number) => {
      if (number === 1) await gate.opened;
      return checkpoint();
    });
    const { group, pipelines } = groupOf(
      { a: [], b: [], c: [], d: [], e: ["a", "b", "c", "d"] },
      { policy: { execution: "parallel" } },
    );
    const { spine, clock } = await openSpine({ store, pipelines, groups: [group] });
    const running = spine.groups.run("weekly");
    await clock.advance(0);
    gate.open();
    const run = await expectOk(running);
    expect(store.checkpoints.map(stepsOf)).toEqual([["a"], ["b", "c", "d"], ["e"]]);
    expect(store.checkpoints[1]).toHaveLength(1);
    expect(store.checkpoints[1]?.[0]?.counts).toEqual({ total: 5, completed: 4, failed: 0, skipped: 0 });
    expect(await eventLines(spine, run.runId)).toEqual([
      "run.started",
      ...["a", "b", "c", "d", "e"].map((step) => `step.completed ${step}`),
      "run.completed",
    ]);
  });

  it("never wait for company: one alone is committed at once", async () => {
    const store = watchedStore(memory());
    const { clock } = await runFlow([Step.lambda("a", () => ({}))], { spine: { store } });
    expect(store.checkpoints).toHaveLength(1);
    expect(clock.monotonicMs()).toBe(0);
  });
});

describe("a store that cannot be reached for a moment", () => {
  it("is tried again, a little later each time, and the run does not notice", async () => {
    const store = watchedStore(memory(), (checkpoint, number) =>
      number <= 3 ? Promise.resolve(err(busy)) : checkpoint(),
    );
    const { spine, clock } = await openFlow([Step.lambda("a", () => ({ rows: 3 }))], { spine: { store } });
    const running = spine.workflows.run("test.flow");
    for (const [afterMs, calls] of [
      [0, 1],
      [49, 1],
      [1, 2],
      [99, 2],
      [1, 3],
      [200, 4],
    ] as const) {
      await clock.advance(afterMs);
      expect(store.checkpoints).toHaveLength(calls);
    }
    expect(await expectOk(running)).toMatchObject({ status: "COMPLETED", outputs: { a: { rows: 3 } } });
  });

  it("ends the run with its error after half a minute; the run can be resumed", async () => {
    let down = true;
    const store = watchedStore(memory(), (checkpoint) => (down ? Promise.resolve(err(busy)) : checkpoint()));
    const { spine, clock } = await openFlow([Step.lambda("a", () => ({}))], { spine: { store } });
    const running = spine.workflows.run("test.flow");
    await clock.advance(31_000);
    await expectErr(running, "DATABASE_BUSY");
    expect(await expectOk(spine.store.history.get({ runId: "run_000001" }))).toMatchObject({ status: "RUNNING" });
    down = false;
    await expectOk(spine.close());
  });

  /** Keeps every transition and answers each first time as if it had not. */
  const forgetful = (): WatchedStore =>
    watchedStore(memory(), async (checkpoint, number) => {
      const result = await checkpoint();
      return number % 2 === 1 ? err(busy) : result;
    });
  const two: Steps = [Step.lambda("a", () => ({})), Step.lambda("b", () => ({}))];

  it("whose answer got lost is asked again, and steps and attempts are as if it had not been", async () => {
    const { spine, run } = await runFlow(two, { spine: { store: forgetful() } });
    expect(run.status).toBe("COMPLETED");
    expect(await storedStepLines(spine, run.runId)).toEqual(["a COMPLETED", "b COMPLETED"]);
    expect(await attemptLines(spine, run.runId)).toEqual(["a 1 COMPLETED", "b 1 COMPLETED"]);
  });

  // A transition that is kept twice has its events in the log twice: nothing tells the store that it knows them already.
  it("whose answer got lost has each event once", async () => {
    const { spine, run } = await runFlow(two, { spine: { store: forgetful() } });
    expect(await eventLines(spine, run.runId)).toEqual([
      "run.started",
      "step.completed a",
      "step.completed b",
      "run.completed",
    ]);
  });

  it("is not tried again when its error says that this does not help", async () => {
    const broken = new DatabaseError("damaged", { code: "DATABASE_CORRUPT" });
    const store = watchedStore(memory(), () => Promise.resolve(err(broken)));
    const { spine } = await openFlow([Step.lambda("a", () => ({}))], { spine: { store } });
    await expectErr(spine.workflows.run("test.flow"), "DATABASE_CORRUPT");
    expect(store.checkpoints).toHaveLength(1);
  });
});

it("a run that was lost does not take the others of its commit with it", async () => {
  const gate = createGate();
  const store = watchedStore(memory(), async (checkpoint, number) => {
    if (number === 1) await gate.opened;
    return checkpoint();
  });
  const { spine, clock } = await openSpine({ store, workflows: [flow([Step.lambda("a", () => ({}))])] });
  const running = [1, 2, 3].map(() => spine.workflows.run("test.flow"));
  await clock.advance(0);
  const [owner] = await expectOk(spine.store.owners.list());
  await expectOk(
    spine.store.runs.claim({
      runId: "run_000002",
      owner: "own_other",
      ...(owner === undefined ? {} : { deadOwner: owner.owner }),
    }),
  );
  gate.open();
  await expectOk(running[0] as never);
  await expectErr(running[1] as never, "RUN_FENCED");
  expect(await expectOk(running[2] as never)).toMatchObject({ status: "COMPLETED" });
});
