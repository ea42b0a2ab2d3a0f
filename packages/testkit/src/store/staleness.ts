import type { StartCapture, Store } from "@spine/core";
import { describe, expect } from "vitest";
import { buildCapture } from "../builders.ts";
import { expectOk } from "../expect-result.ts";
import { capture, captureOf, day, dayMs, staleIds } from "./capturing.ts";
import type { StoreTest } from "./store-test.ts";

/** A capture of a slot of its own, computed from others. */
async function derive(store: Store, captureId: string, inputs: readonly string[], given: Partial<StartCapture> = {}) {
  return capture(store, { captureId, inputs, stage: `OF_${captureId}`, ...given });
}

/** Begins a capture like {@link derive}'s and returns what ends it. */
async function begin(store: Store, captureId: string, inputs: readonly string[], given: Partial<StartCapture> = {}) {
  await expectOk(store.captures.start(buildCapture({ captureId, inputs, stage: `OF_${captureId}`, ...given })));
  return () => expectOk(store.captures.complete({ captureId, rowCount: 1 }));
}

export function describeStaleness(test: StoreTest): void {
  describe("a restatement", () => {
    test("makes stale what was computed from the old content, however indirectly, and nothing else", async ({
      store,
      clock,
    }) => {
      await capture(store, { captureId: "a_1", contentHash: "a" });
      await capture(store, { captureId: "b_1", partition: "2025-12-18" });
      await derive(store, "d", ["a_1", "b_1"]);
      await derive(store, "e", ["d"]);
      await derive(store, "f", ["e", "d"]);
      await derive(store, "g", ["b_1"]);
      await clock.advance(dayMs);
      const effects = await capture(store, { captureId: "a_2", contentHash: "b" });
      expect(effects).toMatchObject({ restates: true, staled: 3 });
      expect(await staleIds(store)).toEqual(["d", "e", "f"]);
      for (const captureId of ["d", "e", "f"]) {
        expect(await captureOf(store, captureId)).toMatchObject({ staleAt: day("21"), staleBy: "a_2" });
      }
    });

    test("leaves what is stale already as it is", async ({ store, clock }) => {
      await capture(store, { captureId: "a_1", contentHash: "a" });
      await derive(store, "d", ["a_1"]);
      await capture(store, { captureId: "a_2", contentHash: "b" });
      await derive(store, "e", ["a_2"]);
      await clock.advance(dayMs);
      expect(await capture(store, { captureId: "a_3", contentHash: "c" })).toMatchObject({ staled: 1 });
      expect(await captureOf(store, "d")).toMatchObject({ staleAt: day("20"), staleBy: "a_2" });
      expect(await captureOf(store, "e")).toMatchObject({ staleAt: day("21"), staleBy: "a_3" });
    });

    test("back to earlier content spares what is computed from that", async ({ store }) => {
      await capture(store, { captureId: "a_1", contentHash: "a" });
      await capture(store, { captureId: "a_2", contentHash: "b" });
      await derive(store, "from_b", ["a_2"]);
      expect(await capture(store, { captureId: "a_3", contentHash: "a" })).toMatchObject({ restates: true, staled: 1 });
      await derive(store, "from_a", ["a_3"]);
      expect(await staleIds(store)).toEqual(["from_b"]);
      expect(await capture(store, { captureId: "a_4", contentHash: "b" })).toMatchObject({ staled: 1 });
      expect(await captureOf(store, "from_a")).toMatchObject({ staleBy: "a_4" });
      expect(await captureOf(store, "from_b")).toMatchObject({ staleBy: "a_3" });
    });

    test("reaches what was computed from any earlier version with other content", async ({ store }) => {
      await capture(store, { captureId: "a_1", contentHash: "a" });
      await derive(store, "d", ["a_1"]);
      await capture(store, { captureId: "a_2", contentHash: "a", reason: "forced" });
      await derive(store, "e", ["a_2"]);
      expect(await capture(store, { captureId: "a_3", contentHash: "b" })).toMatchObject({ staled: 2 });
      expect(await staleIds(store)).toEqual(["d", "e"]);
    });

    test("of content nobody hashed makes everything stale", async ({ store }) => {
      await capture(store, { captureId: "a_1" });
      await derive(store, "d", ["a_1"]);
      expect(await capture(store, { captureId: "a_2" })).toMatchObject({ restates: true, staled: 1 });
    });

    test("does not judge what failed, nor what belongs to an old view of the world", async ({ store }) => {
      await capture(store, { captureId: "a_1", contentHash: "a" });
      await derive(store, "old", ["a_1"], { asOf: day("20") });
      await begin(store, "failed", ["a_1"]);
      await expectOk(store.captures.fail({ captureId: "failed", error: "no" }));
      expect(await capture(store, { captureId: "a_2", contentHash: "b" })).toMatchObject({ staled: 0 });
      expect(await staleIds(store)).toEqual([]);
    });

    test("is nothing that an old view of the world can be", async ({ store }) => {
      await capture(store, { captureId: "a_1", contentHash: "a" });
      await derive(store, "d", ["a_1"]);
      const effects = await capture(store, { captureId: "a_2", contentHash: "b", asOf: day("20") });
      expect(effects).toMatchObject({ restates: false, staled: 0 });
    });

    test("that was computed from what it restates spares itself and its inputs", async ({ store }) => {
      await capture(store, { captureId: "a_1", contentHash: "a" });
      await derive(store, "d", ["a_1"]);
      const effects = await capture(store, { captureId: "a_2", contentHash: "b", inputs: ["d", "a_1"] });
      expect(effects).toMatchObject({ restates: true, staled: 0, capture: { staleAt: undefined } });
    });

    test("goes around a cycle once", async ({ store }) => {
      await capture(store, { captureId: "a_1", contentHash: "a" });
      await derive(store, "d", ["a_1"]);
      await derive(store, "e", ["d"]);
      await expectOk(store.captures.note({ captureId: "d", inputs: ["e"] }));
      expect(await capture(store, { captureId: "a_2", contentHash: "b" })).toMatchObject({ staled: 2 });
    });

    test("by force of the same content makes nothing stale, then or later", async ({ store }) => {
      await capture(store, { captureId: "a_1", contentHash: "a" });
      await derive(store, "d", ["a_1"]);
      const endLate = await begin(store, "e", ["a_1"]);
      expect(await capture(store, { captureId: "a_2", contentHash: "a", reason: "forced" })).toMatchObject({
        staled: 0,
      });
      await endLate();
      expect(await staleIds(store)).toEqual([]);
    });
  });

  describe("a capture is stale from its beginning", () => {
    test("when its input was restated while it was computed", async ({ store, clock }) => {
      await capture(store, { captureId: "a_1", contentHash: "a" });
      const end = await begin(store, "d", ["a_1"]);
      await capture(store, { captureId: "a_2", contentHash: "b" });
      await clock.advance(dayMs);
      expect((await end()).capture).toMatchObject({ status: "COMPLETE", staleAt: day("21"), staleBy: "a_2" });
    });

    test("when an input is stale itself", async ({ store }) => {
      await capture(store, { captureId: "a_1", contentHash: "a" });
      await derive(store, "d", ["a_1"]);
      await capture(store, { captureId: "a_2", contentHash: "b" });
      expect((await derive(store, "e", ["d"])).capture).toMatchObject({ staleBy: "a_2" });
    });

    test("but not because of itself, nor of an input of an old view of the world", async ({ store }) => {
      await capture(store, { captureId: "a_1", contentHash: "a" });
      const { capture: next } = await capture(store, { captureId: "a_2", contentHash: "b", inputs: ["a_1"] });
      expect(next.staleAt).toBeUndefined();
      await derive(store, "old", ["a_1"], { asOf: day("20") });
      expect((await derive(store, "e", ["old"])).capture.staleAt).toBeUndefined();
      expect((await derive(store, "f", ["a_1"], { asOf: day("20") })).capture.staleAt).toBeUndefined();
    });

    test("or becomes so, whichever of the two ends first", async ({ store }) => {
      for (let round = 0; round < 10; round += 1) {
        const slot = { domain: `race-${round}` };
        await capture(store, { ...slot, captureId: `a_${round}`, contentHash: "a" });
        const endDerived = await begin(store, `d_${round}`, [`a_${round}`], slot);
        await expectOk(store.captures.start(buildCapture({ ...slot, captureId: `b_${round}`, contentHash: "b" })));
        await Promise.all([endDerived(), expectOk(store.captures.complete({ captureId: `b_${round}`, rowCount: 1 }))]);
        expect(await captureOf(store, `d_${round}`)).toMatchObject({ staleBy: `b_${round}` });
      }
    });
  });
}
