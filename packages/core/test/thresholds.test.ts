import {
  type Capture,
  type CheckContext,
  defineGate,
  errAsync,
  evaluateGate,
  historyCheck,
  type HistoryCheckOptions,
  okAsync,
  type QualityMetrics,
  qualityRates,
  type Thresholds,
  thresholds,
} from "@spine/core";
import { buildSlot } from "@spine/testkit";
import { describe, expect, test } from "vitest";
import { captureRecord } from "./capture-record.ts";

function contextOf<Subject>(subject: Subject, history: readonly Capture[] = []): CheckContext<Subject> {
  return {
    slot: buildSlot({ partition: "date=2025-12-19/tier=OTC" }),
    captureId: "cap_000001",
    subject,
    history: (limit) => okAsync(history.slice(0, limit)),
    sql: { execute: () => okAsync({ rows: [], rowsAffected: 0 }), insert: () => okAsync(0) },
  };
}

describe("rates of what was measured", () => {
  test.for([
    [{ recordCount: 10, validCount: 8 }, 0.8, 0.2],
    [{ recordCount: 10, invalidCount: 3 }, 0.7, 0.3],
    [{ recordCount: 10, validCount: 8, invalidCount: 1 }, 0.8, 0.1],
    [{ recordCount: 10, validCount: 8, invalidCount: 0 }, 0.8, 0.2],
    [{ recordCount: 10, validCount: 0, invalidCount: 0 }, 0, 0],
    [{ recordCount: 0 }, 0, 0],
    [{ recordCount: 10 }, undefined, undefined],
    [{ validCount: 10 }, undefined, undefined],
  ] as const)("%j: valid %s, invalid %s", ([metrics, validRate, invalidRate]) => {
    expect(qualityRates(metrics)).toMatchObject({ validRate, invalidRate });
  });
});

describe("thresholds", () => {
  async function verdicts(limits: Thresholds, metrics: QualityMetrics): Promise<readonly string[]> {
    const gate = defineGate({ name: "prices", checks: thresholds(limits) });
    const { results } = await evaluateGate(gate, contextOf(metrics));
    return results.map(({ check, verdict }) => `${check} ${verdict.status}`);
  }

  test("are one check each, kept when they are reached", async () => {
    const limits = { minValidRate: 0.8, maxInvalidRate: 0.2, maxNullRate: 0.1, minRecordCount: 10, maxRecordCount: 10 };
    expect(await verdicts(limits, { recordCount: 10, validCount: 8, nullCount: 1 })).toEqual([
      "min_valid_rate PASS",
      "max_invalid_rate PASS",
      "max_null_rate PASS",
      "min_record_count PASS",
      "max_record_count PASS",
    ]);
    expect(await verdicts(limits, { recordCount: 11, validCount: 8, nullCount: 2 })).toEqual([
      "min_valid_rate FAIL",
      "max_invalid_rate FAIL",
      "max_null_rate FAIL",
      "min_record_count PASS",
      "max_record_count FAIL",
    ]);
  });

  test("may warn instead", async () => {
    expect(await verdicts({ minRecordCount: 2, onBreach: "WARN" }, { recordCount: 1 })).toEqual([
      "min_record_count WARN",
    ]);
  });

  test("fail for what nobody counted, also when they would only warn", async () => {
    expect(await verdicts({ maxNullRate: 0.5, onBreach: "WARN" }, { recordCount: 1 })).toEqual(["max_null_rate FAIL"]);
  });

  test("do not let a partition without records pass for valid", async () => {
    expect(await verdicts({ minValidRate: 0.5, maxNullRate: 0.5 }, { recordCount: 0 })).toEqual([
      "min_valid_rate FAIL",
      "max_null_rate PASS",
    ]);
  });

  test("hold the domain's own measures too", async () => {
    const limits = { custom: { "share.sum": { min: 0.999, max: 1.001 } } };
    expect(await verdicts(limits, { custom: { share: { sum: 1 } } })).toEqual(["custom.share.sum PASS"]);
    expect(await verdicts(limits, { custom: { share: { sum: 1.1 } } })).toEqual(["custom.share.sum FAIL"]);
    expect(await verdicts(limits, { custom: { share: 1 } })).toEqual(["custom.share.sum FAIL"]);
  });

  test("are numbers", () => {
    expect(() => thresholds({ minValidRate: Number.NaN })).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });
});

