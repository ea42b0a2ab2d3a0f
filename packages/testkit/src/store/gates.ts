import { describe, expect } from "vitest";
import { buildCapture } from "../builders.ts";
import { expectErr, expectOk } from "../expect-result.ts";
import { capture, captureOf, day, dayMs, seenId, staleIds } from "./capturing.ts";
import type { StoreTest } from "./store-test.ts";

const release = { by: "ann", why: "checked by hand" };

export function describeGates(test: StoreTest): void {
  describe("a gate", () => {
    test.for(["PASS", "WARN"] as const)("that says %s lets the capture through", async (gate, { store }) => {
      const { capture: completed } = await capture(store, { captureId: "cap_1", gate });
      expect(completed).toMatchObject({ gate, availableAt: day("20") });
      expect(await seenId(store)).toBe("cap_1");
    });

    test.for(["QUARANTINE", "BLOCK"] as const)(
      "that says %s keeps the capture aside, and readers go on with the one before",
      async (gate, { store, clock }) => {
        await capture(store, { captureId: "cap_1", contentHash: "a" });
        await capture(store, { captureId: "cap_2", stage: "NORMALIZE", inputs: ["cap_1"] });
        await clock.advance(dayMs);
        const effects = await capture(store, { captureId: "cap_3", contentHash: "b", gate });
        expect(effects).toMatchObject({
          capture: { status: "COMPLETE", gate, capturedAt: day("21"), availableAt: undefined, supersedes: undefined },
          restates: false,
          staled: 0,
        });
        expect(await captureOf(store, "cap_3")).toEqual(effects.capture);
        expect(await seenId(store)).toBe("cap_1");
        expect(await seenId(store, { clock: "captured", asOf: day("30") })).toBe("cap_1");
        expect(await staleIds(store)).toEqual([]);
        await capture(store, { captureId: "cap_4", contentHash: "c" });
        expect(await captureOf(store, "cap_4")).toMatchObject({ supersedes: "cap_1" });
        expect(await seenId(store)).toBe("cap_4");
      },
    );

    test("that holds content back does not make the same content unchanged", async ({ store }) => {
      await capture(store, { captureId: "cap_1", contentHash: "a", gate: "BLOCK" });
      const { capture: second } = await capture(store, { captureId: "cap_2", contentHash: "a" });
      expect(second).toMatchObject({ status: "COMPLETE", reason: "first", availableAt: day("20") });
      const { capture: third } = await capture(store, { captureId: "cap_3", contentHash: "a", gate: "BLOCK" });
      expect(third).toMatchObject({ status: "COMPLETE", gate: "BLOCK", availableAt: undefined });
    });
  });

  describe("releasing a capture that a gate held back", () => {
    test("makes it available from now on, as a completion would", async ({ store, clock }) => {
      await capture(store, { captureId: "cap_1", contentHash: "a" });
      await capture(store, { captureId: "cap_2", stage: "NORMALIZE", inputs: ["cap_1"] });
      await capture(store, { captureId: "cap_3", contentHash: "b", gate: "BLOCK", metrics: { rows: 3 } });
      await clock.advance(dayMs);
      const effects = await expectOk(store.captures.release({ captureId: "cap_3", ...release }));
      expect(effects).toMatchObject({
        capture: {
          status: "COMPLETE",
          gate: "PASS",
          completedAt: day("20"),
          availableAt: day("21"),
          supersedes: "cap_1",
          metrics: { rows: 3 },
        },
        restates: true,
        staled: 1,
      });
      expect(await captureOf(store, "cap_3")).toEqual(effects.capture);
      expect(await seenId(store)).toBe("cap_3");
      expect(await seenId(store, { asOf: day("20T12") })).toBe("cap_1");
      expect(await captureOf(store, "cap_2")).toMatchObject({ staleAt: day("21"), staleBy: "cap_3" });
    });

    test("is remembered, with whoever did it and why", async ({ store }) => {
      await capture(store, { captureId: "cap_1", gate: "BLOCK" });
      expect(await expectOk(store.captures.remarks({ captureId: "cap_1" }))).toEqual([]);
      await expectOk(store.captures.release({ captureId: "cap_1", ...release }));
      expect(await expectOk(store.captures.remarks({ captureId: "cap_1" }))).toEqual([
        { kind: "released", at: day("20"), ...release },
      ]);
      expect(await expectOk(store.captures.remarks({ captureId: "cap_x" }))).toEqual([]);
    });

    test("makes it available after the last one, whatever came in between", async ({ store }) => {
      await capture(store, { captureId: "cap_1", contentHash: "a", gate: "QUARANTINE" });
      await capture(store, { captureId: "cap_2", contentHash: "b" });
      await expectOk(store.captures.release({ captureId: "cap_1", ...release }));
      expect(await captureOf(store, "cap_1")).toMatchObject({
        availableAt: "2025-12-20T00:00:00.001Z",
        supersedes: "cap_2",
      });
      expect(await seenId(store)).toBe("cap_1");
    });

    test("makes nothing stale when its content is the present one", async ({ store }) => {
      await capture(store, { captureId: "cap_1", contentHash: "a" });
      await capture(store, { captureId: "cap_2", stage: "NORMALIZE", inputs: ["cap_1"] });
      await capture(store, { captureId: "cap_3", contentHash: "a", gate: "BLOCK" });
      const effects = await expectOk(store.captures.release({ captureId: "cap_3", ...release }));
      expect(effects).toMatchObject({ capture: { status: "COMPLETE" }, restates: false, staled: 0 });
      expect(await seenId(store)).toBe("cap_3");
      expect(await staleIds(store)).toEqual([]);
    });

    test("is refused for one that none holds back", async ({ store }) => {
      await capture(store, { captureId: "cap_1", gate: "BLOCK" });
      await expectOk(store.captures.release({ captureId: "cap_1", ...release }));
      await capture(store, { captureId: "cap_2", gate: "WARN" });
      await expectOk(store.captures.start(buildCapture({ captureId: "cap_3" })));
      await expectOk(store.captures.fail({ captureId: "cap_3", error: "no" }));
      await expectOk(store.captures.start(buildCapture({ captureId: "cap_4" })));
      for (const captureId of ["cap_1", "cap_2", "cap_3", "cap_4"]) {
        await expectErr(store.captures.release({ captureId, ...release }), "CAPTURE_NOT_HELD_BACK");
      }
      await expectErr(store.captures.release({ captureId: "cap_x", ...release }), "CAPTURE_NOT_FOUND");
    });

    test("is done once when several ask for it at once", async ({ store }) => {
      await capture(store, { captureId: "cap_1", gate: "BLOCK" });
      const results = await Promise.all(
        Array.from({ length: 5 }, () => store.captures.release({ captureId: "cap_1", ...release })),
      );
      expect(results.filter((result) => result.isOk())).toHaveLength(1);
    });
  });
}
