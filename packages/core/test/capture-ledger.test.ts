import {
  type CaptureLedger,
  createCaptureLedger,
  memory,
  okAsync,
  type RecordStart,
  type SpineError,
  type Store,
  ValidationError,
} from "@spine/core";
import {
  buildSlot,
  countingIds,
  expectErr,
  expectOk,
  type FakeClock,
  fakeClock,
  silentEnvironment,
} from "@spine/testkit";
import { beforeEach, describe, expect, test } from "vitest";

let clock: FakeClock;
let store: Store;
let ledger: CaptureLedger;
const slot = buildSlot();

beforeEach(async () => {
  clock = fakeClock("2025-12-20T00:00:00Z");
  store = await expectOk(memory().open(silentEnvironment(clock)));
  ledger = createCaptureLedger({ store, ids: countingIds() });
});

/** A capture from start to end, a second after what came before. */
async function capture(given: Partial<RecordStart> = {}): Promise<string> {
  await clock.advance(1000);
  const { captureId } = await expectOk(ledger.recordStart({ ...slot, ...given }));
  await expectOk(ledger.recordComplete(captureId, 3));
  return captureId;
}

describe("the ledger, as seed 001 has it,", () => {
  test("knows what is complete", async () => {
    const check = (): Promise<boolean> => expectOk(ledger.checkComplete("prices", slot.partition, "INGEST", "BRONZE"));
    expect(await check()).toBe(false);
    const { captureId } = await expectOk(ledger.recordStart(slot));
    expect(await check()).toBe(false);
    const { capture: done } = await expectOk(ledger.recordComplete(captureId, 3));
    expect(done).toMatchObject({ status: "COMPLETE", rowCount: 3, reason: "first" });
    expect(await check()).toBe(true);
    expect(await expectOk(ledger.checkComplete("prices", slot.partition, "INGEST", "GOLD"))).toBe(false);
  });

  test("keeps why a capture failed, and lets the next one start", async () => {
    const { captureId } = await expectOk(ledger.recordStart(slot));
    await expectErr(ledger.recordStart(slot), "CAPTURE_HELD");
    await expectOk(ledger.recordFailed(captureId, "the vendor answered 503"));
    expect(await expectOk(ledger.get(captureId))).toMatchObject({ status: "FAILED", error: "the vendor answered 503" });
    await expectOk(ledger.recordStart(slot));
  });
});

