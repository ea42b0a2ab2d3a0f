import { describe, expect } from "vitest";
import { buildBackfill } from "../builders.ts";
import { expectOk } from "../expect-result.ts";
import { claim, startBackfill } from "./backfills.ts";
import type { StoreTest } from "./store-test.ts";

const bf = { backfillId: "bf_000001" };
const ownerB = { owner: "owner-b", place: "host-2", pid: 2, leaseMs: 600_000 };

export function describeBackfillClaims(test: StoreTest): void {
  describe("claiming a partition of a backfill", () => {
    test("goes by their order, with the run chosen for it, while it runs", async ({ store, clock }) => {
      await expectOk(store.owners.beat({ ...ownerB, owner: "owner-a" }));
      await expectOk(store.backfills.create(buildBackfill(["c", "a"], { maxParallel: 2 })));
      expect(await claim(store, "run_0")).toBeUndefined();
      await expectOk(store.backfills.change({ ...bf, to: "RUNNING" }));
      await clock.advance(1000);
      expect(await claim(store, "run_1")).toMatchObject({
        position: 0,
        partition: "c",
        params: { date: "c" },
        status: "RUNNING",
        runId: "run_1",
        attempt: 1,
        startedAt: "2025-12-20T00:00:01.000Z",
      });
      expect(await claim(store, "run_2")).toMatchObject({ position: 1, partition: "a", runId: "run_2" });
      expect(await claim(store, "run_3")).toBeUndefined();
    });

    test("gives away no more than may run at once, over all owners", async ({ store }) => {
      await startBackfill(store, ["a", "b", "c"], 2);
      await expectOk(store.owners.beat(ownerB));
      expect(await claim(store, "run_1", "owner-a")).toMatchObject({ partition: "a" });
      expect(await claim(store, "run_2", "owner-b")).toMatchObject({ partition: "b" });
      expect(await claim(store, "run_3", "owner-a")).toBeUndefined();
      expect(await claim(store, "run_3", "owner-b")).toBeUndefined();
      await expectOk(store.backfills.settle({ ...bf, position: 0, owner: "owner-a", status: "FAILED" }));
      expect(await claim(store, "run_3", "owner-b")).toMatchObject({ partition: "c" });
    });

    test("by many at once gives each partition away once, and never too many", async ({ store }) => {
      const partitions = Array.from({ length: 20 }, (_, index) => `p-${index}`);
      await startBackfill(store, partitions, 12);
      const owners = ["owner-a", "owner-b", "owner-c"];
      for (const owner of owners) await expectOk(store.owners.beat({ ...ownerB, owner }));
      const claimed = await Promise.all(
        Array.from({ length: 30 }, (_, index) => claim(store, `run_${index}`, owners[index % 3])),
      );
      const positions = claimed.filter((item) => item !== undefined).map(({ position }) => position);
      expect(positions.toSorted((left, right) => left - right)).toEqual(
        Array.from({ length: 12 }, (_, index) => index),
      );
      expect((await expectOk(store.backfills.get(bf)))?.counts).toMatchObject({ running: 12, pending: 8 });
    });

    test("takes first what an owner left behind whose lease ran out, with the run it has", async ({ store, clock }) => {
      await startBackfill(store, ["a", "b", "c", "d"], 3);
      await claim(store, "run_1", "owner-a");
      await expectOk(store.owners.beat(ownerB));
      await clock.advance(59_999);
      expect(await claim(store, "run_2", "owner-b")).toMatchObject({ partition: "b", runId: "run_2" });
      await clock.advance(1);
      expect(await claim(store, "run_3", "owner-b")).toMatchObject({ partition: "a", runId: "run_1", attempt: 2 });
      expect(await claim(store, "run_4", "owner-b")).toMatchObject({ partition: "c", runId: "run_4" });
      expect(await claim(store, "run_5", "owner-b")).toBeUndefined();
    });

    test("takes at once what an owner left that is known to be gone, or has retired", async ({ store }) => {
      await startBackfill(store, ["a", "b"], 2);
      await claim(store, "run_1", "owner-a");
      await claim(store, "run_2", "owner-a");
      await expectOk(store.owners.beat(ownerB));
      const asOwnerB = { ...bf, owner: "owner-b", deadOwners: ["owner-a"], runId: "run_3" };
      expect(await expectOk(store.backfills.claim(asOwnerB))).toMatchObject({ partition: "a", runId: "run_1" });
      expect(await claim(store, "run_3", "owner-b")).toBeUndefined();
      await expectOk(store.owners.retire({ owner: "owner-a" }));
      expect(await claim(store, "run_3", "owner-b")).toMatchObject({ partition: "b", runId: "run_2" });
    });

    test("never gives an owner again what it is doing already", async ({ store, clock }) => {
      await startBackfill(store, ["a"]);
      await claim(store, "run_1", "owner-a");
      await clock.advance(60_000);
      expect(await claim(store, "run_2", "owner-a")).toBeUndefined();
    });
  });

  describe("ending a partition of a backfill", () => {
    test("is kept with its error", async ({ store, clock }) => {
      await startBackfill(store, ["a", "b"]);
      await claim(store, "run_1");
      await clock.advance(1000);
      const end = { ...bf, position: 0, owner: "owner-a", status: "FAILED", error: "no such file" } as const;
      expect(await expectOk(store.backfills.settle(end))).toMatchObject({ counts: { failed: 1, pending: 1 } });
      expect(await expectOk(store.backfills.items({ ...bf, status: "FAILED" }))).toMatchObject([
        { partition: "a", runId: "run_1", error: "no such file", completedAt: "2025-12-20T00:00:01.000Z" },
      ]);
    });

    test("changes nothing by an owner that lost it, nor twice, nor before it began", async ({ store, clock }) => {
      await startBackfill(store, ["a", "b"], 1);
      await claim(store, "run_1", "owner-a");
      await clock.advance(60_000);
      await expectOk(store.owners.beat(ownerB));
      await claim(store, "run_2", "owner-b");
      const before = await expectOk(store.backfills.items(bf));
      const settle = (owner: string, position: number) =>
        expectOk(store.backfills.settle({ ...bf, position, owner, status: "FAILED", error: "late" }));
      expect(await settle("owner-a", 0)).toBeUndefined();
      expect(await settle("owner-b", 1)).toBeUndefined();
      expect(await settle("owner-b", 7)).toBeUndefined();
      expect(await expectOk(store.backfills.items(bf))).toEqual(before);
      expect(await settle("owner-b", 0)).toMatchObject({ counts: { failed: 1 } });
      expect(await settle("owner-b", 0)).toBeUndefined();
    });

    test("by giving it back keeps its run for whoever takes it next", async ({ store }) => {
      await startBackfill(store, ["a", "b"]);
      await expectOk(store.owners.beat(ownerB));
      await claim(store, "run_1");
      const back = { ...bf, position: 0, owner: "owner-a", status: "PENDING" } as const;
      expect(await expectOk(store.backfills.settle(back))).toMatchObject({
        status: "RUNNING",
        completedAt: undefined,
        counts: { pending: 2, running: 0 },
      });
      expect(await claim(store, "run_2", "owner-b")).toMatchObject({ partition: "a", runId: "run_1", attempt: 2 });
    });

    test("by giving it back when it was cancelled cancels it, and ends the backfill", async ({ store }) => {
      await startBackfill(store, ["a"]);
      await claim(store, "run_1");
      await expectOk(store.backfills.change({ ...bf, to: "CANCELLED" }));
      const back = { ...bf, position: 0, owner: "owner-a", status: "PENDING" } as const;
      expect(await expectOk(store.backfills.settle(back))).toMatchObject({
        status: "CANCELLED",
        completedAt: "2025-12-20T00:00:00.000Z",
        counts: { pending: 0, cancelled: 1 },
      });
    });
  });
}
