import { type CaptureClock, type Instant, nowOf, type StartCapture, type Store } from "@spine/core";
import { type AsOfFilter, currentView, kyselyOf, resolvedCaptures, rowsAsOf } from "@spine/sql";
import { expectErr, expectOk } from "@spine/testkit";
import * as fc from "fast-check";
import type { Kysely } from "kysely";
import { describe, expect, test } from "vitest";
import { begin, engines, load, type Tables } from "./engines.ts";

const dayMs = 86_400_000;
const ingest = { domain: "prices", stage: "INGEST" };

function day(text: string): Instant {
  return `2025-12-${text}T00:00:00.000Z` as Instant;
}

/** What a reader finds, as `symbol price`. */
async function found(db: Kysely<Tables>, filter: Partial<AsOfFilter> = {}): Promise<readonly string[]> {
  const rows = await rowsAsOf(db, "prices", { ...ingest, ...filter })
    .select(["symbol", "price"])
    .orderBy("symbol")
    .execute();
  return rows.map(({ symbol, price }) => `${symbol} ${price}`);
}

async function viewed(db: Kysely<Tables>): Promise<readonly string[]> {
  const rows = await db.selectFrom("prices_current").select(["symbol", "price"]).orderBy("symbol").execute();
  return rows.map(({ symbol, price }) => `${symbol} ${price}`);
}

