import { type NewAnomaly, ValidationError } from "@spine/core";
import { describe, expect } from "vitest";
import { buildAnomaly, buildCapture } from "../builders.ts";
import { expectErr, expectOk } from "../expect-result.ts";
import type { StoreTest } from "./store-test.ts";
import { anomalyIds } from "./transactions.ts";

function anomaly(anomalyId: string): readonly [NewAnomaly] {
  return [buildAnomaly({ anomalyId })];
}

export function describeSavepoints(test: StoreTest): void {
  describe("a savepoint", () => {
    test("keeps its writes with the transaction's and resolves to what its work returned", async ({ store }) => {
      await expectOk(
        store.transaction(async (tx) => {
          const value = await expectOk(
            tx.savepoint(async (inner) => {
              await expectOk(inner.anomalies.record(anomaly("anom_1")));
              return 42;
            }),
          );
          expect(value).toBe(42);
          expect(await expectOk(tx.anomalies.list({}))).toHaveLength(1);
        }),
      );
      expect(await anomalyIds(store)).toEqual(["anom_1"]);
    });

    test("undoes its own writes only when its work throws", async ({ store }) => {
      await expectOk(
        store.transaction(async (tx) => {
          await expectOk(tx.anomalies.record(anomaly("anom_1")));
          const tried = tx.savepoint(async (inner) => {
            await expectOk(inner.anomalies.record(anomaly("anom_2")));
            await expectOk(inner.captures.start(buildCapture({ captureId: "cap_1" })));
            throw new ValidationError("not this way");
          });
          await expectErr(tried, "VALIDATION_FAILED");
          await expectOk(tx.captures.start(buildCapture({ captureId: "cap_2" })));
          await expectOk(tx.anomalies.record(anomaly("anom_3")));
        }),
      );
      expect(await anomalyIds(store)).toEqual(["anom_1", "anom_3"]);
      expect(await expectOk(store.captures.list({}))).toMatchObject([{ captureId: "cap_2" }]);
    });

    test("takes the blow of a statement that fails inside it", async ({ store }) => {
      await expectOk(
        store.transaction(async (tx) => {
          await expectOk(tx.anomalies.record(anomaly("anom_1")));
          const tried = tx.savepoint(async (inner) => {
            await expectOk(inner.anomalies.record(anomaly("anom_2")));
            await expectErr(inner.captures.complete({ captureId: "cap_x", rowCount: 1 }), "CAPTURE_NOT_FOUND");
            await expectErr(inner.anomalies.record(anomaly("anom_3")), "TX_DOOMED");
          });
          const error = await expectErr(tried, "TX_DOOMED");
          expect(error.cause).toMatchObject({ code: "CAPTURE_NOT_FOUND" });
          await expectOk(tx.anomalies.record(anomaly("anom_4")));
        }),
      );
      expect(await anomalyIds(store)).toEqual(["anom_1", "anom_4"]);
    });

    test("goes down with the transaction", async ({ store }) => {
      await expectErr(
        store.transaction(async (tx) => {
          await expectOk(tx.savepoint((inner) => expectOk(inner.anomalies.record(anomaly("anom_1")))));
          throw new ValidationError("undone");
        }),
        "VALIDATION_FAILED",
      );
      expect(await anomalyIds(store)).toEqual([]);
    });

    test("nests", async ({ store }) => {
      await expectOk(
        store.transaction((tx) =>
          expectOk(
            tx.savepoint(async (outer) => {
              await expectOk(outer.anomalies.record(anomaly("anom_1")));
              await expectErr(
                outer.savepoint(async (inner) => {
                  await expectOk(inner.anomalies.record(anomaly("anom_2")));
                  throw new ValidationError("undone");
                }),
                "VALIDATION_FAILED",
              );
              await expectOk(outer.savepoint((inner) => expectOk(inner.anomalies.record(anomaly("anom_3")))));
            }),
          ),
        ),
      );
      expect(await anomalyIds(store)).toEqual(["anom_1", "anom_3"]);
    });

    test("closes its handle when it ends", async ({ store }) => {
      await expectOk(
        store.transaction(async (tx) => {
          const inner = await expectOk(tx.savepoint((handle) => [handle]));
          await expectErr(inner[0]?.anomalies.list({}) ?? expect.fail("no handle"), "TX_CLOSED");
          await expectOk(tx.anomalies.list({}));
        }),
      );
    });

    test("refuses the handle around it while it is open, as nobody could say which of them a write belongs to", async ({
      store,
    }) => {
      await expectErr(
        store.transaction(async (tx) => {
          await tx.savepoint(() => expectErr(tx.anomalies.record(anomaly("anom_1")), "TX_NESTED"));
        }),
        "TX_DOOMED",
      );
      expect(await anomalyIds(store)).toEqual([]);
    });
  });
}
