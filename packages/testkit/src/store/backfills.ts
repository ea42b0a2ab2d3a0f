import type { BackfillItem, Store } from "@spine/core";
import { describe, expect } from "vitest";
import { buildBackfill } from "../builders.ts";
import { expectErr, expectOk } from "../expect-result.ts";
import { day, dayMs } from "./capturing.ts";
import type { StoreTest } from "./store-test.ts";

const bf = { backfillId: "bf_000001" };

/** Starts a backfill as `owner-a`, who lives. */
export async function startBackfill(store: Store, partitions: readonly string[], maxParallel = 10): Promise<void> {
  await expectOk(store.owners.beat({ owner: "owner-a", place: "host-1", pid: 1, leaseMs: 60_000 }));
  await expectOk(store.backfills.create(buildBackfill(partitions, { maxParallel })));
  await expectOk(store.backfills.change({ ...bf, to: "RUNNING" }));
}

export async function claim(store: Store, runId: string, owner = "owner-a"): Promise<BackfillItem | undefined> {
  return expectOk(store.backfills.claim({ ...bf, owner, deadOwners: [], runId }));
}

/** Claims and ends one item after the other. */
async function work(store: Store, statuses: readonly ("COMPLETED" | "FAILED" | "SKIPPED")[]): Promise<void> {
  for (const status of statuses) {
    const item = await claim(store, `run_${status}`);
    if (item === undefined) throw new Error("Nothing could be claimed.");
    await expectOk(store.backfills.settle({ ...item, owner: "owner-a", status }));
  }
}

async function statusOf(store: Store): Promise<string | undefined> {
  return (await expectOk(store.backfills.get(bf)))?.status;
}

