import { describe, expect } from "vitest";
import { buildAnomaly, buildReject } from "../builders.ts";
import { expectOk } from "../expect-result.ts";
import type { StoreTest } from "./store-test.ts";

export function describeAnomalies(test: StoreTest): void {
  describe("anomalies", () => {
    test("are kept with the time at which they were recorded", async ({ store, clock }) => {
      const anomaly = buildAnomaly({
        captureId: "cap_1",
        domain: "prices",
        partition: "2025-W50",
        stage: "INGEST",
        runId: "run_1",
        step: "fetch",
        severity: "CRITICAL",
        context: { rows: [1, 2] },
      });
      await clock.advance(5);
      await expectOk(store.anomalies.record([anomaly]));
      expect(await expectOk(store.anomalies.list({}))).toEqual([
        {
          ...anomaly,
          recordedAt: "2025-12-20T00:00:00.005Z",
          status: "OPEN",
          statusBy: undefined,
          statusReason: undefined,
          statusAt: undefined,
        },
      ]);
    });

    test("are listed newest first, by domain, capture and run", async ({ store, clock }) => {
      const anomalies = [
        buildAnomaly({ anomalyId: "anom_1", domain: "prices", captureId: "cap_1", runId: "run_1" }),
        buildAnomaly({ anomalyId: "anom_2", domain: "trades", captureId: "cap_2", runId: "run_1" }),
        buildAnomaly({ anomalyId: "anom_3", domain: "prices", captureId: "cap_2", runId: "run_2" }),
      ];
      for (const anomaly of anomalies) {
        await expectOk(store.anomalies.record([anomaly]));
        await clock.advance(1);
      }
      const ids = async (filter: Parameters<typeof store.anomalies.list>[0]): Promise<readonly string[]> =>
        (await expectOk(store.anomalies.list(filter))).map(({ anomalyId }) => anomalyId);

      expect(await ids({})).toEqual(["anom_3", "anom_2", "anom_1"]);
      expect(await ids({ domain: "prices" })).toEqual(["anom_3", "anom_1"]);
      expect(await ids({ captureId: "cap_2" })).toEqual(["anom_3", "anom_2"]);
      expect(await ids({ runId: "run_1" })).toEqual(["anom_2", "anom_1"]);
      expect(await ids({ runId: "run_1", domain: "prices" })).toEqual(["anom_1"]);
      expect(await ids({ limit: 2 })).toEqual(["anom_3", "anom_2"]);
    });

    test("none is recorded by an empty list", async ({ store }) => {
      await expectOk(store.anomalies.record([]));
      expect(await expectOk(store.anomalies.list({}))).toEqual([]);
    });
  });

  describe("rejects", () => {
    test("are kept whole, in the order in which they were written", async ({ store }) => {
      const rejects = ["rej_c", "rej_a", "rej_b"].map((rejectId, index) =>
        buildReject({
          rejectId,
          lineNumber: index + 2,
          sourceLocator: "/data/prices.csv",
          record: { line: index },
        }),
      );
      await expectOk(store.anomalies.reject(rejects.slice(0, 2)));
      await expectOk(store.anomalies.reject(rejects.slice(2)));
      const kept = await expectOk(store.anomalies.rejects({ captureId: "cap_000001" }));
      expect(kept).toEqual(rejects.map((reject) => ({ ...reject, createdAt: "2025-12-20T00:00:00.000Z" })));
      expect(await expectOk(store.anomalies.rejects({ captureId: "cap_000001", limit: 1 }))).toEqual(kept.slice(0, 1));
      expect(await expectOk(store.anomalies.rejects({ captureId: "cap_x" }))).toEqual([]);
    });

    test("several reasons of one record are several rejects", async ({ store }) => {
      const reasons = ["SYMBOL_EMPTY", "VOLUME_NEGATIVE"];
      await expectOk(
        store.anomalies.reject(
          reasons.map((reasonCode) => buildReject({ rejectId: reasonCode, reasonCode, lineNumber: 5 })),
        ),
      );
      const kept = await expectOk(store.anomalies.rejects({ captureId: "cap_000001" }));
      expect(kept.map(({ reasonCode, lineNumber }) => [reasonCode, lineNumber])).toEqual([
        ["SYMBOL_EMPTY", 5],
        ["VOLUME_NEGATIVE", 5],
      ]);
    });

    test("are counted by reason, the most frequent first, over more than one statement can take", async ({ store }) => {
      await expectOk(
        store.anomalies.reject(
          Array.from({ length: 10_000 }, (_, index) =>
            buildReject({
              rejectId: `rej_${index}`,
              reasonCode: index % 10 === 0 ? "DATE_INVALID" : "SYMBOL_EMPTY",
            }),
          ),
        ),
      );
      await expectOk(store.anomalies.reject([buildReject({ rejectId: "other", captureId: "cap_2" })]));
      expect(await expectOk(store.anomalies.rejectCounts({ captureId: "cap_000001" }))).toEqual([
        { reasonCode: "SYMBOL_EMPTY", count: 9000 },
        { reasonCode: "DATE_INVALID", count: 1000 },
      ]);
      expect(await expectOk(store.anomalies.rejectCounts({ captureId: "cap_x" }))).toEqual([]);
    });
  });
}