describe("a comparison with what came before", () => {
  const counts = (rowCounts: readonly number[], tier = "OTC"): readonly Capture[] =>
    rowCounts.map((rowCount, index) =>
      captureRecord({
        captureId: `cap_${tier}_${index}`,
        partition: `date=2025-11-${10 + index}/tier=${tier}`,
        rowCount,
      }),
    );

  async function verdictOf(
    options: HistoryCheckOptions<QualityMetrics>,
    recordCount: number | undefined,
    history: readonly Capture[],
  ): Promise<string> {
    const metrics: QualityMetrics = recordCount === undefined ? {} : { recordCount };
    const gate = defineGate({ name: "prices", checks: [historyCheck(options)] });
    const { results } = await evaluateGate(gate, contextOf(metrics, history));
    return results.map(({ verdict }) => `${verdict.status} ${verdict.message}`).join();
  }

  test("measures the distance from the median", async () => {
    const history = counts([100, 90, 1000, 110]);
    // The median of 90, 100, 110 and 1000 is 105.
    expect(await verdictOf({ maxDropPercent: 20 }, 84, history)).toBe("PASS rowCount is near its median");
    expect(await verdictOf({ maxDropPercent: 20 }, 83, history)).toBe("FAIL rowCount fell by 21 % from its median");
    expect(await verdictOf({ maxRisePercent: 20 }, 126, history)).toBe("PASS rowCount is near its median");
    expect(await verdictOf({ maxRisePercent: 20, onBreach: "WARN" }, 127, history)).toBe(
      "WARN rowCount rose by 21 % from its median",
    );
  });

  test("has nothing to say without enough history", async () => {
    expect(await verdictOf({ maxDropPercent: 20, minHistory: 3 }, 1, counts([100, 100]))).toBe(
      "PASS rowCount has only 2 of 3 captures to compare with",
    );
    expect(await verdictOf({ maxDropPercent: 20, minHistory: 2 }, 1, counts([100, 100]))).toContain("FAIL");
  });

  test("looks at the last captures only, the newest of each partition", async () => {
    const restated = [...counts([10, 10]), ...counts([1000, 1000]), ...counts([10, 10, 10, 10])];
    expect(await verdictOf({ maxDropPercent: 10, captures: 4 }, 10, restated)).toContain("PASS");
    expect(
      await verdictOf({ maxDropPercent: 10, captures: 2, minHistory: 2 }, 10, counts([10, 10, 1000, 1000, 1000])),
    ).toContain("PASS");
  });

  test("compares like with like", async () => {
    const mixed = [...counts([5000, 5000, 5000, 5000], "T1"), ...counts([10, 10, 10])];
    expect(await verdictOf({ maxDropPercent: 10, sameParts: ["tier"] }, 10, mixed)).toContain("PASS");
    expect(await verdictOf({ maxDropPercent: 10 }, 10, mixed)).toContain("FAIL");
  });

  test("of nothing but zeros sees any rise and no fall", async () => {
    const history = counts([0, 0, 0]);
    expect(await verdictOf({ maxDropPercent: 10, maxRisePercent: 10 }, 0, history)).toContain("PASS");
    expect(await verdictOf({ maxDropPercent: 10, maxRisePercent: 10 }, 1, history)).toBe(
      "FAIL rowCount rose from its median",
    );
  });

  test("knows measures of the captures' own", async () => {
    const history = [1, 2, 3].map((sum, index) =>
      captureRecord({ captureId: `cap_${index}`, partition: `p${index}`, metrics: { sums: { shares: sum * 100 } } }),
    );
    const check = historyCheck<{ readonly shares: number }>({
      measure: "sums.shares",
      measureOf: ({ shares }) => shares,
      maxRisePercent: 50,
    });
    const gate = defineGate({ name: "prices", checks: [check] });
    expect((await evaluateGate(gate, contextOf({ shares: 300 }, history))).decision).toBe("PASS");
    expect((await evaluateGate(gate, contextOf({ shares: 301 }, history))).decision).toBe("BLOCK");
  });

  test("fails for what was not measured, and when history cannot be read", async () => {
    expect(await verdictOf({ maxDropPercent: 10 }, undefined, counts([1, 1, 1]))).toBe(
      "FAIL rowCount was not measured",
    );
    const gate = defineGate({ name: "prices", checks: [historyCheck({ maxDropPercent: 10 })] });
    const broken = {
      ...contextOf<QualityMetrics>({ recordCount: 1 }),
      history: () => errAsync(new Error("database is gone")),
    };
    expect((await evaluateGate(gate, broken)).failures[0]?.verdict.message).toBe("database is gone");
  });

  test("limits something", () => {
    expect(() => historyCheck({})).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });
});
