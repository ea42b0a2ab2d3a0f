import { describe, expect } from "vitest";
import { buildCapture } from "../builders.ts";
import { expectErr, expectOk } from "../expect-result.ts";
import { capture, captureOf, day } from "./capturing.ts";
import type { StoreTest } from "./store-test.ts";

export function describeNoSql(test: StoreTest): void {
  describe("a store without SQL", () => {
    test("says so", async ({ store }) => {
      await expectErr(store.sql.execute("select 1"), "SQL_UNAVAILABLE");
      await expectErr(store.sql.insert("prices", [{ id: 1 }]), "SQL_UNAVAILABLE");
    });

    test("says so inside a transaction too, which is doomed by it", async ({ store }) => {
      await expectErr(
        store.transaction((tx) => expectErr(tx.execute("select 1"), "SQL_UNAVAILABLE")),
        "TX_DOOMED",
      );
    });

    test("has no rows of captures, and removes what readers no longer see at once", async ({ store, clock }) => {
      await expectOk(store.captures.start(buildCapture({ captureId: "cap_1" })));
      await expectErr(
        store.payloads.write({ captureId: "cap_1", table: "prices", rows: [{ symbol: "A" }] }),
        "SQL_UNAVAILABLE",
      );
      await expectErr(
        store.transaction((tx) =>
          expectErr(tx.payloads.write({ captureId: "cap_1", table: "prices", rows: [] }), "SQL_UNAVAILABLE"),
        ),
        "TX_DOOMED",
      );
      await expectErr(store.payloads.remove({ captureId: "cap_1", limit: 10 }), "CAPTURE_IN_USE");
      await expectOk(store.captures.fail({ captureId: "cap_1", error: "no" }));
      expect(await expectOk(store.payloads.tables({ captureId: "cap_1" }))).toEqual([]);
      expect(await expectOk(store.payloads.leftovers({ limit: 10 }))).toEqual([]);
      await capture(store, { captureId: "cap_2" });
      await expectErr(store.payloads.remove({ captureId: "cap_2", limit: 10 }), "CAPTURE_IN_USE");
      await capture(store, { captureId: "cap_3" });
      for (const captureId of ["cap_1", "cap_2"]) {
        expect(await expectOk(store.payloads.remove({ captureId, limit: 10 }))).toEqual({ removed: 0, done: true });
        expect(await captureOf(store, captureId)).toMatchObject({ payloadRemovedAt: day("20") });
      }
      await clock.advance(1);
      await expectOk(store.payloads.remove({ captureId: "cap_1", limit: 10 }));
      expect(await captureOf(store, "cap_1")).toMatchObject({ payloadRemovedAt: day("20") });
      await expectErr(store.payloads.remove({ captureId: "cap_x", limit: 10 }), "CAPTURE_NOT_FOUND");
    });
  });
}