describe.each(engines)("rows of a data table on %s", (_, open) => {
  test("are those of one capture, whole: what the newer one lacks is absent", async () => {
    const { store, clock, db } = await open();
    await load(store, { captureId: "cap_1", rows: { A: 1, B: 2 } });
    await clock.advance(dayMs);
    await load(store, { captureId: "cap_2", rows: { B: 3 } });
    await clock.advance(dayMs);
    await load(store, { captureId: "cap_3", rows: {} });
    expect(await found(db, { asOf: day("19") })).toEqual([]);
    expect(await found(db, { asOf: day("20") })).toEqual(["A 1", "B 2"]);
    expect(await found(db, { asOf: day("21") })).toEqual(["B 3"]);
    expect(await found(db)).toEqual([]);
    expect(await viewed(db)).toEqual([]);
  });

  test("are found by the clock that is asked for", async () => {
    const { store, clock, db } = await open();
    await load(store, { captureId: "cap_1", publishedAt: day("18"), rows: { A: 1 } });
    await clock.advance(dayMs);
    await load(store, { captureId: "cap_2", publishedAt: day("17"), rows: { A: 2 } });
    await clock.advance(dayMs);
    await load(store, { captureId: "cap_3", rows: { A: 3 } });
    const by = (name: CaptureClock, asOf?: Instant) => found(db, { clock: name, asOf });
    expect(await by("published", day("17"))).toEqual(["A 2"]);
    expect(await by("published", day("30"))).toEqual(["A 1"]);
    expect(await by("published")).toEqual(["A 1"]);
    expect(await by("captured", day("21"))).toEqual(["A 2"]);
    expect(await by("available", day("21"))).toEqual(["A 2"]);
    expect(await by("captured")).toEqual(["A 3"]);
  });

  test("are not there of what runs, failed, was found unchanged or is held back, until it is released", async () => {
    const { store, clock, db } = await open();
    await load(store, { captureId: "cap_1", contentHash: "a", rows: { A: 1 } });
    await clock.advance(dayMs);
    await begin(store, { captureId: "cap_2", rows: { A: 2 } });
    expect(await found(db)).toEqual(["A 1"]);
    await expectOk(store.captures.fail({ captureId: "cap_2", error: "no" }));
    await load(store, { captureId: "cap_3", contentHash: "a", rows: { A: 3 } });
    await load(store, { captureId: "cap_4", contentHash: "b", gate: "BLOCK", rows: { A: 4 } });
    for (const clockName of ["available", "captured", "published"] as const)
      expect(await found(db, { clock: clockName })).toEqual(["A 1"]);
    expect(await viewed(db)).toEqual(["A 1"]);
    await expectOk(store.captures.release({ captureId: "cap_4", by: "ann", why: "it is right" }));
    expect([await found(db), await viewed(db)]).toEqual([["A 4"], ["A 4"]]);
    expect(await found(db, { asOf: day("20") })).toEqual(["A 1"]);
  });

  test("of a run with a view of the past come first for that run and its child runs, and for nobody else", async () => {
    const { store, clock, db } = await open();
    await load(store, { captureId: "cap_1", rows: { A: 1 } });
    await load(store, { captureId: "cap_2", partition: "2025-12-18", rows: { Z: 9 } });
    await clock.advance(dayMs);
    await load(store, { captureId: "cap_3", asOf: day("20"), runId: "run_1:child", rows: { A: 2 } });
    expect(await found(db, { asOf: day("20"), runId: "run_1" })).toEqual(["A 2", "Z 9"]);
    for (const runId of [undefined, "run", "run_", "run_1:child:x", "RUN_1"])
      expect(await found(db, { asOf: day("20"), runId })).toEqual(["A 1", "Z 9"]);
    expect(await viewed(db)).toEqual(["A 1", "Z 9"]);
  });

  test("of history are found where it belongs, whenever it was loaded", async () => {
    const { store, clock, db } = await open();
    await load(store, { captureId: "cap_3", rows: { A: 3 } });
    await clock.advance(dayMs);
    for (const [captureId, at, price] of [
      ["cap_2", "10", 2],
      ["cap_1", "05", 1],
    ] as const)
      await load(store, { captureId, importedAt: day(at), publishedAt: day(at), rows: { A: price } });
    expect(await found(db)).toEqual(["A 3"]);
    expect(await found(db, { asOf: day("19") })).toEqual(["A 2"]);
    expect(await found(db, { asOf: day("09") })).toEqual(["A 1"]);
    expect(await found(db, { asOf: day("04") })).toEqual([]);
  });

  test("can be those of some partitions, of more than a statement has parameters, and of a tier", async () => {
    const { store, clock, db } = await open();
    await load(store, { captureId: "cap_1", partition: "p1", rows: { A: 1 } });
    await load(store, { captureId: "cap_2", partition: "p2", rows: { B: 2 } });
    await clock.advance(1);
    await load(store, { captureId: "cap_3", partition: "p2", tier: "SILVER", rows: { C: 3 } });
    const absent = Array.from({ length: 70_000 }, (_absent, index) => `absent's ${index}`);
    expect(await found(db, { partitions: ["p1"] })).toEqual(["A 1"]);
    expect(await found(db, { partitions: [...absent, "p2"] })).toEqual(["C 3"]);
    expect(await found(db, { partitions: [] })).toEqual([]);
    expect(await found(db)).toEqual(["A 1", "C 3"]);
    expect(await found(db, { tier: "BRONZE" })).toEqual(["A 1", "B 2"]);
    expect(await viewed(db)).toEqual(["A 1", "B 2", "C 3"]);
    const silver = await currentView(db, "prices", { ...ingest, tier: "SILVER" })
      .select("symbol")
      .execute();
    expect(silver).toEqual([{ symbol: "C" }]);
  });

  test("are none of another domain or stage", async () => {
    const { store, db } = await open();
    await load(store, { captureId: "cap_1", domain: "trades", rows: { A: 1 } });
    await load(store, { captureId: "cap_2", stage: "NORMALIZE", rows: { B: 1 } });
    expect(await found(db)).toEqual([]);
  });

  test("can be joined, counted and read inside a transaction", async () => {
    const { store } = await open();
    await load(store, { captureId: "cap_1", rows: { A: 1, B: 2 } });
    const counted = await expectOk(
      store.transaction(async (tx) => {
        await begin(tx, { captureId: "cap_2", stage: "NORMALIZE", rows: { A: 7 } });
        return rowsAsOf(kyselyOf<Tables>(tx), "prices", ingest)
          .innerJoin("prices as other", "other.symbol", "prices.symbol")
          .where("other.capture_id", "=", "cap_2")
          .select(["prices.symbol", "prices.price"])
          .execute();
      }),
    );
    expect(counted).toEqual([{ symbol: "A", price: 1 }]);
  });

  test("that retention has removed, even in part, are refused as a whole", async () => {
    const { store, clock, db } = await open();
    await load(store, { captureId: "cap_1", rows: { A: 1, B: 2 } });
    await load(store, { captureId: "cap_9", partition: "2025-12-18", rows: { Z: 9 } });
    await clock.advance(dayMs);
    await load(store, { captureId: "cap_2", rows: { A: 3 } });
    const then = { ...ingest, asOf: day("20") };
    const ids = async (filter: AsOfFilter) =>
      (await expectOk(resolvedCaptures(store.sql, filter))).map(({ captureId }) => captureId);
    expect(await ids(then)).toEqual(["cap_9", "cap_1"]);
    await expectOk(store.payloads.remove({ captureId: "cap_1", limit: 1 }));
    const error = await expectErr(resolvedCaptures(store.sql, then), "CAPTURE_PAYLOAD_GONE");
    expect(error.context).toEqual({ captureId: "cap_1", removedAt: day("21") });
    expect(await ids({ ...then, partitions: ["2025-12-18"] })).toEqual(["cap_9"]);
    expect(await ids(ingest)).toEqual(["cap_9", "cap_2"]);
    expect(await found(db)).toEqual(["A 3", "Z 9"]);
  });
});

