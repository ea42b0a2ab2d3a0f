import { type Store } from "@spine/core";
import { describe, expect } from "vitest";
import { expectOk } from "../expect-result.ts";
import { startRun } from "./started-run.ts";
import type { StoreTest } from "./store-test.ts";

const acquire = (store: Store, runId: string, limit = 2): Promise<boolean> =>
  expectOk(store.slots.acquire({ key: "feed", limit, runId }));

export function describeSlots(test: StoreTest): void {
  describe("slots", () => {
    test("no more runs hold a key than its limit allows, and one that holds it keeps it", async ({ store }) => {
      for (const runId of ["run_1", "run_2", "run_3"]) await startRun(store, { runId });
      expect(await acquire(store, "run_1")).toBe(true);
      expect(await acquire(store, "run_2")).toBe(true);
      expect(await acquire(store, "run_3")).toBe(false);
      expect(await acquire(store, "run_1")).toBe(true);
      await expectOk(store.slots.release({ runId: "run_2" }));
      expect(await acquire(store, "run_3")).toBe(true);
    });

    test("of many who ask at once, as many get one as there are", async ({ store }) => {
      const runs = Array.from({ length: 20 }, (_, index) => `run_${index}`);
      for (const runId of runs) await startRun(store, { runId });
      const got = await Promise.all(runs.map((runId) => acquire(store, runId, 3)));
      expect(got.filter(Boolean)).toHaveLength(3);
    });

    test("a slot whose run has ended is free", async ({ store }) => {
      const first = await startRun(store, { runId: "run_1" });
      await startRun(store, { runId: "run_2" });
      expect(await acquire(store, "run_1", 1)).toBe(true);
      expect(await acquire(store, "run_2", 1)).toBe(false);
      await first.keep({ end: { status: "FAILED", durationMs: 1 } });
      expect(await acquire(store, "run_2", 1)).toBe(true);
    });

    test("releasing one makes the first of the queue due, by priority", async ({ store }) => {
      await startRun(store, { runId: "run_1", concurrencyKey: "feed" });
      await acquire(store, "run_1", 1);
      for (const [runId, priority] of [
        ["run_2", 0],
        ["run_3", 7],
      ] as const) {
        const { run, fence } = await startRun(store, { runId, priority, concurrencyKey: "feed" });
        const suspension = { runId, owner: run.owner, fence, waits: [], events: [] };
        await expectOk(store.runs.suspend({ ...suspension, park: { dueAt: undefined, signalsSeen: 0 } }));
      }
      await expectOk(store.slots.release({ runId: "run_1" }));
      const { runs } = await expectOk(store.runs.due({ limit: 10 }));
      expect(runs.map(({ runId }) => runId)).toEqual(["run_3"]);
    });
  });
}