describe("the ledger", () => {
  test("resolves by instant and clock", async () => {
    const first = await capture({ contentHash: "a", publishedAt: "2025-12-19T20:00:00Z" });
    const second = await capture({ contentHash: "b", publishedAt: "2025-12-19T18:00:00Z" });
    const at = async (
      asOf: string | undefined,
      by: "available" | "published" = "available",
    ): Promise<string | undefined> => (await expectOk(ledger.resolve({ ...slot, asOf, clock: by })))?.captureId;
    expect(await at(undefined)).toBe(second);
    expect(await at("2025-12-20T01:00:01+01:00")).toBe(first);
    expect(await at("2025-12-19T23:00:00Z")).toBeUndefined();
    expect(await at("2025-12-21T00:00:00Z", "published")).toBe(first);
    await expectErr(ledger.resolve({ ...slot, asOf: "2025-12-20" }), "INSTANT_INVALID");
  });

  test("loads history with its own clocks", async () => {
    const old = await capture({ contentHash: "a", imported: true, publishedAt: "2025-01-05T12:00:00Z" });
    expect(await expectOk(ledger.get(old))).toMatchObject({
      imported: true,
      availableAt: "2025-01-05T12:00:00.000Z",
      reason: "imported",
    });
    await expectErr(ledger.recordStart({ ...slot, imported: true }), "CAPTURE_IMPORT_INVALID");
    await expectErr(
      ledger.recordStart({ ...slot, imported: { availableAt: "yesterday" }, publishedAt: 0 }),
      "INSTANT_INVALID",
    );
  });

  test("follows provenance to its ends", async () => {
    const raw = await capture({ contentHash: "a" });
    const norm = await capture({ stage: "NORMALIZE", inputs: [raw] });
    const score = await capture({ stage: "SCORE", tier: "GOLD", inputs: [norm, raw] });
    const up = await expectOk(ledger.upstreamOf(score));
    expect(up.root.captureId).toBe(score);
    expect(up.nodes.map(({ captureId, depth, capture: { stage } }) => [captureId, depth, stage])).toEqual([
      [raw, 1, "INGEST"],
      [norm, 1, "NORMALIZE"],
    ]);
    const down = await expectOk(ledger.downstreamOf(raw));
    expect(down.nodes.map(({ captureId }) => captureId)).toEqual([norm, score]);
    expect(down.edges).toHaveLength(3);
    await expectErr(ledger.downstreamOf("cap_none"), "CAPTURE_NOT_FOUND");
    await expectErr(ledger.get("cap_none"), "CAPTURE_NOT_FOUND");
  });

  test("makes a capture that a gate held back available, once", async () => {
    const { captureId } = await expectOk(ledger.recordStart(slot));
    await expectOk(ledger.recordComplete(captureId, { rowCount: 3, gate: "QUARANTINE" }));
    expect(await expectOk(ledger.resolve(slot))).toBeUndefined();
    await expectOk(ledger.release(captureId, { by: "ana", why: "checked by hand" }));
    expect(await expectOk(ledger.resolve(slot))).toMatchObject({ captureId, gate: "PASS" });
    await expectErr(ledger.release(captureId, { by: "ana", why: "again" }), "CAPTURE_NOT_HELD_BACK");
  });

  test("lists newest first, and keeps that content was looked at", async () => {
    const first = await capture({ contentHash: "a" });
    const second = await capture({ contentHash: "b" });
    expect((await expectOk(ledger.list())).map(({ captureId }) => captureId)).toEqual([second, first]);
    expect(await expectOk(ledger.list({ stage: "SCORE" }))).toEqual([]);
    expect((await expectOk(ledger.note({ captureId: second }))).captureId).toBe(second);
  });

  test("takes part in a transaction: what it wrote goes with the rest", async () => {
    const { captureId } = await expectOk(ledger.recordStart(slot));
    const undone = store.transaction(async (tx) => {
      await expectOk(ledger.within(tx).recordComplete(captureId, 3));
      throw new ValidationError("no");
    });
    await expectErr(undone, "VALIDATION_FAILED");
    expect((await expectOk(ledger.get(captureId))).status).toBe("RUNNING");
    await expectOk(store.transaction(async (tx) => expectOk(ledger.within(tx).recordComplete(captureId, 3))));
    expect((await expectOk(ledger.get(captureId))).status).toBe("COMPLETE");
  });

  test("makes its process known before it holds anything", async () => {
    const known: string[] = [];
    const owned = createCaptureLedger({
      store,
      ids: countingIds(),
      owner: {
        id: "owner-a",
        ensure() {
          known.push("owner-a");
          return okAsync<void, SpineError>(undefined);
        },
      },
    });
    expect(await expectOk(owned.recordStart(slot))).toMatchObject({
      owner: "owner-a",
      leaseUntil: "2025-12-20T00:01:00.000Z",
    });
    expect(known).toEqual(["owner-a"]);
  });
});

