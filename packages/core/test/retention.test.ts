import {
  type Capture,
  defineRetention,
  memory,
  planRetention,
  removableCaptures,
  type Retention,
  sweepCaptures,
} from "@spine/core";
import { buildCapture, expectOk, fakeClock, silentEnvironment } from "@spine/testkit";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { captureRecord, instant } from "./capture-record.ts";

const now = instant("2025-12-31T00:00:00Z");

/** Versions of one slot, one a day from 2025-12-01 on. */
function versions(count: number, given: Partial<Capture> = {}): readonly Capture[] {
  return Array.from({ length: count }, (_, index) => {
    const at = instant(`2025-12-${String(index + 1).padStart(2, "0")}T00:00:00Z`);
    return captureRecord({ captureId: `v${index + 1}`, availableAt: at, completedAt: at, ...given });
  });
}

function removed(retention: Partial<Retention>, captures: readonly Capture[]): readonly string[] {
  return removableCaptures(retention, captures, now).map(({ capture, because }) => `${capture.captureId} ${because}`);
}

describe("retention", () => {
  test("by versions keeps the last ones, the present one included", () => {
    expect(removed({ keepVersions: 2 }, versions(4))).toEqual(["v1 superseded", "v2 superseded"]);
    expect(removed({ keepVersions: 1 }, versions(1))).toEqual([]);
  });

  test("by days counts from when readers went on to the next version", () => {
    // v2 was the present until v3 came on 3 December, 28 days ago.
    expect(removed({ keepDays: 28 }, versions(4))).toEqual(["v1 superseded", "v2 superseded"]);
    expect(removed({ keepDays: 28.5 }, versions(4))).toEqual(["v1 superseded"]);
  });

  test("by both removes what both let go", () => {
    expect(removed({ keepVersions: 3, keepDays: 0 }, versions(4))).toEqual(["v1 superseded"]);
    expect(removed({ keepVersions: 1, keepDays: 29 }, versions(4))).toEqual(["v1 superseded"]);
  });

  test("looks at each slot by itself", () => {
    expect(removed({ keepVersions: 1 }, [...versions(2), ...versions(1, { partition: "2025-12-18" })])).toEqual([
      "v1 superseded",
    ]);
  });

  test("takes what a gate held back, and what was computed of an old world, once versions came after it", () => {
    const at = instant("2025-12-02T12:00:00Z");
    const held = captureRecord({ captureId: "held", gate: "BLOCK", availableAt: undefined, completedAt: at });
    const old = captureRecord({ captureId: "old", asOf: at, availableAt: at, completedAt: at });
    expect(removed({ keepVersions: 2 }, [...versions(3), held, old])).toEqual(["v1 superseded"]);
    expect(removed({ keepVersions: 2 }, [...versions(4), held, old])).toEqual([
      "v1 superseded",
      "v2 superseded",
      "held held-back",
      "old as-of",
    ]);
    expect(removed({ keepDays: 30 }, [held, old])).toEqual([]);
    expect(removed({ keepDays: 28 }, [held, old])).toEqual(["held held-back", "old as-of"]);
  });

  test("does not call history old before it was loaded", () => {
    const loaded = versions(2, { imported: true, completedAt: instant("2025-12-30T00:00:00Z") });
    expect(removed({ keepDays: 7 }, loaded)).toEqual([]);
    expect(removed({ keepDays: 1 }, loaded)).toEqual(["v1 superseded"]);
  });

  test("takes nothing twice", () => {
    const [first, ...rest] = versions(3);
    expect(
      removed({ keepVersions: 1 }, first === undefined ? [] : [{ ...first, payloadRemovedAt: now }, ...rest]),
    ).toEqual(["v2 superseded"]);
  });

  test("law: never what runs, failed, or readers see, whatever the limits and in whatever order", () => {
    const kinds = fc.constantFrom<Partial<Capture>>(
      {},
      { status: "RUNNING", availableAt: undefined, completedAt: undefined },
      { status: "FAILED", availableAt: undefined },
      { status: "UNCHANGED", availableAt: undefined },
      { gate: "BLOCK", availableAt: undefined },
    );
    const limits = fc.record(
      { keepVersions: fc.integer({ min: 1, max: 3 }), keepDays: fc.nat(3) },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(kinds, { maxLength: 12 }), limits, fc.nat(), (given, retention, turn) => {
        const all = versions(12)
          .slice(0, given.length)
          .map((version, index) => ({ ...version, ...given[index] }));
        const rotated = all
          .map((_, index) => all[(index + turn) % all.length])
          .filter((capture) => capture !== undefined);
        const gone = new Set(removed(retention, rotated).map((text) => text.split(" ")[0]));
        const seen = all.findLast(({ availableAt }) => availableAt !== undefined);
        expect(seen === undefined || !gone.has(seen.captureId)).toBe(true);
        expect(all.filter(({ status, captureId }) => status !== "COMPLETE" && gone.has(captureId))).toEqual([]);
        expect(gone).toEqual(new Set(removed(retention, all).map((text) => text.split(" ")[0])));
      }),
    );
  });

  test.for([{}, { keepVersions: 0 }, { keepVersions: 1.5 }, { keepDays: -1 }, { keepDays: Number.NaN }])(
    "of %j is a mistake",
    (given) => {
      expect(() => defineRetention({ domain: "prices", ...given })).toThrow(
        expect.objectContaining({ code: "CONFIG_INVALID" }),
      );
    },
  );
});

test("a store without SQL has no rows to remove", async () => {
  const clock = fakeClock();
  const store = await expectOk(memory().open(silentEnvironment(clock)));
  for (const captureId of ["cap_000001", "cap_000002"]) {
    await expectOk(store.captures.start(buildCapture({ captureId })));
    await expectOk(store.captures.complete({ captureId, rowCount: 1, contentHash: captureId }));
  }
  const plan = await expectOk(planRetention(defineRetention({ domain: "prices", keepVersions: 1 }), { store, clock }));
  expect(plan.captures).toEqual([]);
  expect(await expectOk(sweepCaptures(store))).toEqual({ captures: 0, rows: 0 });
});
