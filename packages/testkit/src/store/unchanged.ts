import { describe, expect } from "vitest";
import { buildCapture } from "../builders.ts";
import { expectErr, expectOk } from "../expect-result.ts";
import { capture, captureOf, day, dayMs, edgeTexts, seenId, staleIds } from "./capturing.ts";
import type { StoreTest } from "./store-test.ts";

const derived = { stage: "NORMALIZE" };

export function describeUnchanged(test: StoreTest): void {
  describe("the content of the present capture", () => {
    test("again is no new version", async ({ store, clock }) => {
      await capture(store, { captureId: "cap_1", contentHash: "a" });
      await clock.advance(dayMs);
      const effects = await capture(store, { captureId: "cap_2", contentHash: "a", rowCount: 7 });
      expect(effects).toMatchObject({
        capture: {
          status: "UNCHANGED",
          sameAs: "cap_1",
          completedAt: day("21"),
          rowCount: 7,
          availableAt: undefined,
          supersedes: undefined,
        },
        restates: false,
        staled: 0,
      });
      expect(await captureOf(store, "cap_2")).toEqual(effects.capture);
      expect(await seenId(store)).toBe("cap_1");
      const { capture: third } = await capture(store, { captureId: "cap_3", contentHash: "b" });
      expect(third).toMatchObject({ status: "COMPLETE", supersedes: "cap_1", reason: "restatement" });
    });

    test("is never known to be the same when nobody hashed it", async ({ store }) => {
      await capture(store, { captureId: "cap_1" });
      const effects = await capture(store, { captureId: "cap_2" });
      expect(effects).toMatchObject({ capture: { status: "COMPLETE", supersedes: "cap_1" }, restates: true });
    });

    test("by force is a version that restates nothing", async ({ store }) => {
      await capture(store, { captureId: "cap_1", contentHash: "a" });
      const effects = await capture(store, { captureId: "cap_2", contentHash: "a", reason: "forced" });
      expect(effects).toMatchObject({
        capture: { status: "COMPLETE", reason: "forced", supersedes: "cap_1" },
        restates: false,
      });
      expect(await seenId(store)).toBe("cap_2");
    });

    test("by force, when it is other content after all, is a restatement", async ({ store }) => {
      const first = await capture(store, { captureId: "cap_1", contentHash: "a", reason: "forced" });
      const second = await capture(store, { captureId: "cap_2", contentHash: "b", reason: "forced" });
      expect([first.capture.reason, second.capture.reason]).toEqual(["first", "restatement"]);
      expect(second.restates).toBe(true);
    });

    test("after other content is a version again", async ({ store }) => {
      for (const [captureId, contentHash] of [
        ["cap_1", "a"],
        ["cap_2", "b"],
        ["cap_3", "a"],
      ] as const) {
        expect((await capture(store, { captureId, contentHash })).capture.status).toBe("COMPLETE");
      }
      expect(await seenId(store)).toBe("cap_3");
    });

    test.for(["BLOCK", "QUARANTINE"] as const)(
      "after other content that got %s is a version that restates nothing, as whoever waits may go on",
      async (gate, { store, clock }) => {
        await capture(store, { captureId: "cap_1", contentHash: "a" });
        await capture(store, { ...derived, captureId: "cap_2", contentHash: "x", inputs: ["cap_1"] });
        await capture(store, { captureId: "cap_3", contentHash: "b", gate });
        await clock.advance(dayMs);
        const effects = await capture(store, { captureId: "cap_4", contentHash: "a" });
        expect(effects).toMatchObject({
          capture: { status: "COMPLETE", reason: "restored", supersedes: "cap_1", availableAt: day("21") },
          restates: false,
          staled: 0,
        });
        expect(await seenId(store)).toBe("cap_4");
        expect((await capture(store, { captureId: "cap_5", contentHash: "a" })).capture.status).toBe("UNCHANGED");
      },
    );

    test("computed from newer inputs keeps them as its own and is stale no more", async ({ store }) => {
      await capture(store, { captureId: "cap_1", contentHash: "a" });
      await capture(store, { ...derived, captureId: "cap_2", contentHash: "x", inputs: ["cap_1"] });
      await capture(store, { captureId: "cap_3", contentHash: "b" });
      expect(await staleIds(store)).toEqual(["cap_2"]);
      await capture(store, { ...derived, captureId: "cap_4", contentHash: "x", inputs: ["cap_3"] });
      expect(await captureOf(store, "cap_2")).toMatchObject({ staleAt: undefined, staleBy: undefined });
      expect(await edgeTexts(store, { captureId: "cap_2", direction: "up" })).toEqual(["cap_2←cap_1", "cap_2←cap_3"]);
      await capture(store, { captureId: "cap_5", contentHash: "c" });
      expect(await captureOf(store, "cap_2")).toMatchObject({ staleBy: "cap_5" });
    });

    test("computed from an input that is stale itself stays stale", async ({ store }) => {
      await capture(store, { captureId: "cap_1", contentHash: "a" });
      await capture(store, { ...derived, captureId: "cap_2", contentHash: "x", inputs: ["cap_1"] });
      await capture(store, { captureId: "cap_3", contentHash: "b" });
      await capture(store, { ...derived, captureId: "cap_4", contentHash: "x", inputs: ["cap_1"] });
      expect(await captureOf(store, "cap_2")).toMatchObject({ staleBy: "cap_3" });
    });

    test("computed from itself is not its own input", async ({ store }) => {
      await capture(store, { captureId: "cap_1", contentHash: "a" });
      await capture(store, { captureId: "cap_2", contentHash: "a", inputs: ["cap_1"] });
      expect(await edgeTexts(store, { captureId: "cap_1", direction: "up" })).toEqual([]);
      expect(await captureOf(store, "cap_1")).toMatchObject({ staleAt: undefined });
    });

    test("stands for the one that was found unchanged, as an input", async ({ store }) => {
      await capture(store, { captureId: "cap_1", contentHash: "a" });
      await capture(store, { captureId: "cap_2", contentHash: "a" });
      await capture(store, { ...derived, captureId: "cap_3", inputs: ["cap_2"] });
      expect(await captureOf(store, "cap_3")).toMatchObject({ staleAt: undefined });
      await capture(store, { captureId: "cap_4", contentHash: "b" });
      expect(await captureOf(store, "cap_3")).toMatchObject({ staleBy: "cap_4" });
      await capture(store, { ...derived, captureId: "cap_5", inputs: ["cap_2"], partition: "2025-12-18" });
      expect(await captureOf(store, "cap_5")).toMatchObject({ staleBy: "cap_4" });
    });

    test("stands for the one that is found unchanged only after something was begun from it", async ({ store }) => {
      await capture(store, { captureId: "cap_1", contentHash: "a" });
      await expectOk(store.captures.start(buildCapture({ captureId: "cap_2", contentHash: "a" })));
      await expectOk(store.captures.start(buildCapture({ ...derived, captureId: "cap_3", inputs: ["cap_2"] })));
      for (const captureId of ["cap_2", "cap_3"]) {
        await expectOk(store.captures.complete({ captureId, rowCount: 1 }));
      }
      await capture(store, { captureId: "cap_4", contentHash: "b" });
      expect(await captureOf(store, "cap_3")).toMatchObject({ staleBy: "cap_4" });
    });
  });

  describe("a note that nothing changed", () => {
    test("resolves to the capture and leaves it as it is", async ({ store, clock }) => {
      const { capture: first } = await capture(store, { captureId: "cap_1", contentHash: "a" });
      await clock.advance(1);
      for (const runId of ["run_1", "run_2"]) {
        expect(await expectOk(store.captures.note({ captureId: "cap_1", runId, step: "fetch" }))).toEqual(first);
      }
      expect(await expectOk(store.captures.list({}))).toEqual([first]);
      const seen = { kind: "unchanged", at: "2025-12-20T00:00:00.001Z", step: "fetch" };
      expect(await expectOk(store.captures.remarks({ captureId: "cap_1" }))).toEqual([
        { ...seen, runId: "run_1" },
        { ...seen, runId: "run_2" },
      ]);
    });

    test("is what a capture with the same content leaves behind", async ({ store }) => {
      await capture(store, { captureId: "cap_1", contentHash: "a" });
      await capture(store, { captureId: "cap_2", contentHash: "a", runId: "run_2" });
      expect(await expectOk(store.captures.remarks({ captureId: "cap_1" }))).toEqual([
        { kind: "unchanged", at: day("20"), runId: "run_2", step: undefined },
      ]);
    });

    test("adds inputs once, and ends staleness when all of them are fresh", async ({ store }) => {
      await capture(store, { captureId: "cap_1", contentHash: "a" });
      await capture(store, { ...derived, captureId: "cap_2", inputs: ["cap_1"] });
      await capture(store, { captureId: "cap_3", contentHash: "b" });
      await capture(store, { captureId: "cap_4", partition: "2025-12-18" });
      const note = { captureId: "cap_2", inputs: ["cap_3", "cap_4"] };
      expect(await expectOk(store.captures.note(note))).toMatchObject({ captureId: "cap_2", staleAt: undefined });
      await expectOk(store.captures.note(note));
      expect(await edgeTexts(store, { captureId: "cap_2", direction: "up" })).toEqual([
        "cap_2←cap_1",
        "cap_2←cap_3",
        "cap_2←cap_4",
      ]);
      expect(await staleIds(store)).toEqual([]);
    });

    test("keeps staleness, or begins it, when one of them is not fresh", async ({ store, clock }) => {
      await capture(store, { captureId: "cap_1", contentHash: "a" });
      await capture(store, { ...derived, captureId: "cap_2", inputs: ["cap_1"] });
      await capture(store, { ...derived, captureId: "cap_3", partition: "2025-12-18" });
      await capture(store, { captureId: "cap_4", contentHash: "b" });
      const stale = await captureOf(store, "cap_2");
      await clock.advance(dayMs);
      expect(await expectOk(store.captures.note({ captureId: "cap_2" }))).toEqual(stale);
      expect(await expectOk(store.captures.note({ captureId: "cap_2", inputs: ["cap_1"] }))).toEqual(stale);
      expect(await expectOk(store.captures.note({ captureId: "cap_3", inputs: ["cap_1"] }))).toMatchObject({
        staleAt: day("21"),
        staleBy: "cap_4",
      });
    });

    test("does not judge a capture of an old view of the world", async ({ store }) => {
      await capture(store, { captureId: "cap_1", contentHash: "a" });
      await capture(store, { captureId: "cap_2", contentHash: "b" });
      await capture(store, { ...derived, captureId: "cap_3", asOf: day("19") });
      expect(await expectOk(store.captures.note({ captureId: "cap_3", inputs: ["cap_1"] }))).toMatchObject({
        staleAt: undefined,
      });
      expect(await edgeTexts(store, { captureId: "cap_3", direction: "up" })).toEqual(["cap_3←cap_1"]);
    });

    test("is refused for a capture that is not there", async ({ store }) => {
      await expectErr(store.captures.note({ captureId: "cap_x" }), "CAPTURE_NOT_FOUND");
    });
  });
}
