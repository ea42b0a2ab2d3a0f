import type { Instant } from "@spine/core";
import { describe, expect } from "vitest";
import { buildCapture, buildSlot } from "../builders.ts";
import { expectErr, expectOk } from "../expect-result.ts";
import { capture, edgeTexts } from "./capturing.ts";
import type { StoreTest } from "./store-test.ts";

const begun = "2025-12-20T00:00:00.000Z" as Instant;
const aSecondLater = "2025-12-20T00:00:01.000Z" as Instant;

export function describeCaptures(test: StoreTest): void {
  describe("a capture", () => {
    test("runs from its start on and is nobody's present", async ({ store }) => {
      const given = buildCapture({
        captureId: "cap_1",
        effectiveDate: "2025-12-19",
        publishedAt: begun,
        contentHash: "hash-1",
        runId: "run_1",
        step: "fetch",
        owner: "owner-a",
        leaseMs: 5000,
      });
      const { leaseMs: _, ...facts } = given;
      const started = await expectOk(store.captures.start(given));
      expect(started).toEqual({
        ...facts,
        status: "RUNNING",
        startedAt: begun,
        completedAt: undefined,
        capturedAt: undefined,
        availableAt: undefined,
        rowCount: undefined,
        rejectCount: undefined,
        gate: undefined,
        supersedes: undefined,
        sameAs: undefined,
        reason: undefined,
        error: undefined,
        asOf: undefined,
        imported: false,
        staleAt: undefined,
        staleBy: undefined,
        leaseUntil: "2025-12-20T00:00:05.000Z",
        heartbeatAt: begun,
        payloadRemovedAt: undefined,
        metrics: {},
      });
      expect(await expectOk(store.captures.get({ captureId: "cap_1" }))).toEqual(started);
      expect(await expectOk(store.captures.resolve(buildSlot()))).toBeUndefined();
    });

    test("is available from its completion on", async ({ store, clock }) => {
      const started = await expectOk(store.captures.start(buildCapture({ captureId: "cap_1" })));
      await clock.advance(1000);
      const { capture: completed, ...effects } = await expectOk(
        store.captures.complete({
          captureId: "cap_1",
          rowCount: 10,
          rejectCount: 2,
          contentHash: "hash-1",
          publishedAt: begun,
          metrics: { symbols: 4 },
        }),
      );
      expect(completed).toEqual({
        ...started,
        status: "COMPLETE",
        completedAt: aSecondLater,
        capturedAt: aSecondLater,
        availableAt: aSecondLater,
        rowCount: 10,
        rejectCount: 2,
        contentHash: "hash-1",
        publishedAt: begun,
        metrics: { symbols: 4 },
        reason: "first",
      });
      expect(effects).toEqual({ restates: false, staled: 0 });
      expect(await expectOk(store.captures.get({ captureId: "cap_1" }))).toEqual(completed);
      expect(await expectOk(store.captures.resolve(buildSlot()))).toEqual(completed);
    });

    test("keeps what was known at its start when its end says nothing else", async ({ store }) => {
      await expectOk(
        store.captures.start(buildCapture({ captureId: "cap_1", contentHash: "hash-1", publishedAt: begun })),
      );
      const { capture: completed } = await expectOk(store.captures.complete({ captureId: "cap_1", rowCount: 0 }));
      expect(completed).toMatchObject({
        rowCount: 0,
        rejectCount: undefined,
        contentHash: "hash-1",
        publishedAt: begun,
      });
    });

    test("that failed says why, and is nobody's present", async ({ store, clock }) => {
      await expectOk(store.captures.start(buildCapture({ captureId: "cap_1" })));
      await clock.advance(1000);
      await expectOk(store.captures.fail({ captureId: "cap_1", error: "row 118 has 7 fields" }));
      expect(await expectOk(store.captures.get({ captureId: "cap_1" }))).toMatchObject({
        status: "FAILED",
        error: "row 118 has 7 fields",
        completedAt: aSecondLater,
        availableAt: undefined,
      });
      expect(await expectOk(store.captures.resolve(buildSlot()))).toBeUndefined();
    });

    test("that ended keeps its owner and has no lease", async ({ store }) => {
      await capture(store, { captureId: "cap_1", owner: "owner-a" });
      await expectOk(store.captures.start(buildCapture({ captureId: "cap_2", owner: "owner-a" })));
      await expectOk(store.captures.fail({ captureId: "cap_2", error: "no" }));
      const ended = await expectOk(store.captures.list({}));
      expect(ended.map(({ owner, leaseUntil, heartbeatAt }) => [owner, leaseUntil, heartbeatAt])).toEqual([
        ["owner-a", undefined, undefined],
        ["owner-a", undefined, undefined],
      ]);
    });

    test("ends once", async ({ store }) => {
      await capture(store, { captureId: "cap_1" });
      await expectOk(store.captures.start(buildCapture({ captureId: "cap_2" })));
      await expectOk(store.captures.fail({ captureId: "cap_2", error: "no" }));

      await expectErr(store.captures.complete({ captureId: "cap_1", rowCount: 9 }), "CAPTURE_NOT_RUNNING");
      await expectErr(store.captures.complete({ captureId: "cap_2", rowCount: 9 }), "CAPTURE_NOT_RUNNING");
      await expectOk(store.captures.fail({ captureId: "cap_1", error: "too late" }));
      await expectOk(store.captures.fail({ captureId: "cap_2", error: "too late" }));
      expect(await expectOk(store.captures.get({ captureId: "cap_1" }))).toMatchObject({
        status: "COMPLETE",
        rowCount: 1,
        error: undefined,
      });
      expect(await expectOk(store.captures.get({ captureId: "cap_2" }))).toMatchObject({
        status: "FAILED",
        error: "no",
      });
    });

    test("that is not there cannot be completed or read", async ({ store }) => {
      await expectErr(store.captures.complete({ captureId: "cap_x", rowCount: 1 }), "CAPTURE_NOT_FOUND");
      expect(await expectOk(store.captures.get({ captureId: "cap_x" }))).toBeUndefined();
      expect(await expectOk(store.captures.edges({ captureId: "cap_x", direction: "up" }))).toEqual([]);
    });

    test("knows what it was computed from", async ({ store }) => {
      await capture(store, { captureId: "cap_1" });
      await capture(store, { captureId: "cap_2", stage: "REFERENCE" });
      await expectOk(
        store.captures.start(buildCapture({ captureId: "cap_3", stage: "NORMALIZE", inputs: ["cap_1", "cap_2"] })),
      );
      expect(await edgeTexts(store, { captureId: "cap_3", direction: "up" })).toEqual(["cap_3←cap_1", "cap_3←cap_2"]);
      expect(await edgeTexts(store, { captureId: "cap_1", direction: "up" })).toEqual([]);
    });
  });

  describe("listing captures", () => {
    test("newest first, by any of their facts", async ({ store, clock }) => {
      for (const given of [
        { captureId: "cap_1", partition: "2025-W49", runId: "run_1" },
        { captureId: "cap_2", domain: "trades" },
        { captureId: "cap_3", stage: "NORMALIZE", tier: "SILVER" },
        { captureId: "cap_4", partition: "2025-W49", stage: "NORMALIZE" },
      ]) {
        await capture(store, given);
        await clock.advance(1);
      }
      await expectOk(store.captures.start(buildCapture({ captureId: "cap_5", asOf: begun })));
      const ids = async (filter: Parameters<typeof store.captures.list>[0]): Promise<readonly string[]> =>
        (await expectOk(store.captures.list(filter))).map(({ captureId }) => captureId);

      expect(await ids({})).toEqual(["cap_5", "cap_4", "cap_3", "cap_2", "cap_1"]);
      expect(await ids({ limit: 2 })).toEqual(["cap_5", "cap_4"]);
      expect(await ids({ domain: "trades" })).toEqual(["cap_2"]);
      expect(await ids({ partition: "2025-W49" })).toEqual(["cap_4", "cap_1"]);
      expect(await ids({ stage: "NORMALIZE" })).toEqual(["cap_4", "cap_3"]);
      expect(await ids({ tier: "SILVER" })).toEqual(["cap_3"]);
      expect(await ids({ status: "RUNNING" })).toEqual(["cap_5"]);
      expect(await ids({ runId: "run_1" })).toEqual(["cap_1"]);
      expect(await ids({ partition: "2025-W49", stage: "INGEST" })).toEqual(["cap_1"]);
    });

    test("page by page, also of captures that were started in one instant", async ({ store, clock }) => {
      for (const captureId of ["cap_1", "cap_2", "cap_3"]) await capture(store, { captureId });
      await clock.advance(1);
      await capture(store, { captureId: "cap_0" });
      const page = async (before?: string): Promise<readonly string[]> =>
        (await expectOk(store.captures.list({ before, limit: 2 }))).map(({ captureId }) => captureId);
      expect(await page()).toEqual(["cap_0", "cap_3"]);
      expect(await page("cap_3")).toEqual(["cap_2", "cap_1"]);
      expect(await page("cap_1")).toEqual([]);
      expect(await page("cap_x")).toEqual([]);
    });

    test("by what their gates said, and whether readers see them", async ({ store }) => {
      await capture(store, { captureId: "cap_1" });
      await capture(store, { captureId: "cap_2", gate: "WARN" });
      await capture(store, { captureId: "cap_3", gate: "BLOCK" });
      await capture(store, { captureId: "cap_4", asOf: begun });
      const ids = async (filter: Parameters<typeof store.captures.list>[0]): Promise<readonly string[]> =>
        (await expectOk(store.captures.list(filter))).map(({ captureId }) => captureId);
      expect(await ids({ gate: "BLOCK" })).toEqual(["cap_3"]);
      expect(await ids({ available: true })).toEqual(["cap_2", "cap_1"]);
      expect(await ids({ available: false })).toEqual(["cap_4", "cap_3"]);
      expect(await ids({ stale: false })).toHaveLength(4);
    });
  });

  describe("many captures by their ids", () => {
    test("are those that are there, each once, of more ids than a statement can take", async ({ store }) => {
      await capture(store, { captureId: "cap_1" });
      await capture(store, { captureId: "cap_2" });
      const absent = Array.from({ length: 5000 }, (_, index) => `absent_${index}`);
      const found = await expectOk(store.captures.many({ captureIds: ["cap_2", ...absent, "cap_1", "cap_2"] }));
      expect(found.map(({ captureId }) => captureId).toSorted()).toEqual(["cap_1", "cap_2"]);
      expect(await expectOk(store.captures.many({ captureIds: [] }))).toEqual([]);
    });
  });
}
