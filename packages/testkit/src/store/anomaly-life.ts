import type { AnomalyStatus } from "@spine/core";
import { describe, expect } from "vitest";
import { buildAnomaly } from "../builders.ts";
import { expectErr, expectOk } from "../expect-result.ts";
import type { StoreTest } from "./store-test.ts";

const by = { by: "ann", why: "seen" };

const statuses: readonly AnomalyStatus[] = ["OPEN", "ACKNOWLEDGED", "RESOLVED", "ACCEPTED"];

export function describeAnomalyLife(test: StoreTest): void {
  describe("the life of an anomaly", () => {
    test("is known step by step: by whom, why, when", async ({ store, clock }) => {
      await expectOk(store.anomalies.record([buildAnomaly({ anomalyId: "anom_1" })]));
      const move = async (status: AnomalyStatus, author: string, why: string) => {
        await clock.advance(1000);
        return expectOk(store.anomalies.change({ anomalyId: "anom_1", status, by: author, why }));
      };
      const acknowledged = await move("ACKNOWLEDGED", "ann", "asked the source");
      expect(acknowledged).toMatchObject({
        status: "ACKNOWLEDGED",
        statusBy: "ann",
        statusReason: "asked the source",
        statusAt: "2025-12-20T00:00:01.000Z",
        recordedAt: "2025-12-20T00:00:00.000Z",
      });
      expect(await expectOk(store.anomalies.list({}))).toEqual([acknowledged]);
      await move("ACCEPTED", "bob", "that day was a holiday");
      const reopened = await move("OPEN", "eve", "it was not");
      expect(reopened).toMatchObject({
        status: "OPEN",
        statusBy: undefined,
        statusReason: undefined,
        statusAt: undefined,
      });
      expect(await expectOk(store.anomalies.changes({ anomalyId: "anom_1" }))).toEqual([
        {
          anomalyId: "anom_1",
          status: "ACKNOWLEDGED",
          by: "ann",
          why: "asked the source",
          at: "2025-12-20T00:00:01.000Z",
        },
        {
          anomalyId: "anom_1",
          status: "ACCEPTED",
          by: "bob",
          why: "that day was a holiday",
          at: "2025-12-20T00:00:02.000Z",
        },
        { anomalyId: "anom_1", status: "OPEN", by: "eve", why: "it was not", at: "2025-12-20T00:00:03.000Z" },
      ]);
      expect(await expectOk(store.anomalies.changes({ anomalyId: "anom_x" }))).toEqual([]);
    });

    test.for([
      ["OPEN", ["ACKNOWLEDGED", "RESOLVED", "ACCEPTED"]],
      ["ACKNOWLEDGED", ["OPEN", "RESOLVED", "ACCEPTED"]],
      ["RESOLVED", ["OPEN"]],
      ["ACCEPTED", ["OPEN"]],
    ] as const)("goes on from %s to %j and to nothing else", async ([from, next], { store }) => {
      for (const to of statuses) {
        const anomalyId = `anom_${to}`;
        await expectOk(store.anomalies.record([buildAnomaly({ anomalyId })]));
        if (from !== "OPEN") await expectOk(store.anomalies.change({ anomalyId, status: from, ...by }));
        const changed = await store.anomalies.change({ anomalyId, status: to, ...by });
        if ((next as readonly AnomalyStatus[]).includes(to))
          expect(await expectOk(changed)).toMatchObject({ status: to });
        else expect((await expectErr(changed, "ANOMALY_STATUS_INVALID")).message).toContain(from);
      }
      const kept = await expectOk(store.anomalies.list({ statuses: [from] }));
      expect(kept).toHaveLength(statuses.length - next.length);
    });

    test("is refused to one that is not there", async ({ store }) => {
      await expectErr(store.anomalies.change({ anomalyId: "anom_x", status: "RESOLVED", ...by }), "ANOMALY_NOT_FOUND");
    });

    test("takes one of several steps that are asked for at once", async ({ store }) => {
      await expectOk(store.anomalies.record([buildAnomaly({ anomalyId: "anom_1" })]));
      const asked = await Promise.all(
        ["RESOLVED", "ACCEPTED", "RESOLVED", "ACCEPTED"].map((status) =>
          store.anomalies.change({ anomalyId: "anom_1", status: status as AnomalyStatus, ...by }),
        ),
      );
      expect(asked.filter((result) => result.isOk())).toHaveLength(1);
      expect(await expectOk(store.anomalies.changes({ anomalyId: "anom_1" }))).toHaveLength(1);
    });
  });

  describe("anomalies that are looked for", () => {
    test("can be found by status, severity and partition", async ({ store }) => {
      await expectOk(
        store.anomalies.record([
          buildAnomaly({ anomalyId: "anom_1", severity: "CRITICAL", partition: "2025-W50" }),
          buildAnomaly({ anomalyId: "anom_2", severity: "ERROR", partition: "2025-W50" }),
          buildAnomaly({ anomalyId: "anom_3", severity: "CRITICAL", partition: "2025-W51" }),
        ]),
      );
      await expectOk(store.anomalies.change({ anomalyId: "anom_1", status: "ACKNOWLEDGED", ...by }));
      await expectOk(store.anomalies.change({ anomalyId: "anom_2", status: "RESOLVED", ...by }));
      const ids = async (filter: Parameters<typeof store.anomalies.list>[0]): Promise<readonly string[]> =>
        (await expectOk(store.anomalies.list(filter))).map(({ anomalyId }) => anomalyId).toSorted();
      expect(await ids({ statuses: ["OPEN", "ACKNOWLEDGED"] })).toEqual(["anom_1", "anom_3"]);
      expect(await ids({ statuses: ["RESOLVED"] })).toEqual(["anom_2"]);
      expect(await ids({ severity: "CRITICAL" })).toEqual(["anom_1", "anom_3"]);
      expect(await ids({ partition: "2025-W50", statuses: ["OPEN", "RESOLVED"] })).toEqual(["anom_2"]);
    });
  });
}
