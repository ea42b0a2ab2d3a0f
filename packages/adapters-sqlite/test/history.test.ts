import { sqlite } from "@spine/adapters-sqlite";
import type { Store, Transition } from "@spine/core";
import {
  buildAnomaly,
  buildRun,
  buildSettlement,
  buildStart,
  buildTransition,
  expectErr,
  expectOk,
  fakeClock,
} from "@spine/testkit";
import { describe, expect, test } from "vitest";
import { openStore } from "./open.ts";

async function keep(store: Store, transition: Partial<Transition>): Promise<void> {
  const { kept } = await expectOk(store.runs.checkpoint([buildTransition(transition)]));
  expect(kept.size).toBe(1);
}

const event = (type: string): { type: string; payload: object & Record<string, never> } => ({ type, payload: {} });

describe("history on SQLite", () => {
  test("finds a run's events among those of others, over its end and its next owner", async () => {
    const store = await openStore(sqlite(":memory:"));
    for (const runId of ["run_1", "run_2"]) {
      await expectOk(store.runs.create({ run: buildRun({ runId }), started: [], events: [event(`begin ${runId}`)] }));
    }
    await keep(store, { runId: "run_1", events: [event("one")] });
    await keep(store, { runId: "run_2", events: [event("two")] });
    await keep(store, { runId: "run_1", events: [event("end")], end: { status: "FAILED", durationMs: 1 } });
    await keep(store, { runId: "run_2", events: [event("three")] });
    const typesOf = async (): Promise<readonly string[]> =>
      (await expectOk(store.history.events({ runId: "run_1" }))).map(({ type }) => type);
    expect(await typesOf()).toEqual(["begin run_1", "one", "end"]);

    const claimed = await expectOk(store.runs.claim({ runId: "run_1", owner: "owner-b" }));
    await keep(store, { runId: "run_1", owner: "owner-b", fence: claimed?.fence ?? 0, events: [event("again")] });
    expect(await typesOf()).toEqual(["begin run_1", "one", "end", "again"]);
  });

  test("keeps a try that ended its step well in the step's own row", async () => {
    const store = await openStore(sqlite(":memory:"));
    const steps = [buildStart({ step: "first" }), buildStart({ step: "second", position: 1 })];
    await expectOk(store.runs.create({ run: buildRun(), started: steps, events: [] }));
    await keep(store, {
      settled: [
        buildSettlement({ step: "first", durationMs: 5 }),
        buildSettlement({ step: "second", position: 1, durationMs: 7, attempt: 2 }),
      ],
      attempts: [
        { step: "first", attempt: 1, status: "COMPLETED", durationMs: 5 },
        { step: "second", attempt: 1, status: "FAILED", durationMs: 6 },
        { step: "second", attempt: 2, status: "COMPLETED", durationMs: 7 },
      ],
    });
    const attempts = await expectOk(store.history.attempts({ runId: "run_000001" }));
    expect(attempts.map(({ step, attempt, status, durationMs }) => [step, attempt, status, durationMs])).toEqual([
      ["first", 1, "COMPLETED", 5],
      ["second", 1, "FAILED", 6],
      ["second", 2, "COMPLETED", 7],
    ]);
    const { rows } = await expectOk(store.sql.execute("select step_name, attempt from core_workflow_attempts"));
    expect(rows).toEqual([{ step_name: "second", attempt: 1 }]);
  });

  test("counts the steps of a run that a killed process left RUNNING", async () => {
    const store = await openStore(sqlite(":memory:"));
    await expectOk(store.runs.create({ run: buildRun(), started: [buildStart()], events: [] }));
    await keep(store, {
      settled: [buildSettlement(), buildSettlement({ step: "skipped", position: 1, status: "SKIPPED", attempt: 0 })],
      counts: { total: 5, completed: 1, failed: 0, skipped: 1 },
    });
    const [listed] = await expectOk(store.history.list({}));
    expect(listed?.counts).toEqual({ total: 5, completed: 1, failed: 0, skipped: 1 });
  });
});

describe("a long insert in a transaction", () => {
  test("that is cut off writes nothing more, neither of its own nor into the next transaction", async () => {
    const clock = fakeClock();
    const store = await openStore(sqlite(":memory:"), { clock });
    await expectOk(store.sql.execute("create table loaded (id integer)"));
    const rows = Array.from({ length: 100_000 }, (_, id) => ({ id }));
    let begun = (): void => undefined;
    const isBegun = new Promise<void>((resolve) => (begun = resolve));
    const cut = store.transaction(
      (tx) => {
        const inserting = tx.insert("loaded", rows);
        begun();
        return inserting;
      },
      { deadlineMs: 1000 },
    );
    await isBegun;
    await clock.advance(1000);
    await expectErr(cut, "TX_TOO_LONG");
    await expectOk(store.transaction((tx) => expectOk(tx.anomalies.record([buildAnomaly()]))));
    expect((await expectOk(store.sql.execute("select count(*) as n from loaded"))).rows).toEqual([{ n: 0 }]);
  });
});
