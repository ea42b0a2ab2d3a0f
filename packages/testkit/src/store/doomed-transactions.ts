import { describe, expect } from "vitest";
import { buildAnomaly, buildCapture } from "../builders.ts";
import { expectErr, expectOk } from "../expect-result.ts";
import type { StoreTest } from "./store-test.ts";
import { anomalyIds } from "./transactions.ts";

export function describeDoomedTransactions(test: StoreTest): void {
  describe("a transaction with a failed statement", () => {
    test("is doomed, even when its work ignores the Err", async ({ store }) => {
      await expectOk(store.captures.start(buildCapture({ captureId: "cap_1" })));
      const error = await expectErr(
        store.transaction(async (tx) => {
          await expectOk(tx.anomalies.record([buildAnomaly()]));
          await expectErr(tx.captures.start(buildCapture({ captureId: "cap_2" })), "CAPTURE_HELD");
          return "all is well";
        }),
        "TX_DOOMED",
      );
      expect(error.cause).toMatchObject({ code: "CAPTURE_HELD" });
      expect(await anomalyIds(store)).toEqual([]);
    });

    test("takes nothing more", async ({ store }) => {
      await expectErr(
        store.transaction(async (tx) => {
          await expectErr(tx.captures.complete({ captureId: "cap_x", rowCount: 1 }), "CAPTURE_NOT_FOUND");
          const later = await expectErr(tx.anomalies.record([buildAnomaly()]), "TX_DOOMED");
          expect(later.cause).toMatchObject({ code: "CAPTURE_NOT_FOUND" });
          await expectErr(tx.anomalies.list({}), "TX_DOOMED");
          await expectErr(
            tx.savepoint(() => 1),
            "TX_DOOMED",
          );
        }),
        "TX_DOOMED",
      );
      expect(await anomalyIds(store)).toEqual([]);
    });

    test("fails with the statement's own error when its work throws that", async ({ store }) => {
      await expectErr(
        store.transaction(async (tx) => {
          const completed = await tx.captures.complete({ captureId: "cap_x", rowCount: 1 });
          if (completed.isErr()) throw completed.error;
        }),
        "CAPTURE_NOT_FOUND",
      );
    });
  });
}