export function describeBackfills(test: StoreTest): void {
  describe("a backfill", () => {
    test("is a plan with its partitions in their order", async ({ store }) => {
      const plan = buildBackfill(["c", "a", "b"], { mode: "all", direction: "backward", maxParallel: 4 });
      const { items: _, ...facts } = plan;
      const created = await expectOk(store.backfills.create(plan));
      expect(created).toEqual({
        ...facts,
        status: "PLANNED",
        counts: { total: 3, pending: 3, running: 0, completed: 0, skipped: 0, failed: 0, cancelled: 0 },
        createdAt: day("20"),
        startedAt: undefined,
        completedAt: undefined,
      });
      expect(await expectOk(store.backfills.get(bf))).toEqual(created);
      const items = await expectOk(store.backfills.items(bf));
      expect(items[1]).toEqual({
        ...bf,
        position: 1,
        partition: "a",
        params: { date: "a" },
        status: "PENDING",
        runId: undefined,
        attempt: 0,
        error: undefined,
        startedAt: undefined,
        completedAt: undefined,
      });
      expect(items.map(({ position, partition }) => [position, partition])).toEqual([
        [0, "c"],
        [1, "a"],
        [2, "b"],
      ]);
      expect(await expectOk(store.backfills.get({ backfillId: "bf_x" }))).toBeUndefined();
      expect(await expectOk(store.backfills.items({ backfillId: "bf_x" }))).toEqual([]);
      await expectErr(store.backfills.create(plan), "INTEGRITY_VIOLATED");
    });

    test("has more partitions than a statement can take, page by page", async ({ store }) => {
      const partitions = Array.from({ length: 5000 }, (_, index) => `p-${index}`);
      await expectOk(store.backfills.create(buildBackfill(partitions)));
      const page = await expectOk(store.backfills.items({ ...bf, after: 4996, limit: 2 }));
      expect(page.map(({ partition }) => partition)).toEqual(["p-4997", "p-4998"]);
      expect(await expectOk(store.backfills.items({ ...bf, status: "FAILED" }))).toEqual([]);
      expect((await expectOk(store.backfills.get(bf)))?.counts.total).toBe(5000);
    });

    test("is listed newest first, by status", async ({ store, clock }) => {
      for (const backfillId of ["bf_2", "bf_1", "bf_3"]) {
        await expectOk(store.backfills.create(buildBackfill(["a"], { backfillId })));
        await clock.advance(1);
      }
      await expectOk(store.backfills.change({ backfillId: "bf_1", to: "RUNNING" }));
      const ids = async (filter: Parameters<typeof store.backfills.list>[0]): Promise<readonly string[]> =>
        (await expectOk(store.backfills.list(filter))).map(({ backfillId }) => backfillId);
      expect(await ids({})).toEqual(["bf_3", "bf_1", "bf_2"]);
      expect(await ids({ status: "PLANNED" })).toEqual(["bf_3", "bf_2"]);
      expect(await ids({ limit: 1 })).toEqual(["bf_3"]);
    });

    test.for([
      [["COMPLETED", "SKIPPED"], "COMPLETED"],
      [["SKIPPED", "SKIPPED"], "COMPLETED"],
      [["FAILED", "COMPLETED"], "PARTIAL"],
      [["SKIPPED", "FAILED"], "PARTIAL"],
      [["FAILED", "FAILED"], "FAILED"],
    ] as const)("whose partitions ended %j is %s", async ([statuses, end], { store, clock }) => {
      await startBackfill(store, ["a", "b"]);
      await clock.advance(1000);
      await work(store, statuses.slice(0, 1));
      expect(await statusOf(store)).toBe("RUNNING");
      await work(store, statuses.slice(1));
      expect(await expectOk(store.backfills.get(bf))).toMatchObject({
        status: end,
        startedAt: day("20"),
        completedAt: "2025-12-20T00:00:01.000Z",
        counts: { total: 2, pending: 0, running: 0 },
      });
    });
  });

  describe("the status of a backfill", () => {
    test("goes from PLANNED to RUNNING, to PAUSED and back; the same again changes nothing", async ({
      store,
      clock,
    }) => {
      await expectOk(store.backfills.create(buildBackfill(["a"])));
      await expectErr(store.backfills.change({ ...bf, to: "PAUSED" }), "BACKFILL_STATUS_INVALID");
      await clock.advance(dayMs);
      for (const to of ["RUNNING", "RUNNING", "PAUSED", "PAUSED", "RUNNING"] as const) {
        expect(await expectOk(store.backfills.change({ ...bf, to }))).toMatchObject({
          status: to,
          startedAt: day("21"),
        });
        await clock.advance(1);
      }
      await expectErr(store.backfills.change({ backfillId: "bf_x", to: "PAUSED" }), "BACKFILL_NOT_FOUND");
    });

    test("is CANCELLED with all that is pending, from any status that is not an end", async ({ store }) => {
      for (const [backfillId, statuses] of [
        ["bf_1", []],
        ["bf_2", ["RUNNING"]],
        ["bf_3", ["RUNNING", "PAUSED"]],
      ] as const) {
        await expectOk(store.backfills.create(buildBackfill(["a", "b"], { backfillId })));
        for (const to of statuses) await expectOk(store.backfills.change({ backfillId, to }));
        const cancelled = await expectOk(store.backfills.change({ backfillId, to: "CANCELLED" }));
        expect(cancelled).toMatchObject({
          status: "CANCELLED",
          counts: { pending: 0, cancelled: 2 },
          completedAt: day("20"),
        });
        expect(await expectOk(store.backfills.change({ backfillId, to: "CANCELLED" }))).toEqual(cancelled);
        await expectErr(store.backfills.change({ backfillId, to: "RUNNING" }), "BACKFILL_STATUS_INVALID");
      }
    });

    test("that is an end stays", async ({ store }) => {
      await startBackfill(store, ["a"]);
      await work(store, ["COMPLETED"]);
      for (const to of ["RUNNING", "PAUSED", "CANCELLED"] as const) {
        const error = await expectErr(store.backfills.change({ ...bf, to }), "BACKFILL_STATUS_INVALID");
        expect(error.message).toContain("COMPLETED");
      }
    });

    test("stays CANCELLED when what ran then ends", async ({ store, clock }) => {
      await startBackfill(store, ["a", "b"]);
      const item = await claim(store, "run_1");
      expect(await expectOk(store.backfills.change({ ...bf, to: "CANCELLED" }))).toMatchObject({
        status: "CANCELLED",
        completedAt: undefined,
        counts: { running: 1, cancelled: 1 },
      });
      expect(await claim(store, "run_2")).toBeUndefined();
      await clock.advance(dayMs);
      const settled = await expectOk(
        store.backfills.settle({ ...bf, position: item?.position ?? -1, owner: "owner-a", status: "COMPLETED" }),
      );
      expect(settled).toMatchObject({
        status: "CANCELLED",
        completedAt: day("21"),
        counts: { completed: 1, cancelled: 1, running: 0 },
      });
    });

    test("is PAUSED until it goes on: nothing is given away, what ran ends", async ({ store }) => {
      await startBackfill(store, ["a", "b"]);
      await claim(store, "run_1");
      await expectOk(store.backfills.change({ ...bf, to: "PAUSED" }));
      expect(await claim(store, "run_2")).toBeUndefined();
      await expectOk(store.backfills.settle({ ...bf, position: 0, owner: "owner-a", status: "COMPLETED" }));
      expect(await statusOf(store)).toBe("PAUSED");
      await expectOk(store.backfills.change({ ...bf, to: "RUNNING" }));
      expect(await claim(store, "run_2")).toMatchObject({ partition: "b" });
    });
  });

  describe("trying the failed partitions again", () => {
    test("makes them pending, as if never tried but for the count, and the backfill PLANNED", async ({ store }) => {
      await startBackfill(store, ["a", "b", "c"]);
      await work(store, ["COMPLETED", "FAILED", "FAILED"]);
      expect(await expectOk(store.backfills.retryFailed(bf))).toBe(2);
      expect(await expectOk(store.backfills.get(bf))).toMatchObject({
        status: "PLANNED",
        completedAt: undefined,
        counts: { completed: 1, pending: 2, failed: 0 },
      });
      expect(await expectOk(store.backfills.items({ ...bf, status: "PENDING" }))).toMatchObject([
        { partition: "b", runId: undefined, error: undefined, completedAt: undefined, attempt: 1 },
        { partition: "c", runId: undefined },
      ]);
      await expectOk(store.backfills.change({ ...bf, to: "RUNNING" }));
      expect(await claim(store, "run_again")).toMatchObject({ partition: "b", runId: "run_again", attempt: 2 });
    });

    test("changes nothing when none failed", async ({ store }) => {
      await startBackfill(store, ["a"]);
      await work(store, ["COMPLETED"]);
      expect(await expectOk(store.backfills.retryFailed(bf))).toBe(0);
      expect(await statusOf(store)).toBe("COMPLETED");
    });

    test("waits for the end of the backfill", async ({ store }) => {
      await startBackfill(store, ["a", "b"]);
      await work(store, ["FAILED"]);
      await expectErr(store.backfills.retryFailed(bf), "BACKFILL_STATUS_INVALID");
      await expectErr(store.backfills.retryFailed({ backfillId: "bf_x" }), "BACKFILL_NOT_FOUND");
    });
  });
}
