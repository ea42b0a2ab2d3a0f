import { sqlite } from "@spine/adapters-sqlite";
import { applyRetention, defineRetention, planRetention, type Store, sweepCaptures } from "@spine/core";
import { buildCapture, buildSlot, expectOk, type FakeClock, fakeClock } from "@spine/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { openStore } from "./open.ts";

const slot = buildSlot();
const retention = defineRetention({ domain: "prices", keepVersions: 1 });
let clock: FakeClock;
let store: Store;

beforeEach(async () => {
  clock = fakeClock("2025-12-20T00:00:00Z");
  store = await openStore(sqlite(":memory:"), { clock });
  for (const table of ["prices", "notes"])
    await expectOk(
      store.sql.execute(`create table ${table} (capture_id text, line integer, primary key (capture_id, line))`),
    );
});

/** A capture with rows in two tables, left RUNNING unless it has an end. */
async function write(captureId: string, end: "complete" | "fail" | "none" = "complete"): Promise<void> {
  await clock.advance(1000);
  await expectOk(store.captures.start(buildCapture({ captureId })));
  const rows = Array.from({ length: 5 }, (_, line) => ({ line }));
  for (const table of ["prices", "notes"]) await expectOk(store.payloads.write({ captureId, table, rows }));
  if (end === "complete") await expectOk(store.captures.complete({ captureId, rowCount: 10, contentHash: captureId }));
  if (end === "fail") await expectOk(store.captures.fail({ captureId, error: "out of memory" }));
}

async function rowsOf(captureId: string): Promise<number> {
  const count =
    "select (select count(*) from prices where capture_id = ?) + (select count(*) from notes where capture_id = ?) as n";
  const { rows } = await expectOk(store.sql.execute<{ readonly n: number }>(count, [captureId, captureId]));
  return rows[0]?.n ?? -1;
}

describe("retention of captures on SQLite", () => {
  test("says what would go, removes that in batches, and keeps the ledger", async () => {
    for (const captureId of ["cap_1", "cap_2", "cap_3"]) await write(captureId);
    await write("cap_4", "none");
    const plan = await expectOk(planRetention(retention, { store, clock }));
    expect(plan.captures.map(({ capture, because, tables }) => [capture.captureId, because, tables])).toEqual([
      ["cap_1", "superseded", ["notes", "prices"]],
      ["cap_2", "superseded", ["notes", "prices"]],
    ]);
    expect(await rowsOf("cap_1")).toBe(10);
    expect(await expectOk(applyRetention(plan, { store, batchRows: 3 }))).toEqual({
      captures: 2,
      rows: 20,
      skipped: [],
    });
    expect(await Promise.all(["cap_1", "cap_2", "cap_3", "cap_4"].map(rowsOf))).toEqual([0, 0, 10, 10]);
    const gone = await expectOk(store.captures.get({ captureId: "cap_1" }));
    expect(gone).toMatchObject({
      status: "COMPLETE",
      contentHash: "cap_1",
      payloadRemovedAt: "2025-12-20T00:00:04.000Z",
    });
    expect((await expectOk(planRetention(retention, { store, clock }))).captures).toEqual([]);
  });

  test("stops between two batches, and the next plan goes on", async () => {
    for (const captureId of ["cap_1", "cap_2"]) await write(captureId);
    const plan = await expectOk(planRetention(retention, { store, clock }));
    const stop = new AbortController();
    let batches = 0;
    const payloads: Store["payloads"] = {
      ...store.payloads,
      remove(payload) {
        batches += 1;
        if (batches === 2) stop.abort();
        return store.payloads.remove(payload);
      },
    };
    const stopped = await expectOk(applyRetention(plan, { store: { payloads }, batchRows: 3, signal: stop.signal }));
    expect(stopped).toEqual({ captures: 0, rows: 6, skipped: [] });
    const next = await expectOk(planRetention(retention, { store, clock }));
    expect(await expectOk(applyRetention(next, { store }))).toEqual({ captures: 1, rows: 4, skipped: [] });
  });

  test("passes over what is in use after all", async () => {
    await write("cap_1");
    const current = await expectOk(store.captures.resolve(slot));
    const captures =
      current === undefined ? [] : [{ capture: current, because: "superseded" as const, tables: ["prices"] }];
    const outcome = await expectOk(
      applyRetention({ retention, captures, at: current?.startedAt ?? ("" as never) }, { store }),
    );
    expect(outcome).toMatchObject({ captures: 0, rows: 0, skipped: [{ captureId: "cap_1" }] });
    expect(await rowsOf("cap_1")).toBe(10);
  });
});

describe("a sweep on SQLite", () => {
  test("removes what failed captures left, and nothing else", async () => {
    await write("cap_1");
    for (const captureId of ["cap_2", "cap_3"]) await write(captureId, "fail");
    await write("cap_4", "none");
    expect(await expectOk(sweepCaptures(store, { batchRows: 4 }))).toEqual({ captures: 2, rows: 20 });
    expect(await Promise.all(["cap_1", "cap_2", "cap_3", "cap_4"].map(rowsOf))).toEqual([10, 0, 0, 10]);
    expect(await expectOk(sweepCaptures(store))).toEqual({ captures: 0, rows: 0 });
  });

  test("goes through more captures than one page", async () => {
    for (let index = 0; index < 120; index += 1) await write(`cap_${String(index).padStart(3, "0")}`, "fail");
    expect(await expectOk(sweepCaptures(store))).toEqual({ captures: 120, rows: 1200 });
  });
});
