import {
  type AcceptedGap,
  type BackfillMode,
  defineExpectation,
  expectedPartitions,
  gapsOf,
  type GapReport,
  planBackfill,
  plainDate,
  type SlotHead,
} from "@spine/core";
import { describe, expect, test } from "vitest";
import { captureRecord, headOf, instant } from "./capture-record.ts";

const weekly = defineExpectation({
  name: "finra.otc.weekly",
  domain: "finra.otc",
  stages: [{ stage: "INGEST", tier: "BRONZE" }],
  frequency: "day",
  start: "2025-12-01",
  lag: { days: 1 },
  produce: { run: "finra.weekly_refresh", params: { day: "{{ date }}", force: false }, force: { force: true } },
});

const now = instant("2025-12-07T12:00:00Z");
const failed = captureRecord({ partition: "2025-12-03", status: "FAILED", availableAt: undefined });

/** 1 present, 2 stale, 3 failed, 4 accepted, 5 missing, 6 present and failed since, 7 not due. */
const heads: readonly SlotHead[] = [
  headOf({ partition: "2025-12-01" }),
  headOf({ partition: "2025-12-02", staleAt: now }),
  { partition: "2025-12-03", tier: "BRONZE", current: undefined, latest: failed },
  { partition: "2025-12-06", tier: "BRONZE", current: captureRecord({ partition: "2025-12-06" }), latest: failed },
];
const accepted: AcceptedGap = {
  domain: "finra.otc",
  partition: "2025-12-04",
  stage: "INGEST",
  tier: "BRONZE",
  reason: "the exchange was closed",
  author: "ana",
  acceptedAt: now,
};
const report: GapReport = gapsOf({
  expected: expectedPartitions(weekly, { to: plainDate("2025-12-07") }),
  stages: [{ stage: "INGEST", tier: "BRONZE", heads, blocks: [] }],
  accepted: [accepted],
  now,
});

function daysOf(mode: BackfillMode): readonly string[] {
  return planBackfill(weekly, report, { mode })
    ._unsafeUnwrap()
    .items.map(({ partition }) => partition.slice(-1));
}

describe("a backfill", () => {
  test.for([
    ["missing", ["3", "5"]],
    ["failed", ["3", "6"]],
    ["stale", ["2"]],
    ["all", ["1", "2", "3", "5", "6"]],
  ] as const)("of mode %s takes days %j", ([mode, days]) => {
    expect(daysOf(mode)).toEqual(days);
  });

  test("in mode missing takes exactly the gaps", () => {
    const plan = planBackfill(weekly, report, { mode: "missing" })._unsafeUnwrap();
    expect(plan.items.map(({ partition }) => partition)).toEqual(report.gaps.map(({ partition }) => partition));
  });

  test("says what it will do, with what, and why", () => {
    const plan = planBackfill(weekly, report, {
      mode: "missing",
      direction: "backward",
      params: { force: true },
    })._unsafeUnwrap();
    expect(plan).toMatchObject({
      expectation: "finra.otc.weekly",
      target: "finra.weekly_refresh",
      items: [
        { partition: "2025-12-05", params: { day: "2025-12-05", force: true }, why: "INGEST missing" },
        { partition: "2025-12-03", params: { day: "2025-12-03", force: true }, why: "INGEST missing" },
      ],
      excluded: [{ partition: "2025-12-07", why: "It is not due before 2025-12-08T00:00:00.000Z." }],
      counts: { expected: 7, planned: 2, excluded: 1, untouched: 4 },
    });
  });

  test("leaves alone what is protected, accepted or not due, and says so", () => {
    const plan = planBackfill(weekly, report, {
      mode: "all",
      protect: ["2025-12-02", "2025-12-05"],
    })._unsafeUnwrap();
    expect(plan.items.map(({ partition }) => partition.slice(-1))).toEqual(["1", "3", "6"]);
    expect(plan.excluded.map(({ partition, why }) => `${partition.slice(-1)} ${why}`)).toEqual([
      "2 It is protected.",
      "4 ana accepted that it is absent: the exchange was closed",
      "5 It is protected.",
      "7 It is not due before 2025-12-08T00:00:00.000Z.",
    ]);
  });

  test("may be of some partitions only", () => {
    const plan = planBackfill(weekly, report, { mode: "all", partitions: ["2025-12-03"] })._unsafeUnwrap();
    expect(plan.items.map(({ partition }) => partition)).toEqual(["2025-12-03"]);
    for (const naming of [{ partitions: ["2025-12-33"] }, { protect: ["2025-12-33"] }]) {
      const error = planBackfill(weekly, report, { mode: "all", ...naming })._unsafeUnwrapErr();
      expect(error.code).toBe("PARTITION_UNEXPECTED");
      expect(error.message).toContain('Did you mean "2025-12-03"?');
    }
  });

  test("of nothing is an error that counts", () => {
    const error = planBackfill(weekly, report, { mode: "stale", protect: ["2025-12-02"] })._unsafeUnwrapErr();
    expect(error.code).toBe("BACKFILL_EMPTY");
    expect(error.message).toContain("6 of 7 need nothing, and 1 that would be are left alone");
  });

  test("needs something to run", () => {
    const { produce: _produce, ...rest } = weekly;
    const error = planBackfill({ ...rest, produce: undefined }, report, { mode: "all" })._unsafeUnwrapErr();
    expect(error.code).toBe("BACKFILL_TARGET_MISSING");
  });
});
