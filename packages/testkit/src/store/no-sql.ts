import { describe } from "vitest";
import { expectErr } from "../expect-result.ts";
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
  });
}