describe("stages of a partition", () => {
  const stages = ["INGESTED", "NORMALIZED", { stage: "SCORED", tier: "GOLD" }] as const;
  const day = "2025-12-19";

  test("are reached in any order; the highest counts, not the last", async () => {
    const view = ledger.stages({ domain: "prices", stages });
    expect(await expectOk(view.latestStage(day))).toBeUndefined();
    expect(await expectOk(view.isBefore(day, "INGESTED"))).toBe(true);
    await expectOk(view.advanceTo(day, "SCORED", { rowCount: 5, metrics: { hhi: 0.2 } }));
    await expectOk(view.advanceTo(day, "INGESTED"));
    expect(await expectOk(view.latestStage(day))).toMatchObject({
      stage: "SCORED",
      rank: 2,
      capture: { rowCount: 5, metrics: { hhi: 0.2 }, tier: "GOLD" },
    });
    expect((await expectOk(view.list(day))).map(({ stage }) => stage)).toEqual(["INGESTED", "SCORED"]);
    expect(await expectOk(view.has(day, "NORMALIZED"))).toBe(false);
    expect(await expectOk(view.isAtLeast(day, "NORMALIZED"))).toBe(true);
    expect(await expectOk(view.isBefore(day, "NORMALIZED"))).toBe(false);
    expect(await expectOk(view.latestStage("2025-12-18"))).toBeUndefined();
  });

  test("are captures like any other: content that is there makes none", async () => {
    const view = ledger.stages({ domain: "prices", stages });
    const first = await expectOk(view.advanceTo(day, "INGESTED", { contentHash: "a" }));
    const again = await expectOk(view.advanceTo(day, "INGESTED", { contentHash: "a" }));
    expect(again.capture.captureId).toBe(first.capture.captureId);
    const derived = await expectOk(
      view.advanceTo(day, "NORMALIZED", { contentHash: "n", inputs: [first.capture.captureId] }),
    );
    await clock.advance(1000);
    await expectOk(view.advanceTo(day, "INGESTED", { contentHash: "b" }));
    expect((await expectOk(ledger.get(derived.capture.captureId))).staleAt).toBe("2025-12-20T00:00:01.000Z");
  });

  test("are refused when nobody declared them, and passed over when nobody does any more", async () => {
    const before = ledger.stages({ domain: "prices", stages });
    await expectOk(before.advanceTo(day, "NORMALIZED"));
    const after = ledger.stages({ domain: "prices", stages: ["INGESTED", "SCORED"] });
    expect(await expectOk(after.latestStage(day))).toBeUndefined();
    expect(await expectOk(after.list(day))).toEqual([]);
    const outcomes = await Promise.all([
      after.advanceTo(day, "NORMALIZED"),
      after.has(day, "NORMALIZED"),
      after.isAtLeast(day, "NORMALIZED"),
      after.isBefore(day, "NORMALIZED"),
    ]);
    for (const outcome of outcomes) {
      const error = outcome._unsafeUnwrapErr();
      expect(error.code).toBe("STAGE_UNKNOWN");
      expect(error.message).toContain("Its stages are INGESTED, SCORED.");
    }
  });

  test("tell when they are reached, after it is written", async () => {
    const told: string[] = [];
    const view = ledger.stages({
      domain: "prices",
      stages,
      async onAdvance({ partition, stage, rank }) {
        told.push(
          `${partition} ${stage} ${rank} ${String(await expectOk(ledger.checkComplete("prices", partition, stage, "BRONZE")))}`,
        );
        if (stage === "NORMALIZED") throw new ValidationError("the board is down");
      },
    });
    await expectOk(view.advanceTo(day, "INGESTED"));
    await expectErr(view.advanceTo(day, "NORMALIZED"), "VALIDATION_FAILED");
    expect(told).toEqual([`${day} INGESTED 0 true`, `${day} NORMALIZED 1 true`]);
    expect(await expectOk(view.has(day, "NORMALIZED"))).toBe(true);
  });

  test("leave nothing running when they cannot be recorded", async () => {
    const view = ledger.stages({ domain: "prices", stages });
    await expectErr(view.advanceTo(day, "INGESTED", { publishedAt: "yesterday" }), "INSTANT_INVALID");
    await expectOk(view.advanceTo(day, "INGESTED"));
  });

  test("are named once each", () => {
    expect(() => ledger.stages({ domain: "prices", stages: ["A", "A"] })).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID" }),
    );
    expect(() => ledger.stages({ domain: "prices", stages: [] })).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID" }),
    );
  });
});