const partitions = ["p1", "p2"];
const tiers = ["BRONZE", "SILVER"];
const instants = ["01", "02", "03", "04", "05"].map(day);
const clocks: readonly CaptureClock[] = ["available", "captured", "published"];
const optionally = <T>(values: readonly T[]) => fc.option(fc.constantFrom(...values), { nil: undefined });

/** A capture of any kind that can be in a ledger; what is impossible of it is dropped when it is made. */
const steps = fc.array(
  fc.record({
    partition: fc.constantFrom(...partitions),
    tier: fc.constantFrom(...tiers),
    contentHash: optionally(["a", "b"]),
    publishedAt: optionally(instants),
    importedAt: optionally(instants),
    asOf: optionally(instants),
    runId: optionally(["run_1", "run_1:child", "run_2"]),
    end: fc.constantFrom("complete", "complete", "complete", "fail", "none", "BLOCK", "QUARANTINE"),
    daysLater: fc.nat({ max: 2 }),
  }),
  { maxLength: 8 },
);
type Step = typeof steps extends fc.Arbitrary<readonly (infer T)[]> ? T : never;

const filters = fc.record({
  asOf: optionally(instants),
  clock: fc.constantFrom(...clocks),
  tier: optionally(tiers),
  runId: optionally(["run_1", "run_2"]),
});

async function make(
  store: Store,
  { captureId, domain, now }: { readonly captureId: string; readonly domain: string; readonly now: Instant },
  { end, ...step }: Step,
): Promise<void> {
  const isImport = step.importedAt !== undefined && step.publishedAt !== undefined && step.importedAt <= now;
  const { partition, tier, contentHash, publishedAt, asOf, runId } = step;
  const given: Partial<StartCapture> = {
    captureId,
    domain,
    partition,
    tier,
    contentHash,
    publishedAt,
    asOf,
    runId,
    importedAt: isImport && asOf === undefined ? step.importedAt : undefined,
    // One that is left RUNNING would hold the slot.
    stage: end === "none" ? `LEFT_${captureId}` : "INGEST",
  };
  const rows = { [captureId]: 1 };
  if (end === "complete") await load(store, { ...given, rows });
  else if (end === "BLOCK" || end === "QUARANTINE") await load(store, { ...given, rows, gate: end });
  else {
    await begin(store, { ...given, rows });
    if (end === "fail") await expectOk(store.captures.fail({ captureId, error: "no" }));
  }
}

describe.each(engines)("the readers of data tables on %s", (_, open) => {
  test("agree with the ledger about any history, at any instant, by any clock", async () => {
    const { store, clock, db } = await open();
    let round = 0;
    await fc.assert(
      fc.asyncProperty(steps, fc.array(filters, { minLength: 1, maxLength: 6 }), async (given, asked) => {
        round += 1;
        const domain = `round-${round}`;
        clock.set("2025-12-02T00:00:00Z");
        for (const [index, step] of given.entries()) {
          clock.set(clock.nowMs() + step.daysLater * dayMs);
          await make(store, { captureId: `${round}-${index}`, domain, now: nowOf(clock) }, step);
        }
        for (const filter of asked) {
          const slots = partitions.map((partition) => ({ domain, partition, stage: "INGEST", ...filter }));
          const resolved = await Promise.all(slots.map((slot) => expectOk(store.captures.resolve(slot))));
          const ids = resolved.flatMap((capture) => (capture === undefined ? [] : [capture.captureId]));
          const captures = await expectOk(resolvedCaptures(store.sql, { domain, stage: "INGEST", ...filter }));
          expect(captures.map(({ captureId }) => captureId)).toEqual(ids);
          const rows = await rowsAsOf(db, "prices", { domain, stage: "INGEST", ...filter })
            .select("symbol")
            .execute();
          expect(rows.map(({ symbol }) => symbol).toSorted()).toEqual(ids.toSorted());
        }
        const heads = await expectOk(store.captures.heads({ domain, stage: "INGEST" }));
        const present = heads.flatMap(({ current }) => (current === undefined ? [] : [current.captureId]));
        const shown = await db
          .selectFrom("prices_current")
          .select("symbol")
          .where("capture_id", "like", `${round}-%`)
          .execute();
        expect(shown.map(({ symbol }) => symbol).toSorted()).toEqual(present.toSorted());
      }),
      { numRuns: 25 },
    );
  });
});
