import type { Store } from "@spine/core";
import { diffCaptures } from "@spine/sql";
import { expectErr, expectOk } from "@spine/testkit";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { begin, engines, load, type Rows } from "./engines.ts";

/** Two captures of one slot, `cap_1` and `cap_2`. */
async function loadBoth(store: Store, before: Rows, after: Rows): Promise<void> {
  await load(store, { captureId: "cap_1", rows: before });
  await load(store, { captureId: "cap_2", rows: after });
}

const both = { from: "cap_1", to: "cap_2" };

describe.each(engines)("the difference of two captures on %s", (_, open) => {
  test("is what was added, removed and changed of their rows, with examples by key", async () => {
    const { store } = await open();
    await loadBoth(store, { A: 1, B: 2, C: null, D: 4, E: 5 }, { B: 2, C: 3, D: null, E: 5, F: 6 });
    const { from, to, tables } = await expectOk(diffCaptures(store.sql, both));
    expect([from.captureId, to.captureId]).toEqual(["cap_1", "cap_2"]);
    expect(tables).toEqual([
      {
        table: "prices",
        key: ["symbol"],
        added: 1,
        removed: 1,
        changed: 2,
        unchanged: 2,
        examples: {
          added: [{ capture_id: "cap_2", symbol: "F", price: 6, input_max_capture_id: "cap_2" }],
          removed: [{ capture_id: "cap_1", symbol: "A", price: 1, input_max_capture_id: "cap_1" }],
          changed: [
            { key: { symbol: "C" }, columns: { price: { before: null, after: 3 } } },
            { key: { symbol: "D" }, columns: { price: { before: 4, after: null } } },
          ],
        },
      },
    ]);
  });

  test("has as many examples as are asked for, and counts all", async () => {
    const { store } = await open();
    const many = Object.fromEntries(Array.from({ length: 3000 }, (_one, index) => [`S${index}`.padEnd(6, "_"), index]));
    const others = Object.fromEntries(Object.entries(many).map(([symbol, price]) => [symbol, price + (price % 2)]));
    await loadBoth(store, { ...many, A: 0, B: 0 }, { ...others, Y: 1, Z: 1 });
    const [table] = (await expectOk(diffCaptures(store.sql, { ...both, limit: 1 }))).tables;
    expect(table).toMatchObject({ added: 2, removed: 2, changed: 1500, unchanged: 1500 });
    expect(table?.examples).toMatchObject({ added: [{ symbol: "Y" }], removed: [{ symbol: "A" }], changed: [{}] });
    const [none] = (await expectOk(diffCaptures(store.sql, { ...both, limit: 0 }))).tables;
    expect(none?.examples).toEqual({ added: [], removed: [], changed: [] });
    const [usual] = (await expectOk(diffCaptures(store.sql, both))).tables;
    expect(usual?.examples.changed).toHaveLength(10);
  });

  test("is told of every table in which one of them has rows, or of the one that is asked for", async () => {
    const { store } = await open();
    await expectOk(
      store.sql.execute(
        `create table "odd ""name" (capture_id text, "a b" text, day text, note text, primary key (day, capture_id, "a b"))`,
      ),
    );
    await load(store, { captureId: "cap_1", rows: { A: 1 } });
    await begin(store, { captureId: "cap_2", rows: { A: 1 } });
    const rows = ["y", "x"].map((name) => ({ "a b": name, day: "d", note: "n" }));
    await expectOk(store.payloads.write({ captureId: "cap_2", table: 'odd "name', rows }));
    await expectOk(store.captures.complete({ captureId: "cap_2", rowCount: 3 }));
    const { tables } = await expectOk(diffCaptures(store.sql, both));
    expect(tables.map(({ table, key, added, unchanged }) => [table, key, added, unchanged])).toEqual([
      ['odd "name', ["day", "a b"], 2, 0],
      ["prices", ["symbol"], 0, 1],
    ]);
    expect(tables[0]?.examples.added.map((row) => row["a b"])).toEqual(["x", "y"]);
    const asked = await expectOk(diffCaptures(store.sql, { ...both, table: "prices" }));
    expect(asked.tables.map(({ table }) => table)).toEqual(["prices"]);
    const error = await expectErr(diffCaptures(store.sql, { ...both, table: "trades" }), "VALIDATION_FAILED");
    expect(error.message).toContain('odd "name, prices');
  });

  test("is that of two partitions of a stage, or of a capture that is held back, as well", async () => {
    const { store } = await open();
    await load(store, { captureId: "cap_1", rows: { A: 1, B: 1 } });
    await load(store, { captureId: "cap_2", partition: "2025-12-18", gate: "BLOCK", rows: { A: 2 } });
    const [table] = (await expectOk(diffCaptures(store.sql, both))).tables;
    expect(table).toMatchObject({ added: 0, removed: 1, changed: 1 });
  });

  test("is refused for captures whose rows are not there, or not the whole", async () => {
    const { store } = await open();
    await loadBoth(store, { A: 1 }, { A: 2 });
    await expectErr(diffCaptures(store.sql, { from: "cap_1", to: "cap_x" }), "CAPTURE_NOT_FOUND");
    await load(store, { captureId: "cap_3", stage: "NORMALIZE", rows: { A: 1 } });
    const other = await expectErr(diffCaptures(store.sql, { from: "cap_1", to: "cap_3" }), "VALIDATION_FAILED");
    expect(other.message).toContain("different stages");
    await begin(store, { captureId: "cap_4", rows: { A: 1 } });
    const running = await expectErr(diffCaptures(store.sql, { from: "cap_1", to: "cap_4" }), "VALIDATION_FAILED");
    expect(running.message).toContain("is RUNNING");
    await expectOk(store.captures.fail({ captureId: "cap_4", error: "no" }));
    await expectErr(diffCaptures(store.sql, { from: "cap_4", to: "cap_1" }), "VALIDATION_FAILED");
    await expectOk(store.payloads.remove({ captureId: "cap_1", limit: 10 }));
    await expectErr(diffCaptures(store.sql, both), "CAPTURE_PAYLOAD_GONE");
  });

  test("is refused for tables that are gone, or whose rows cannot be told apart", async () => {
    const { store } = await open();
    await expectOk(store.sql.execute("create table loose (capture_id text, symbol text)"));
    await load(store, { captureId: "cap_1", rows: { A: 1 } });
    await begin(store, { captureId: "cap_2", rows: { A: 1 } });
    await expectOk(store.payloads.write({ captureId: "cap_2", table: "loose", rows: [{ symbol: "A" }] }));
    await expectOk(store.captures.complete({ captureId: "cap_2", rowCount: 2 }));
    const error = await expectErr(diffCaptures(store.sql, both), "VALIDATION_FAILED");
    expect(error.message).toContain("its primary key must be capture_id");
    await expectOk(store.sql.execute("drop table loose"));
    expect((await expectErr(diffCaptures(store.sql, both), "VALIDATION_FAILED")).message).toContain("not there");
  });

  test("is that of the sets of their rows, whatever these are", async () => {
    const { store } = await open();
    const rows = fc.dictionary(fc.constantFrom("A", "B", "C", "D", "a", "ß"), fc.option(fc.nat({ max: 2 })));
    let round = 0;
    await fc.assert(
      fc.asyncProperty(rows, rows, async (before, after) => {
        round += 1;
        const slot = { partition: `p-${round}` };
        const from = await load(store, { ...slot, captureId: `${round}-1`, rows: before });
        const to = await load(store, { ...slot, captureId: `${round}-2`, rows: after });
        const { tables } = await expectOk(diffCaptures(store.sql, { from, to }));
        const shared = Object.keys(before).filter((symbol) => Object.hasOwn(after, symbol));
        const changed = shared.filter((symbol) => before[symbol] !== after[symbol]);
        const added = Object.keys(after).filter((symbol) => !Object.hasOwn(before, symbol));
        const removed = Object.keys(before).filter((symbol) => !Object.hasOwn(after, symbol));
        if (Object.keys(before).length + Object.keys(after).length === 0) {
          expect(tables).toEqual([]);
          return;
        }
        const [table] = tables;
        expect(table).toMatchObject({ unchanged: shared.length - changed.length, changed: changed.length });
        const symbolsOf = (found: readonly Readonly<Record<string, unknown>>[] = []) =>
          found.map(({ symbol }) => String(symbol)).toSorted();
        expect(symbolsOf(table?.examples.added)).toEqual(added.toSorted());
        expect(symbolsOf(table?.examples.removed)).toEqual(removed.toSorted());
        expect(symbolsOf(table?.examples.changed.map(({ key }) => key))).toEqual(changed.toSorted());
      }),
      { numRuns: 30 },
    );
  });
});
