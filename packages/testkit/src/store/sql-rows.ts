import type { SqlValue } from "@spine/core";
import { describe, expect } from "vitest";
import { expectErr, expectOk } from "../expect-result.ts";
import type { StoreTest } from "./store-test.ts";
import { countOf, suiteTable, texts } from "./suite-table.ts";

function rowsOf(count: number): readonly Readonly<Record<string, SqlValue>>[] {
  return Array.from({ length: count }, (_, id) => ({
    id,
    name: `row ${id}`,
    flag: id % 2 === 0,
    big: id,
    price: id / 4,
    bytes: null,
    note: null,
  }));
}

export function describeSqlRows(test: StoreTest): void {
  describe("inserting rows", () => {
    test.for([0, 1, 5000])("%i of them", async (count, { store: { sql } }) => {
      await expectOk(sql.execute(suiteTable));
      expect(await expectOk(sql.insert("suite_values", rowsOf(count)))).toBe(count);
      expect(await countOf(sql)).toBe(count);
      const last = await texts(sql, "select name as text from suite_values order by id desc limit 1");
      expect(last).toEqual(count === 0 ? [] : [`row ${count - 1}`]);
    });

    test("keeps all of them or none", async ({ store: { sql } }) => {
      await expectOk(sql.execute(suiteTable));
      await expectErr(sql.insert("suite_values", [...rowsOf(5000), { ...rowsOf(1)[0], id: 0 }]), "INTEGRITY_VIOLATED");
      expect(await countOf(sql)).toBe(0);
    });

    test("takes tables and columns with any name", async ({ store: { sql } }) => {
      await expectOk(sql.execute(`create table "odd ""table" ("select" integer, "a?b" text)`));
      expect(await expectOk(sql.insert(`odd "table`, [{ select: 1, "a?b": "x" }]))).toBe(1);
      expect(await texts(sql, `select "a?b" as text from "odd ""table" where "select" = ?`, [1])).toEqual(["x"]);
    });
  });

  describe("a statement that fails", () => {
    test.for([
      ["is no SQL", "selec 1", "QUERY_INVALID"],
      ["names no table", "select * from suite_nothing", "QUERY_INVALID"],
      ["names no column", "select nothing from suite_values", "QUERY_INVALID"],
      ["repeats a key", "insert into suite_values (id, name) values (1, 'b')", "INTEGRITY_VIOLATED"],
      ["leaves out what must be there", "insert into suite_values (id) values (2)", "INTEGRITY_VIOLATED"],
    ] as const)("because it %s says so by its code", async ([, statement, code], { store }) => {
      await expectOk(store.sql.execute(suiteTable));
      await expectOk(store.sql.execute("insert into suite_values (id, name) values (1, 'a')"));
      const error = await expectErr(store.sql.execute(statement), code);
      expect(error.category).toBe("DATABASE");
      expect(error.retryable).toBe(false);
      const doomed = await expectErr(
        store.transaction(async (tx) => {
          await expectOk(tx.insert("suite_values", [{ id: 5, name: "e" }]));
          await expectErr(tx.execute(statement), code);
        }),
        "TX_DOOMED",
      );
      expect(doomed.cause).toMatchObject({ code });
      expect(await countOf(store.sql)).toBe(1);
    });

    test("because of its number of parameters is the caller's mistake", async ({ store: { sql } }) => {
      await expectErr(sql.execute("select cast(? as text) as text", []), "QUERY_INVALID");
      await expectErr(sql.execute("select cast(? as text) as text", ["a", "b"]), "QUERY_INVALID");
    });
  });
}
