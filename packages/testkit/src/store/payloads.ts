import { type Store, ValidationError } from "@spine/core";
import { describe, expect } from "vitest";
import { buildCapture } from "../builders.ts";
import { expectErr, expectOk } from "../expect-result.ts";
import { capture, captureOf, day, dayMs } from "./capturing.ts";
import type { StoreTest } from "./store-test.ts";

async function createTables(store: Store): Promise<void> {
  for (const table of ["suite_rows", "suite_sums"]) {
    await expectOk(
      store.sql.execute(`create table ${table} (capture_id text, symbol text, primary key (capture_id, symbol))`),
    );
  }
}

const named = (...names: readonly string[]) => names.map((symbol) => ({ symbol }));

async function symbolsOf(store: Store, captureId: string, table = "suite_rows"): Promise<readonly unknown[]> {
  const { rows } = await expectOk(
    store.sql.execute(`select symbol from ${table} where capture_id = ? order by symbol`, [captureId]),
  );
  return rows.map(({ symbol }) => symbol);
}

/** A RUNNING capture with rows A, B, C. */
async function startWithRows(store: Store, captureId: string): Promise<void> {
  await expectOk(store.captures.start(buildCapture({ captureId })));
  await expectOk(store.payloads.write({ captureId, table: "suite_rows", rows: named("A", "B", "C") }));
}

