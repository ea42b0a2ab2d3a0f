import {
  type AcceptedGap,
  addDays,
  type Capture,
  defineExpectation,
  type ExpectedPartition,
  expectedPartitions,
  gapsOf,
  instantOfMs,
  type PartitionStatus,
  plainDate,
  type SlotHead,
} from "@spine/core";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { captureRecord, headOf, instant } from "./capture-record.ts";

const expectation = defineExpectation({
  name: "prices.daily",
  domain: "prices",
  stages: [
    { stage: "INGEST", tier: "BRONZE" },
    { stage: "SCORE", tier: "GOLD" },
  ],
  frequency: "day",
  start: "2025-12-01",
  lag: { days: 1 },
  grace: { hours: 12 },
});
const partition = "2025-12-19";
const [expected] = expectedPartitions(expectation, { from: plainDate(partition), to: plainDate(partition) }) as [
  ExpectedPartition,
];
const due = instant("2025-12-20T00:00:00Z");
const late = instant("2025-12-20T12:00:00.001Z");

function accept(given: Partial<AcceptedGap> = {}): AcceptedGap {
  return {
    domain: "prices",
    partition,
    stage: "INGEST",
    tier: "BRONZE",
    reason: "closed",
    author: "ana",
    acceptedAt: due,
    ...given,
  };
}

/** The status of one stage, and whether it is a gap. */
function stageStatus(
  head: SlotHead | undefined,
  now: string,
  accepted: readonly AcceptedGap[] = [],
): readonly [PartitionStatus, boolean] {
  const heads = head === undefined ? [] : [head];
  const report = gapsOf({
    expected: [expected],
    stages: [{ stage: "INGEST", tier: "BRONZE", heads, blocks: [] }],
    accepted,
    now: instant(now),
  });
  return [report.partitions[0]?.status ?? "present", report.gaps.length === 1];
}

describe("an expected stage is", () => {
  const behind = (latest: Partial<Capture>): SlotHead => ({
    partition,
    tier: "BRONZE",
    current: captureRecord({ partition }),
    latest: captureRecord({ captureId: "cap_000002", partition, ...latest }),
  });
  const failed: Partial<Capture> = { status: "FAILED", availableAt: undefined };

  test.for([
    ["pending", false, undefined, "2025-12-19T23:59:59.999Z"],
    ["missing", true, undefined, due],
    ["missing", true, undefined, "2025-12-20T12:00:00.000Z"],
    ["late", true, undefined, late],
    ["missing", true, headOf({ status: "RUNNING", availableAt: undefined }), due],
    ["missing", true, headOf({ status: "UNCHANGED", availableAt: undefined }), due],
    ["present", false, headOf(), due],
    ["present", false, headOf({ availableAt: instant("2025-12-20T12:00:00Z") }), late],
    ["arrivedLate", false, headOf({ availableAt: late }), late],
    ["present", false, headOf({ availableAt: late, supersedes: "cap_000000" }), late],
    ["stale", false, headOf({ staleAt: due }), late],
    ["failed", true, headOf(failed), due],
    ["failed", false, headOf(failed), "2025-12-19T00:00:00Z"],
    ["failed", false, behind(failed), late],
    ["blocked", true, headOf({ gate: "BLOCK", availableAt: undefined }), late],
    ["blocked", false, behind({ gate: "BLOCK", availableAt: undefined }), late],
    ["quarantined", true, headOf({ gate: "QUARANTINE", availableAt: undefined }), late],
    ["quarantined", false, behind({ gate: "QUARANTINE", availableAt: undefined }), late],
    ["present", false, headOf({ gate: "WARN" }), late],
    ["present", false, behind({ status: "RUNNING", availableAt: undefined }), late],
  ] as const)("%s (gap: %s)", ([status, isGap, head, now]) => {
    expect(stageStatus(head, now)).toEqual([status, isGap]);
  });

  test.for([
    ["accepted", undefined, late],
    ["accepted", undefined, "2025-12-01T00:00:00Z"],
    ["accepted", headOf(failed), late],
    ["present", headOf(), late],
    ["blocked", behind({ gate: "BLOCK", availableAt: undefined }), late],
  ] as const)("%s, once its absence was accepted", ([status, head, now]) => {
    expect(stageStatus(head, now, [accept()])).toEqual([status, false]);
  });

  test("not made good by an acceptance, or a capture, of another stage or tier", () => {
    expect(stageStatus(undefined, late, [accept({ stage: "SCORE" }), accept({ tier: "GOLD" })])).toEqual([
      "late",
      true,
    ]);
    expect(stageStatus(headOf({ tier: "GOLD" }), late)).toEqual(["late", true]);
  });
});

