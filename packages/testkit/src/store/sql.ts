import { describe, expect } from "vitest";
import { expectOk } from "../expect-result.ts";
import type { StoreTest } from "./store-test.ts";
import { suiteTable, texts } from "./suite-table.ts";

/** What every store with SQL has in common; the statements run on all engines as they are. */
export function describeSql(test: StoreTest): void {
  describe("SQL statements", () => {
    test("take parameters by ?, in order, and give rows as objects", async ({ store: { sql } }) => {
      await expectOk(sql.execute(suiteTable));
      await expectOk(sql.execute("insert into suite_values (id, name) values (?, ?), (?, ?)", [1, "one", 2, "two"]));
      const found = await expectOk(sql.execute("select id, name from suite_values where id > ? order by id", [0]));
      expect(found).toEqual({
        rows: [
          { id: 1, name: "one" },
          { id: 2, name: "two" },
        ],
        rowsAffected: 0,
      });
      expect(await expectOk(sql.execute("select id from suite_values where name = ?", ["three"]))).toEqual({
        rows: [],
        rowsAffected: 0,
      });
    });

    test("say how many rows they changed", async ({ store: { sql } }) => {
      await expectOk(sql.execute(suiteTable));
      const changed = async (statement: string): Promise<number> =>
        (await expectOk(sql.execute(statement))).rowsAffected;
      expect(await changed("insert into suite_values (id, name) values (1, 'a'), (2, 'b'), (3, 'c')")).toBe(3);
      expect(await changed("update suite_values set name = 'z' where id > 1")).toBe(2);
      expect(await changed("delete from suite_values where id = 3")).toBe(1);
      expect(await changed("delete from suite_values where id = 99")).toBe(0);
    });

    test.for([
      ["in a string", "select 'why?' as quoted, cast(? as text) as text", "why?"],
      ["after a doubled quote", "select 'it''s? ' as quoted, cast(? as text) as text", "it's? "],
      ["in a name", `select 1 as "odd?", 'x' as quoted, cast(? as text) as text`, "x"],
      ["in a line comment", "select 'x' as quoted, -- really?\n cast(? as text) as text", "x"],
      ["in a block comment", "select 'x' as quoted, /* really? 'yes? */ cast(? as text) as text", "x"],
    ] as const)("leave a ? %s alone", async ([, statement, quoted], { store: { sql } }) => {
      const { rows } = await expectOk(sql.execute(statement, ["bound"]));
      expect(rows).toMatchObject([{ quoted, text: "bound" }]);
    });

    test("never put a value into the statement's text", async ({ store: { sql } }) => {
      const nasty = `'; drop table suite_values; -- ? $1 "`;
      await expectOk(sql.execute(suiteTable));
      await expectOk(sql.execute("insert into suite_values (id, name) values (1, ?)", [nasty]));
      expect(await texts(sql, "select name as text from suite_values where name = ?", [nasty])).toEqual([nasty]);
    });

    test.for([
      ["a boolean", "flag", true],
      ["a false one", "flag", false],
      ["an integer no double can hold", "big", 9_007_199_254_740_993n],
      ["a negative one", "big", -9_223_372_036_854_775_808n],
      ["a number", "price", 0.1],
      ["an integer as a number", "big", 4_294_967_296],
      ["text", "note", "Żółć 𝄞"],
      ["empty text", "note", ""],
      ["bytes", "bytes", new Uint8Array([0, 1, 127, 128, 255])],
      ["no bytes", "bytes", new Uint8Array()],
    ] as const)("keep %s, by insert and by execute", async ([, column, value], { store: { sql } }) => {
      await expectOk(sql.execute(suiteTable));
      await expectOk(sql.insert("suite_values", [{ id: 1, name: "a", [column]: value }]));
      await expectOk(sql.execute(`insert into suite_values (id, name, ${column}) values (2, 'b', ?)`, [value]));
      expect(
        await texts(sql, `select name as text from suite_values where ${column} = ? order by id`, [value]),
      ).toEqual(["a", "b"]);
    });

    test("give back bytes, text, numbers and null as what they are", async ({ store: { sql } }) => {
      await expectOk(sql.execute(suiteTable));
      const bytes = new Uint8Array([0, 255]);
      await expectOk(sql.insert("suite_values", [{ id: 1, name: "é", price: 0.25, bytes, note: null, big: 12n }]));
      const { rows } = await expectOk(sql.execute("select id, name, price, bytes, note, flag from suite_values"));
      const [row] = rows;
      expect(row).toMatchObject({ id: 1, name: "é", price: 0.25, note: null, flag: null });
      expect(new Uint8Array(row?.["bytes"] as Uint8Array)).toEqual(bytes);
      expect(await texts(sql, "select cast(big as text) as text from suite_values")).toEqual(["12"]);
    });
  });
}
