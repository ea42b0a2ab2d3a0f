import { createIds, newBatchId, newExecution, childExecution, withBatch } from "@spine/core";
import { countingIds, fakeClock } from "@spine/testkit";
import { describe, expect, test } from "vitest";

describe("ids", () => {
  test("have a prefix and 26 characters", () => {
    expect(createIds().next("run")).toMatch(/^run_[0-9a-hjkmnp-tv-z]{26}$/);
  });

  test("begin with the time, as ULIDs do", () => {
    // 1469918176385 ms is the example of the ULID specification: 01ARYZ6S41.
    const clock = fakeClock(1_469_918_176_385);
    expect(createIds(clock).next("run")).toMatch(/^run_01aryz6s41/);
  });

  test("never repeat and always sort after the ones before, within a millisecond and when the clock steps back", async () => {
    const clock = fakeClock();
    const ids = createIds(clock);
    const made: string[] = [];
    for (const step of [0, 0, 1, -5000, 1, 0]) {
      for (let count = 0; count < 500; count += 1) made.push(ids.next("run"));
      clock.set(clock.nowMs() + step);
    }
    expect(made).toEqual([...new Set(made)].toSorted());
  });

  test("of two sources in the same millisecond differ", () => {
    const clock = fakeClock();
    expect(createIds(clock).next("run")).not.toBe(createIds(clock).next("run"));
  });
});

describe("batch ids", () => {
  test("have prefix, UTC stamp and eight hex digits", () => {
    const clock = fakeClock("2025-12-20T13:14:15.678Z");
    expect(newBatchId("group_weekly", clock)).toMatch(/^group_weekly_20251220T131415_[0-9a-f]{8}$/);
    expect(newBatchId()).toMatch(/^batch_\d{8}T\d{6}_[0-9a-f]{8}$/);
  });

  test("differ within a second", () => {
    const clock = fakeClock();
    expect(new Set(Array.from({ length: 10 }, () => newBatchId("batch", clock))).size).toBe(10);
  });
});

describe("executions", () => {
  const sources = { ids: countingIds(), clock: fakeClock() };
  const root = newExecution(sources, { batchId: "batch_1" });

  test("start without a parent, and without a batch unless told", () => {
    expect(newExecution(sources)).toMatchObject({ batchId: undefined, parentExecutionId: undefined });
    expect(root).toMatchObject({ batchId: "batch_1", startedAt: "2025-12-20T00:00:00.000Z" });
    expect(Object.isFrozen(root)).toBe(true);
  });

  test("have children with ids of their own, the same batch, and their direct parent", () => {
    const child = childExecution(root, sources);
    const grandchild = childExecution(child, sources);
    expect(child).toMatchObject({ batchId: "batch_1", parentExecutionId: root.executionId });
    expect(grandchild).toMatchObject({ batchId: "batch_1", parentExecutionId: child.executionId });
    expect(new Set([root, child, grandchild].map(({ executionId }) => executionId)).size).toBe(3);
  });

  test("join a batch as a copy", () => {
    const joined = withBatch(root, "batch_2");
    expect(joined).toEqual({ ...root, batchId: "batch_2" });
    expect(root.batchId).toBe("batch_1");
  });
});