test.for([
  ["blocked", "2025-12-01T00:00:00.001Z", undefined],
  ["blocked", "2025-12-01T00:00:00.000Z", undefined],
  ["present", "2025-11-30T23:59:59.999Z", undefined],
  ["present", "2025-12-02T00:00:00.000Z", due],
] as const)("a stage with a capture that runs is %s after a block at %s (as of %s)", ([status, completedAt, asOf]) => {
  const block = captureRecord({
    captureId: "cap_000002",
    partition,
    gate: "BLOCK",
    availableAt: undefined,
    completedAt: instant(completedAt),
    asOf,
  });
  const running = captureRecord({ captureId: "cap_000003", partition, status: "RUNNING", availableAt: undefined });
  const head = { partition, tier: "BRONZE", current: captureRecord({ partition }), latest: running };
  const report = gapsOf({
    expected: [expected],
    stages: [{ stage: "INGEST", tier: "BRONZE", heads: [head], blocks: [block] }],
    accepted: [],
    now: late,
  });
  expect(report.partitions.map((found) => found.status)).toEqual([status]);
});

test("a partition is as its most pressing stage, and each is counted once", () => {
  const days = expectedPartitions(expectation, { from: plainDate("2025-12-17"), to: plainDate("2025-12-20") });
  const report = gapsOf({
    expected: days,
    stages: [
      {
        stage: "INGEST",
        tier: "BRONZE",
        heads: ["2025-12-17", "2025-12-18"].map((day) => headOf({ partition: day })),
        blocks: [],
      },
      { stage: "SCORE", tier: "GOLD", heads: [headOf({ partition: "2025-12-17", tier: "GOLD" })], blocks: [] },
    ],
    accepted: [],
    now: due,
  });
  expect(report.partitions.map(({ status }) => status)).toEqual(["present", "late", "missing", "pending"]);
  expect(report.counts).toMatchObject({ present: 1, late: 1, missing: 1, pending: 1, stale: 0 });
  expect(report.gaps).toEqual([
    expect.objectContaining({ partition: "2025-12-18", stage: "SCORE", isLate: true }),
    expect.objectContaining({ partition: "2025-12-19", stage: "INGEST", isLate: false }),
    expect.objectContaining({ partition: "2025-12-19", stage: "SCORE", isLate: false }),
  ]);
});

test("law: gaps are expected and due, less present, less accepted", () => {
  const days = Array.from({ length: 30 }, (_, index) => addDays(plainDate("2025-12-01"), index));
  const slots = fc.subarray(days.flatMap((day) => expectation.stages.map(({ stage }) => `${day} ${stage}`)));
  const tierOf = (stage: string): string => (stage === "INGEST" ? "BRONZE" : "GOLD");
  const statuses = fc.infiniteStream(fc.constantFrom<Partial<Capture>>({}, { staleAt: due }, { gate: "WARN" }));
  fc.assert(
    fc.property(
      slots,
      slots,
      slots,
      statuses,
      fc.integer({ min: -2, max: 40 }),
      (present, failures, accepted, states, day) => {
        const now = instantOfMs(Date.parse("2025-12-01T06:00:00Z") + day * 86_400_000);
        const headsOf = (stage: string): readonly SlotHead[] =>
          [...new Set([...present, ...failures])].flatMap((slot) => {
            const [own = "", of = ""] = slot.split(" ");
            if (of !== stage) return [];
            const seen = headOf({ partition: own, stage, tier: tierOf(stage), ...states.next().value });
            const failed = captureRecord({
              partition: own,
              stage,
              tier: tierOf(stage),
              status: "FAILED",
              availableAt: undefined,
            });
            const latest = failures.includes(slot) ? failed : seen.latest;
            return [{ ...seen, current: present.includes(slot) ? seen.current : undefined, latest }];
          });
        const report = gapsOf({
          expected: expectedPartitions(expectation, { to: plainDate("2025-12-30") }),
          stages: expectation.stages.map((stage) => ({ ...stage, heads: headsOf(stage.stage), blocks: [] })),
          accepted: accepted.map((slot) => {
            const [own = "", stage = ""] = slot.split(" ");
            return accept({ partition: own, stage, tier: tierOf(stage) });
          }),
          now,
        });
        const dueSlots = days
          .filter((own) => Date.parse(addDays(own, 1)) <= Date.parse(now))
          .flatMap((own) => expectation.stages.map(({ stage }) => `${own} ${stage}`));
        const gaps = dueSlots.filter((slot) => !present.includes(slot) && !accepted.includes(slot));
        expect(report.gaps.map((gap) => `${gap.partition} ${gap.stage}`)).toEqual(gaps);
        expect(Object.values(report.counts).reduce((sum, count) => sum + count, 0)).toBe(30);
      },
    ),
  );
});