export function describePayloads(test: StoreTest): void {
  describe("rows of a capture", () => {
    test("are written under its id, batch by batch, into any tables", async ({ store }) => {
      await createTables(store);
      await startWithRows(store, "cap_1");
      const write = (table: string, ...names: readonly string[]) =>
        expectOk(store.payloads.write({ captureId: "cap_1", table, rows: named(...names) }));
      expect(await write("suite_rows", "D", "E")).toBe(2);
      expect(await write("suite_sums", "A")).toBe(1);
      expect(await write("suite_rows")).toBe(0);
      expect(await symbolsOf(store, "cap_1")).toEqual(["A", "B", "C", "D", "E"]);
      expect(await expectOk(store.payloads.tables({ captureId: "cap_1" }))).toEqual(["suite_rows", "suite_sums"]);
      expect(await expectOk(store.payloads.tables({ captureId: "cap_x" }))).toEqual([]);
    });

    test("are all of a batch or none", async ({ store }) => {
      await createTables(store);
      await expectOk(store.captures.start(buildCapture({ captureId: "cap_1" })));
      const write = store.payloads.write({ captureId: "cap_1", table: "suite_rows", rows: named("A", "B", "A") });
      await expectErr(write, "INTEGRITY_VIOLATED");
      expect(await symbolsOf(store, "cap_1")).toEqual([]);
      expect(await expectOk(store.payloads.tables({ captureId: "cap_1" }))).toEqual([]);
    });

    test("are refused once it has ended, or was never begun", async ({ store }) => {
      await createTables(store);
      const write = (captureId: string) =>
        store.payloads.write({ captureId, table: "suite_rows", rows: named("late") });
      await capture(store, { captureId: "cap_1" });
      await expectErr(write("cap_1"), "CAPTURE_NOT_RUNNING");
      await startWithRows(store, "cap_2");
      await expectOk(store.captures.fail({ captureId: "cap_2", error: "no" }));
      await expectErr(write("cap_2"), "CAPTURE_NOT_RUNNING");
      await expectErr(write("cap_x"), "CAPTURE_NOT_FOUND");
      expect(await symbolsOf(store, "cap_2")).toEqual(["A", "B", "C"]);
    });

    test("join a transaction and go down with it", async ({ store }) => {
      await createTables(store);
      await expectOk(store.captures.start(buildCapture({ captureId: "cap_1" })));
      const write = { captureId: "cap_1", table: "suite_rows", rows: named("A") };
      const undone = store.transaction(async (tx) => {
        await expectOk(tx.payloads.write(write));
        throw new ValidationError("undone");
      });
      await expectErr(undone, "VALIDATION_FAILED");
      expect(await expectOk(store.payloads.tables({ captureId: "cap_1" }))).toEqual([]);
      await expectOk(
        store.transaction(async (tx) => {
          expect(await expectOk(tx.payloads.write(write))).toBe(1);
          await expectOk(tx.captures.complete({ captureId: "cap_1", rowCount: 1 }));
        }),
      );
      expect(await symbolsOf(store, "cap_1")).toEqual(["A"]);
    });
  });

  describe("leftovers", () => {
    test("are captures that ended for nothing and still have rows, oldest first", async ({ store, clock }) => {
      await createTables(store);
      await startWithRows(store, "cap_2");
      await expectOk(store.captures.fail({ captureId: "cap_2", error: "no" }));
      await clock.advance(1);
      await capture(store, { captureId: "cap_0", contentHash: "a" });
      await startWithRows(store, "cap_1");
      await expectOk(store.captures.complete({ captureId: "cap_1", rowCount: 3, contentHash: "a" }));
      await expectOk(store.captures.start(buildCapture({ captureId: "cap_3" })));
      await expectOk(store.captures.fail({ captureId: "cap_3", error: "no rows" }));
      await startWithRows(store, "cap_4");
      expect(await expectOk(store.payloads.leftovers({ limit: 10 }))).toEqual(["cap_2", "cap_1"]);
      expect(await expectOk(store.payloads.leftovers({ limit: 1 }))).toEqual(["cap_2"]);
      await expectOk(store.payloads.remove({ captureId: "cap_2", limit: 10 }));
      expect(await expectOk(store.payloads.leftovers({ limit: 10 }))).toEqual(["cap_1"]);
    });
  });

  describe("removing rows", () => {
    test("goes in steps; the capture says so when none are left", async ({ store, clock }) => {
      await createTables(store);
      await startWithRows(store, "cap_1");
      await expectOk(store.payloads.write({ captureId: "cap_1", table: "suite_sums", rows: named("X", "Y") }));
      await expectOk(store.captures.fail({ captureId: "cap_1", error: "no" }));
      await startWithRows(store, "cap_2");
      const remove = (limit: number) => expectOk(store.payloads.remove({ captureId: "cap_1", limit }));
      expect(await remove(2)).toEqual({ removed: 2, done: false });
      expect(await captureOf(store, "cap_1")).toMatchObject({ payloadRemovedAt: undefined });
      await clock.advance(dayMs);
      expect(await remove(100)).toEqual({ removed: 3, done: true });
      expect(await captureOf(store, "cap_1")).toMatchObject({ status: "FAILED", payloadRemovedAt: day("21") });
      await clock.advance(dayMs);
      expect(await remove(100)).toEqual({ removed: 0, done: true });
      expect(await captureOf(store, "cap_1")).toMatchObject({ payloadRemovedAt: day("21") });
      expect([await symbolsOf(store, "cap_1"), await symbolsOf(store, "cap_1", "suite_sums")]).toEqual([[], []]);
      expect(await symbolsOf(store, "cap_2")).toEqual(["A", "B", "C"]);
    });

    test("is refused while the capture runs and while readers see it", async ({ store }) => {
      await createTables(store);
      await startWithRows(store, "cap_1");
      const remove = () => store.payloads.remove({ captureId: "cap_1", limit: 10 });
      await expectErr(remove(), "CAPTURE_IN_USE");
      await expectOk(store.captures.complete({ captureId: "cap_1", rowCount: 3 }));
      await expectErr(remove(), "CAPTURE_IN_USE");
      await capture(store, { captureId: "cap_2", gate: "BLOCK" });
      await expectErr(remove(), "CAPTURE_IN_USE");
      await capture(store, { captureId: "cap_3" });
      expect(await expectOk(remove())).toEqual({ removed: 3, done: true });
      expect(await expectOk(store.captures.resolve({ ...buildCapture(), asOf: day("20") }))).toMatchObject({
        captureId: "cap_1",
        rowCount: 3,
        payloadRemovedAt: day("20"),
      });
      await expectErr(store.payloads.remove({ captureId: "cap_x", limit: 10 }), "CAPTURE_NOT_FOUND");
    });
  });
}
