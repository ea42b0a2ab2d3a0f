import type { Instant, Store } from "@spine/core";
import { describe, expect } from "vitest";
import { buildCapture, buildSlot } from "../builders.ts";
import { expectOk } from "../expect-result.ts";
import { capture } from "./captures.ts";
import type { StoreTest } from "./store-test.ts";

const day = (date: string): Instant => `2025-12-${date}T00:00:00.000Z` as Instant;
const dayMs = 86_400_000;

async function currentId(store: Store, asOf?: Instant): Promise<string | undefined> {
  return (await expectOk(store.captures.current({ ...buildSlot(), asOf })))?.captureId;
}

export function describeAsOf(test: StoreTest): void {
  describe("what a reader sees", () => {
    test("is the last capture that was available then", async ({ store, clock }) => {
      await capture(store, { captureId: "cap_20" });
      await clock.advance(2 * dayMs);
      await capture(store, { captureId: "cap_22" });
      await clock.advance(2 * dayMs);
      expect(await currentId(store, day("19"))).toBeUndefined();
      expect(await currentId(store, day("20"))).toBe("cap_20");
      expect(await currentId(store, "2025-12-21T23:59:59.999Z" as Instant)).toBe("cap_20");
      expect(await currentId(store, day("22"))).toBe("cap_22");
      expect(await currentId(store)).toBe("cap_22");
    });

    test("goes by availability, not by the start", async ({ store, clock }) => {
      await expectOk(store.captures.start(buildCapture({ captureId: "cap_1" })));
      await clock.advance(dayMs);
      await expectOk(store.captures.complete({ captureId: "cap_1", rowCount: 1 }));
      expect(await currentId(store, day("20"))).toBeUndefined();
      expect(await currentId(store, day("21"))).toBe("cap_1");
    });

    test("is the later id of two that became available in one instant", async ({ store }) => {
      await capture(store, { captureId: "cap_2" });
      await capture(store, { captureId: "cap_1" });
      expect(await currentId(store)).toBe("cap_2");
    });

    test("stays while the next capture runs and when it fails", async ({ store, clock }) => {
      await capture(store, { captureId: "cap_1" });
      await clock.advance(1);
      await expectOk(store.captures.start(buildCapture({ captureId: "cap_2" })));
      expect(await currentId(store)).toBe("cap_1");
      await expectOk(store.captures.fail({ captureId: "cap_2", error: "no" }));
      expect(await currentId(store)).toBe("cap_1");
    });

    test.for([{ domain: "trades" }, { partition: "2025-12-18" }, { stage: "NORMALIZE" }, { tier: "SILVER" }])(
      "is nothing of a slot with %o",
      async (difference, { store }) => {
        await capture(store, { captureId: "cap_1", ...difference });
        expect(await currentId(store)).toBeUndefined();
      },
    );

    test("is never a capture of an old view of the world", async ({ store, clock }) => {
      await capture(store, { captureId: "cap_1" });
      await clock.advance(dayMs);
      await capture(store, { captureId: "cap_2", asOf: day("20") });
      expect(await currentId(store)).toBe("cap_1");
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

    test("keeps the reason it was given", async ({ store }) => {
      await capture(store, { captureId: "cap_1", reason: "imported" });
      await capture(store, { captureId: "cap_2", reason: "forced" });
      const captures = await expectOk(store.captures.list({}));
      expect(captures.map(({ reason }) => reason)).toEqual(["forced", "imported"]);
    });
  });
}
