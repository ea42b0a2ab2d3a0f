import { ValidationError } from "@spine/core";
import { describe, expect } from "vitest";
import { buildCheckResult } from "../builders.ts";
import { expectErr, expectOk } from "../expect-result.ts";
import type { StoreTest } from "./store-test.ts";

export function describeQuality(test: StoreTest): void {
  describe("what checks found", () => {
    test("is kept whole, in the order in which it was recorded", async ({ store, clock }) => {
      const results = [
        buildCheckResult({
          resultId: "res_c",
          actual: 98,
          expected: { min: 100 },
          status: "FAIL",
          category: "COMPLETENESS",
        }),
        buildCheckResult({ resultId: "res_a", actual: null, expected: [1, "two"] }),
        buildCheckResult({
          resultId: "res_b",
          actual: undefined,
          expected: undefined,
          runId: undefined,
          step: undefined,
        }),
      ];
      await clock.advance(5);
      await expectOk(store.quality.record(results.slice(0, 2)));
      await expectOk(store.quality.record(results.slice(2)));
      await expectOk(store.quality.record([]));
      const kept = await expectOk(store.quality.results({ captureId: "cap_000001" }));
      expect(kept).toEqual(results.map((result) => ({ ...result, recordedAt: "2025-12-20T00:00:00.005Z" })));
    });

    test("can be found by capture and by run", async ({ store }) => {
      await expectOk(
        store.quality.record([
          buildCheckResult({ resultId: "res_1", captureId: "cap_1", runId: "run_1" }),
          buildCheckResult({ resultId: "res_2", captureId: "cap_2", runId: "run_1" }),
          buildCheckResult({ resultId: "res_3", captureId: "cap_2", runId: "run_2" }),
        ]),
      );
      const ids = async (filter: Parameters<typeof store.quality.results>[0]): Promise<readonly string[]> =>
        (await expectOk(store.quality.results(filter))).map(({ resultId }) => resultId);
      expect(await ids({ captureId: "cap_2" })).toEqual(["res_2", "res_3"]);
      expect(await ids({ runId: "run_1" })).toEqual(["res_1", "res_2"]);
      expect(await ids({ captureId: "cap_2", runId: "run_1" })).toEqual(["res_2"]);
      expect(await ids({ runId: "run_1", limit: 1 })).toEqual(["res_1"]);
      expect(await ids({})).toEqual(["res_1", "res_2", "res_3"]);
    });

    test("is kept as a whole or not at all", async ({ store }) => {
      const twice = [buildCheckResult({ resultId: "res_1" }), buildCheckResult({ resultId: "res_1" })];
      await expectErr(store.quality.record(twice), "INTEGRITY_VIOLATED");
      await expectErr(
        store.transaction(async (tx) => {
          await expectOk(tx.quality.record([buildCheckResult({ resultId: "res_2" })]));
          expect(await expectOk(tx.quality.results({}))).toHaveLength(1);
          throw new ValidationError("undone");
        }),
        "VALIDATION_FAILED",
      );
      expect(await expectOk(store.quality.results({}))).toEqual([]);
    });
  });
}
