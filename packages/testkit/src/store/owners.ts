import { describe, expect } from "vitest";
import { expectOk } from "../expect-result.ts";
import type { StoreTest } from "./store-test.ts";

export function describeOwners(test: StoreTest): void {
  describe("owners", () => {
    test("an owner lives until its lease runs out", async ({ store, clock }) => {
      await expectOk(store.owners.beat({ owner: "owner-a", place: "host-1", pid: 4711, leaseMs: 60_000 }));
      expect(await expectOk(store.owners.list())).toEqual([
        {
          owner: "owner-a",
          place: "host-1",
          pid: 4711,
          startedAt: "2025-12-20T00:00:00.000Z",
          leaseUntil: "2025-12-20T00:01:00.000Z",
          alive: true,
        },
      ]);
      await clock.advance(59_999);
      expect(await expectOk(store.owners.list())).toMatchObject([{ alive: true }]);
      await clock.advance(1);
      expect(await expectOk(store.owners.list())).toMatchObject([{ alive: false }]);
    });

    test("a heartbeat renews the lease and keeps the start", async ({ store, clock }) => {
      const owner = { owner: "owner-a", place: "host-1", pid: 1, leaseMs: 60_000 };
      await expectOk(store.owners.beat(owner));
      await clock.advance(15_000);
      await expectOk(store.owners.beat(owner));
      expect(await expectOk(store.owners.list())).toMatchObject([
        {
          startedAt: "2025-12-20T00:00:00.000Z",
          leaseUntil: "2025-12-20T00:01:15.000Z",
          alive: true,
        },
      ]);
    });

    test("an owner that retires is gone at once, the others are not", async ({ store }) => {
      for (const owner of ["owner-a", "owner-b"]) {
        await expectOk(store.owners.beat({ owner, place: "host-1", pid: 1, leaseMs: 60_000 }));
      }
      await expectOk(store.owners.retire({ owner: "owner-a" }));
      await expectOk(store.owners.retire({ owner: "owner-x" }));
      const left = await expectOk(store.owners.list());
      expect(left.map(({ owner, alive }) => ({ owner, alive }))).toEqual([{ owner: "owner-b", alive: true }]);
    });

    test("an owner that retired and beats again lives again", async ({ store }) => {
      const owner = { owner: "owner-a", place: "host-1", pid: 1, leaseMs: 60_000 };
      await expectOk(store.owners.beat(owner));
      await expectOk(store.owners.retire(owner));
      await expectOk(store.owners.beat(owner));
      expect(await expectOk(store.owners.list())).toMatchObject([{ owner: "owner-a", alive: true }]);
    });
  });
}
