import { describe, expect } from "vitest";
import { expectOk } from "../expect-result.ts";
import { startRun } from "./started-run.ts";
import type { StoreTest } from "./store-test.ts";

export function describeMapItems(test: StoreTest): void {
  describe("items of a map", () => {
    test("are added in chunks, and a chunk that is added again changes nothing", async ({ store }) => {
      const { run, fence } = await startRun(store);
      const at = { runId: run.runId, step: "each" };
      await expectOk(store.items.add({ ...at, from: 0, items: ["a", "b"] }));
      const settled = [{ index: 1, status: "COMPLETED", attempt: 1, output: { n: 1 } }] as const;
      expect(await expectOk(store.items.settle({ ...at, owner: run.owner, fence, settled }))).toBe(true);
      await expectOk(store.items.add({ ...at, from: 1, items: ["B", "c"] }));
      expect(await expectOk(store.items.page({ ...at, limit: 10 }))).toMatchObject([
        { index: 0, status: "PENDING", item: "a", attempt: 0, output: undefined },
        { index: 1, status: "COMPLETED", item: "b", attempt: 1, output: { n: 1 } },
        { index: 2, status: "PENDING", item: "c" },
      ]);
      expect(await expectOk(store.items.tally(at))).toEqual({ total: 3, completed: 1, failed: 0 });
    });

    test("are read in pages and by status; those of another step are not among them", async ({ store }) => {
      const { run, fence } = await startRun(store);
      const at = { runId: run.runId, step: "each" };
      await expectOk(store.items.add({ ...at, from: 0, items: [0, 1, 2, 3] }));
      await expectOk(store.items.add({ ...at, step: "other", from: 0, items: [9] }));
      const error = {
        name: "E",
        code: "STEP_FAILED",
        category: "ORCHESTRATION",
        message: "no",
        retryable: false,
      } as const;
      const settled = [{ index: 2, status: "FAILED", attempt: 2, error }] as const;
      await expectOk(store.items.settle({ ...at, owner: run.owner, fence, settled }));
      const indices = async (after: number, limit: number): Promise<readonly number[]> =>
        (await expectOk(store.items.page({ ...at, after, limit }))).map(({ index }) => index);
      expect(await indices(-1, 2)).toEqual([0, 1]);
      expect(await indices(1, 2)).toEqual([2, 3]);
      expect(await expectOk(store.items.page({ ...at, limit: 9, statuses: ["FAILED"] }))).toMatchObject([
        { index: 2, error, attempt: 2 },
      ]);
      expect(await expectOk(store.items.tally(at))).toEqual({ total: 4, completed: 0, failed: 1 });
    });

    test("somebody who lost the run settles nothing", async ({ store }) => {
      const { run, fence } = await startRun(store);
      const at = { runId: run.runId, step: "each" };
      await expectOk(store.items.add({ ...at, from: 0, items: [0] }));
      const settled = [{ index: 0, status: "COMPLETED", attempt: 1 }] as const;
      expect(await expectOk(store.items.settle({ ...at, owner: run.owner, fence: fence + 1, settled }))).toBe(false);
      expect(await expectOk(store.items.tally(at))).toEqual({ total: 1, completed: 0, failed: 0 });
    });

    test("more than fit into one statement are added and settled together", async ({ store }) => {
      const { run, fence } = await startRun(store);
      const at = { runId: run.runId, step: "each" };
      const items = Array.from({ length: 1201 }, (_, index) => index);
      await expectOk(store.items.add({ ...at, from: 0, items }));
      const settled = items.map((index) => ({ index, status: "COMPLETED", attempt: 1, output: index }) as const);
      await expectOk(store.items.settle({ ...at, owner: run.owner, fence, settled }));
      expect(await expectOk(store.items.tally(at))).toEqual({ total: 1201, completed: 1201, failed: 0 });
    });
  });
}
