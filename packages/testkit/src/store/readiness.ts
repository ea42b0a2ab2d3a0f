import { describe, expect } from "vitest";
import { buildCertificate, buildSlot } from "../builders.ts";
import { expectErr, expectOk } from "../expect-result.ts";
import type { StoreTest } from "./store-test.ts";

const holiday = { reason: "holiday", author: "ann" };

export function describeReadiness(test: StoreTest): void {
  describe("a gap that is accepted", () => {
    test("says who accepted it, why and when; once more replaces that", async ({ store, clock }) => {
      const slot = buildSlot();
      await expectOk(store.readiness.acceptGap({ ...slot, ...holiday }));
      await clock.advance(1000);
      const again = await expectOk(store.readiness.acceptGap({ ...slot, reason: "source is gone", author: "bob" }));
      expect(again).toEqual({
        ...slot,
        reason: "source is gone",
        author: "bob",
        acceptedAt: "2025-12-20T00:00:01.000Z",
      });
      expect(await expectOk(store.readiness.acceptedGaps({ domain: slot.domain }))).toEqual([again]);
    });

    test("can be withdrawn", async ({ store }) => {
      await expectOk(store.readiness.acceptGap({ ...buildSlot(), ...holiday }));
      expect(await expectOk(store.readiness.withdrawGap(buildSlot({ tier: "SILVER" })))).toBe(false);
      expect(await expectOk(store.readiness.withdrawGap(buildSlot()))).toBe(true);
      expect(await expectOk(store.readiness.withdrawGap(buildSlot()))).toBe(false);
      expect(await expectOk(store.readiness.acceptedGaps({ domain: "prices" }))).toEqual([]);
    });

    test("is listed by partition, of a domain, stage and tier", async ({ store }) => {
      for (const given of [
        { partition: "b" },
        { partition: "a" },
        { partition: "B" },
        { partition: "c", stage: "NORMALIZE" },
        { partition: "d", tier: "SILVER" },
        { partition: "e", domain: "trades" },
      ]) {
        await expectOk(store.readiness.acceptGap({ ...buildSlot(given), ...holiday }));
      }
      const found = async (filter: { readonly stage?: string; readonly tier?: string }) =>
        (await expectOk(store.readiness.acceptedGaps({ domain: "prices", ...filter }))).map(
          ({ partition }) => partition,
        );
      expect(await found({})).toEqual(["B", "a", "b", "c", "d"]);
      expect(await found({ stage: "INGEST" })).toEqual(["B", "a", "b", "d"]);
      expect(await found({ stage: "INGEST", tier: "BRONZE" })).toEqual(["B", "a", "b"]);
    });
  });

  describe("a certificate", () => {
    test("is kept whole, and the ones before stay", async ({ store, clock }) => {
      const first = buildCertificate({ certificateId: "cert_1" });
      const second = buildCertificate({
        certificateId: "cert_2",
        ready: false,
        stages: [
          {
            stage: "INGEST",
            tier: "BRONZE",
            captureId: undefined,
            contentHash: undefined,
            availableAt: undefined,
            gate: undefined,
            inputs: [],
          },
        ],
        requirements: [{ expectation: "symbols", partition: "2025-12-19", ready: false }],
        blockers: [{ code: "MISSING", message: "prices 2025-12-19 is missing" }],
        runId: undefined,
      });
      const kept = await expectOk(store.readiness.certify(first));
      expect(kept).toEqual({ ...first, certifiedAt: "2025-12-20T00:00:00.000Z" });
      await clock.advance(1);
      await expectOk(store.readiness.certify(second));
      expect(await expectOk(store.readiness.certificates({}))).toEqual([
        { ...second, certifiedAt: "2025-12-20T00:00:00.001Z" },
        kept,
      ]);
      await expectErr(store.readiness.certify(first), "INTEGRITY_VIOLATED");
    });

    test("is found by expectation and partition, newest first", async ({ store, clock }) => {
      for (const given of [
        { certificateId: "cert_3", expectation: "prices", partition: "a" },
        { certificateId: "cert_2", expectation: "prices", partition: "b" },
        { certificateId: "cert_1", expectation: "trades", partition: "a" },
      ]) {
        await expectOk(store.readiness.certify(buildCertificate(given)));
        await clock.advance(1);
      }
      const ids = async (filter: Parameters<typeof store.readiness.certificates>[0]): Promise<readonly string[]> =>
        (await expectOk(store.readiness.certificates(filter))).map(({ certificateId }) => certificateId);
      expect(await ids({})).toEqual(["cert_1", "cert_2", "cert_3"]);
      expect(await ids({ expectation: "prices" })).toEqual(["cert_2", "cert_3"]);
      expect(await ids({ partition: "a" })).toEqual(["cert_1", "cert_3"]);
      expect(await ids({ limit: 1 })).toEqual(["cert_1"]);
    });
  });
}
