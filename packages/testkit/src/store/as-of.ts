import type { Instant } from "@spine/core";
import { describe, expect } from "vitest";
import { buildCapture } from "../builders.ts";
import { expectOk } from "../expect-result.ts";
import { capture, captureOf, day, dayMs, seenId } from "./capturing.ts";
import type { StoreTest } from "./store-test.ts";

export function describeAsOf(test: StoreTest): void {
  describe("what a reader sees", () => {
    test("is the last capture that was available then", async ({ store, clock }) => {
      await capture(store, { captureId: "cap_20" });
      await clock.advance(2 * dayMs);
      await capture(store, { captureId: "cap_22" });
      await clock.advance(2 * dayMs);
      expect(await seenId(store, { asOf: day("19") })).toBeUndefined();
      expect(await seenId(store, { asOf: day("20") })).toBe("cap_20");
      expect(await seenId(store, { asOf: "2025-12-21T23:59:59.999Z" as Instant })).toBe("cap_20");
      expect(await seenId(store, { asOf: day("22") })).toBe("cap_22");
      expect(await seenId(store)).toBe("cap_22");
    });

    test("goes by availability, not by the start", async ({ store, clock }) => {
      await expectOk(store.captures.start(buildCapture({ captureId: "cap_1" })));
      await clock.advance(dayMs);
      await expectOk(store.captures.complete({ captureId: "cap_1", rowCount: 1 }));
      expect(await seenId(store, { asOf: day("20") })).toBeUndefined();
      expect(await seenId(store, { asOf: day("21") })).toBe("cap_1");
    });

    test("is the later one of two that were completed in one instant, which is available a millisecond later", async ({
      store,
    }) => {
      await capture(store, { captureId: "cap_2" });
      await capture(store, { captureId: "cap_1" });
      expect(await seenId(store)).toBe("cap_1");
      expect(await seenId(store, { asOf: day("20") })).toBe("cap_2");
      expect(await captureOf(store, "cap_1")).toMatchObject({
        completedAt: day("20"),
        availableAt: "2025-12-20T00:00:00.001Z",
        supersedes: "cap_2",
      });
    });

    test("is never behind what it was, also when a clock steps back", async ({ store, clock }) => {
      await capture(store, { captureId: "cap_1" });
      clock.set("2025-12-19T00:00:00Z");
      await capture(store, { captureId: "cap_2" });
      expect(await seenId(store)).toBe("cap_2");
      expect(await seenId(store, { asOf: day("20") })).toBe("cap_1");
    });

    test("stays while the next capture runs and when it fails", async ({ store, clock }) => {
      await capture(store, { captureId: "cap_1" });
      await clock.advance(1);
      await expectOk(store.captures.start(buildCapture({ captureId: "cap_2" })));
      expect(await seenId(store)).toBe("cap_1");
      await expectOk(store.captures.fail({ captureId: "cap_2", error: "no" }));
      expect(await seenId(store)).toBe("cap_1");
    });

    test.for([{ domain: "trades" }, { partition: "2025-12-18" }, { stage: "NORMALIZE" }, { tier: "SILVER" }])(
      "is nothing of a slot with %o",
      async (difference, { store }) => {
        await capture(store, { captureId: "cap_1", ...difference });
        expect(await seenId(store)).toBeUndefined();
      },
    );

    test("is never a capture of an old view of the world", async ({ store, clock }) => {
      await capture(store, { captureId: "cap_1" });
      await clock.advance(dayMs);
      await capture(store, { captureId: "cap_2", asOf: day("20") });
      expect(await seenId(store)).toBe("cap_1");
      expect(await expectOk(store.captures.get({ captureId: "cap_2" }))).toMatchObject({
        status: "COMPLETE",
        asOf: day("20"),
        availableAt: day("21"),
        supersedes: undefined,
      });
      await capture(store, { captureId: "cap_3" });
      expect(await expectOk(store.captures.get({ captureId: "cap_3" }))).toMatchObject({
        supersedes: "cap_1",
      });
    });
  });

  describe("a reader of a run with a view of the past", () => {
    test("sees what that run and its child runs wrote before what the world had then", async ({ store, clock }) => {
      await capture(store, { captureId: "cap_1" });
      await clock.advance(dayMs);
      await capture(store, { captureId: "cap_2", runId: "run_1", asOf: day("20") });
      const own = { asOf: day("20"), runId: "run_1" };
      expect(await seenId(store, own)).toBe("cap_2");
      await clock.advance(1);
      await capture(store, { captureId: "cap_3", runId: "run_1:child", asOf: day("20") });
      expect(await seenId(store, own)).toBe("cap_3");
      expect(await seenId(store, { ...own, runId: "run_1:child" })).toBe("cap_3");
      expect(await seenId(store, { ...own, tier: undefined })).toBe("cap_3");
      for (const runId of [undefined, "run_2", "run", "run_1:chil"]) {
        expect(await seenId(store, { asOf: day("20"), runId })).toBe("cap_1");
      }
    });

    test.for(["%", "run_", "RUN_1"])("named %s sees nothing of run_1", async (runId, { store }) => {
      await capture(store, { captureId: "cap_1", runId: "run_1:child", asOf: day("20") });
      expect(await seenId(store, { runId })).toBeUndefined();
    });

    test("sees of its own neither what runs or failed, nor what a gate held back, nor what it wrote of the present", async ({
      store,
    }) => {
      const own = { runId: "run_1", asOf: day("20") };
      await capture(store, { captureId: "cap_1" });
      await capture(store, { captureId: "cap_2", ...own, gate: "BLOCK" });
      await capture(store, { captureId: "cap_3", ...own, gate: "QUARANTINE" });
      await expectOk(store.captures.start(buildCapture({ captureId: "cap_4", ...own })));
      await expectOk(store.captures.fail({ captureId: "cap_4", error: "no" }));
      await expectOk(store.captures.start(buildCapture({ captureId: "cap_5", ...own })));
      await capture(store, { captureId: "cap_6", stage: "NORMALIZE", runId: "run_1" });
      await capture(store, { captureId: "cap_7", stage: "NORMALIZE" });
      expect(await seenId(store, { runId: "run_1" })).toBe("cap_1");
      expect(await seenId(store, { runId: "run_1", stage: "NORMALIZE" })).toBe("cap_7");
    });
  });

  describe("a reader that names no tier", () => {
    test("sees the last capture of them all", async ({ store, clock }) => {
      await capture(store, { captureId: "cap_1", tier: "SILVER" });
      await clock.advance(dayMs);
      await capture(store, { captureId: "cap_2", tier: "BRONZE" });
      await capture(store, { captureId: "cap_3", tier: "GOLD", partition: "2025-12-18" });
      expect(await seenId(store, { tier: undefined })).toBe("cap_2");
      expect(await seenId(store, { tier: undefined, asOf: day("20T12") })).toBe("cap_1");
      expect(await seenId(store, { tier: "GOLD" })).toBeUndefined();
    });
  });

  describe("a reader that names a clock", () => {
    test("sees by that clock, and nothing that has no instant by it", async ({ store, clock }) => {
      await capture(store, { captureId: "cap_1", publishedAt: day("18") });
      await clock.advance(dayMs);
      await capture(store, { captureId: "cap_2", publishedAt: day("17") });
      await clock.advance(dayMs);
      await capture(store, { captureId: "cap_3" });
      const seen = async (clockName: "available" | "captured" | "published", asOf: Instant) =>
        seenId(store, { clock: clockName, asOf });
      expect(await seen("published", day("16"))).toBeUndefined();
      expect(await seen("published", day("17"))).toBe("cap_2");
      expect(await seen("published", day("30"))).toBe("cap_1");
      expect(await seen("captured", day("20"))).toBe("cap_1");
      expect(await seen("captured", day("21"))).toBe("cap_2");
      expect(await seen("captured", day("30"))).toBe("cap_3");
      expect(await seen("available", day("30"))).toBe("cap_3");
    });

    test("of two published at once sees the one that became available later", async ({ store, clock }) => {
      await capture(store, { captureId: "cap_2", publishedAt: day("18"), contentHash: "b" });
      await clock.advance(1);
      await capture(store, { captureId: "cap_1", publishedAt: day("18"), contentHash: "a" });
      expect(await seenId(store, { clock: "published", asOf: day("19") })).toBe("cap_1");
      expect(await seenId(store, { clock: "published" })).toBe("cap_1");
    });
  });

  describe("a later capture", () => {
    test("supersedes the one that was current", async ({ store, clock }) => {
      for (const captureId of ["cap_1", "cap_2", "cap_3"]) {
        await capture(store, { captureId });
        await clock.advance(1);
      }
      const captures = await expectOk(store.captures.list({}));
      expect(captures.map(({ captureId, supersedes, reason }) => [captureId, supersedes, reason])).toEqual([
        ["cap_3", "cap_2", "restatement"],
        ["cap_2", "cap_1", "restatement"],
        ["cap_1", undefined, "first"],
      ]);
    });

    test("keeps the reason it was given", async ({ store, clock }) => {
      await capture(store, { captureId: "cap_1", reason: "audit" });
      await clock.advance(1);
      await capture(store, { captureId: "cap_2", reason: "correction" });
      const captures = await expectOk(store.captures.list({}));
      expect(captures.map(({ reason }) => reason)).toEqual(["correction", "audit"]);
    });
  });
}
