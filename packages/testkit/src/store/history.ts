import type { ListRuns, Store } from "@spine/core";
import { describe, expect } from "vitest";
import { expectOk } from "../expect-result.ts";
import type { FakeClock } from "../fake-clock.ts";
import { startRun } from "./started-run.ts";
import type { StoreTest } from "./store-test.ts";

async function idsOf(store: Store, filter: ListRuns): Promise<readonly string[]> {
  return (await expectOk(store.history.list(filter))).map(({ runId }) => runId);
}

/** Runs `run_01` … one millisecond apart. */
async function startRuns(store: Store, clock: FakeClock, count: number): Promise<readonly string[]> {
  const ids = Array.from({ length: count }, (_, index) => `run_${String(index + 1).padStart(2, "0")}`);
  for (const runId of ids) {
    await startRun(store, { runId });
    await clock.advance(1);
  }
  return ids;
}

export function describeHistory(test: StoreTest): void {
  describe("listing runs", () => {
    test("newest first", async ({ store, clock }) => {
      const ids = await startRuns(store, clock, 3);
      expect(await idsOf(store, {})).toEqual(ids.toReversed());
    });

    test("50 unless told", async ({ store, clock }) => {
      const ids = await startRuns(store, clock, 52);
      expect(await idsOf(store, {})).toEqual(ids.toReversed().slice(0, 50));
      expect(await idsOf(store, { limit: 1 })).toEqual(["run_52"]);
    });

    test.for([
      [{ name: "prices.weekly" }, ["run_2"]],
      [{ kind: "group" }, ["run_3"]],
      [{ status: "FAILED" }, ["run_4"]],
      [{ status: "RUNNING" }, ["run_5", "run_3", "run_2", "run_1"]],
      [{ partition: "2025-W50" }, ["run_5", "run_1"]],
      [{ batchId: "batch_1" }, ["run_3", "run_2"]],
      [{ parentRunId: "run_1" }, ["run_5"]],
      [{ partition: "2025-W50", parentRunId: "run_1" }, ["run_5"]],
      [{ partition: "2025-W50", name: "prices.weekly" }, []],
    ] as const)("by %o", async ([filter, expected], { store, clock }) => {
      await startRun(store, { runId: "run_1", partition: "2025-W50" });
      await clock.advance(1);
      await startRun(store, { runId: "run_2", name: "prices.weekly", batchId: "batch_1" });
      await clock.advance(1);
      await startRun(store, { runId: "run_3", kind: "group", batchId: "batch_1" });
      await clock.advance(1);
      const { keep } = await startRun(store, { runId: "run_4" });
      await keep({ end: { status: "FAILED", durationMs: 1 } });
      await clock.advance(1);
      await startRun(store, { runId: "run_5", partition: "2025-W50", parentRunId: "run_1" });
      expect(await idsOf(store, filter)).toEqual(expected);
    });

    test("pages by the last id of the page before meet every run once", async ({ store, clock }) => {
      const ids = await startRuns(store, clock, 7);
      const first = await idsOf(store, { limit: 3 });
      await startRun(store, { runId: "run_99" });
      const second = await idsOf(store, { limit: 3, before: first.at(-1) });
      const third = await idsOf(store, { limit: 3, before: second.at(-1) });
      expect([first, second, third]).toEqual([
        ids.slice(4).toReversed(),
        ids.slice(1, 4).toReversed(),
        ids.slice(0, 1),
      ]);
      expect(await idsOf(store, { limit: 3, before: third.at(-1) })).toEqual([]);
    });

    test("pages of runs that began in the same instant go by id", async ({ store }) => {
      for (const runId of ["run_2", "run_1", "run_3"]) await startRun(store, { runId });
      expect(await idsOf(store, { limit: 2 })).toEqual(["run_3", "run_2"]);
      expect(await idsOf(store, { before: "run_2" })).toEqual(["run_1"]);
    });
  });

  describe("the event log", () => {
    test("grows by one order over all runs and is read from a place on", async ({ store }) => {
      const one = await startRun(store, { runId: "run_1" });
      const two = await startRun(store, { runId: "run_2" });
      await one.keep({
        events: [
          { type: "a", payload: {} },
          { type: "b", payload: {} },
        ],
      });
      await two.keep({ events: [{ type: "c", step: "fetch", payload: { n: 1 } }] });
      await one.keep({ events: [{ type: "d", payload: {} }] });

      const all = await expectOk(store.history.events({}));
      expect(all.map(({ runId, type }) => [runId, type])).toEqual([
        ["run_1", "a"],
        ["run_1", "b"],
        ["run_2", "c"],
        ["run_1", "d"],
      ]);
      const sequences = all.map(({ sequence }) => sequence);
      expect(sequences).toEqual([...new Set(sequences)].toSorted((a, b) => a - b));

      expect(await expectOk(store.history.events({ after: sequences[1] }))).toEqual(all.slice(2));
      expect(await expectOk(store.history.events({ after: sequences[0], limit: 2 }))).toEqual(all.slice(1, 3));
      expect(await expectOk(store.history.events({ after: sequences[3] }))).toEqual([]);
      expect(await expectOk(store.history.events({ runId: "run_1", after: sequences[0] }))).toEqual([all[1], all[3]]);
      expect(await expectOk(store.history.events({ runId: "run_1", limit: 1 }))).toEqual([all[0]]);
    });
  });
}
