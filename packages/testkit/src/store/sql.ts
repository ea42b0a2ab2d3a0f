import type { SqlExecutor, SqlValue } from "@spine/core";
import { describe, expect } from "vitest";
import { expectErr, expectOk } from "../expect-result.ts";
import type { StoreTest } from "./store-test.ts";

const table = `create table suite_values (
  id integer primary key, name text not null, flag boolean, big bigint, price double precision, bytes bytea, note text
)`;

async function texts(
  sql: SqlExecutor,
  statement: string,
  params: readonly SqlValue[] = [],
): Promise<readonly unknown[]> {
  return (await expectOk(sql.execute<{ text: unknown }>(statement, params))).rows.map(
    ({ text }) => text,
  );
}

async function countOf(sql: SqlExecutor): Promise<number> {
  return Number((await texts(sql, "select cast(count(*) as text) as text from suite_values"))[0]);
}

/** What every store with SQL has in common; the statements run on all engines as they are. */
export function describeSql(test: StoreTest): void {
  describe("SQL statements", () => {
    test("take parameters by ?, in order, and give rows as objects", async ({ store: { sql } }) => {
      await expectOk(sql.execute(table));
      await expectOk(
        sql.execute("insert into suite_values (id, name) values (?, ?), (?, ?)", [
          1,
          "one",
          2,
          "two",
        ]),
      );
      const found = await expectOk(
        sql.execute("select id, name from suite_values where id > ? order by id", [0]),
      );
      expect(found).toEqual({
        rows: [
          { id: 1, name: "one" },
          { id: 2, name: "two" },
        ],
        rowsAffected: 0,
      });
      expect(
        await expectOk(sql.execute("select id from suite_values where name = ?", ["three"])),
      ).toEqual({ rows: [], rowsAffected: 0 });
    });

    test("say how many rows they changed", async ({ store: { sql } }) => {
      await expectOk(sql.execute(table));
      const changed = async (statement: string): Promise<number> =>
        (await expectOk(sql.execute(statement))).rowsAffected;
      expect(
        await changed("insert into suite_values (id, name) values (1, 'a'), (2, 'b'), (3, 'c')"),
      ).toBe(3);
      expect(await changed("update suite_values set name = 'z' where id > 1")).toBe(2);
      expect(await changed("delete from suite_values where id = 3")).toBe(1);
      expect(await changed("delete from suite_values where id = 99")).toBe(0);
    });

    test.for([
      ["in a string", "select 'why?' as quoted, cast(? as text) as text", "why?"],
      ["after a doubled quote", "select 'it''s? ' as quoted, cast(? as text) as text", "it's? "],
      ["in a name", `select 1 as "odd?", 'x' as quoted, cast(? as text) as text`, "x"],
      ["in a line comment", "select 'x' as quoted, -- really?\n cast(? as text) as text", "x"],
      [
        "in a block comment",
        "select 'x' as quoted, /* really? 'yes? */ cast(? as text) as text",
        "x",
      ],
    ] as const)("leave a ? %s alone", async ([, statement, quoted], { store: { sql } }) => {
      const { rows } = await expectOk(sql.execute(statement, ["bound"]));
      expect(rows).toMatchObject([{ quoted, text: "bound" }]);
    });

    test("never put a value into the statement's text", async ({ store: { sql } }) => {
      const nasty = `'; drop table suite_values; -- ? $1 "`;
      await expectOk(sql.execute(table));
      await expectOk(sql.execute("insert into suite_values (id, name) values (1, ?)", [nasty]));
      expect(
        await texts(sql, "select name as text from suite_values where name = ?", [nasty]),
      ).toEqual([nasty]);
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
    ] as const)(
      "keep %s, by insert and by execute",
      async ([, column, value], { store: { sql } }) => {
        await expectOk(sql.execute(table));
        await expectOk(sql.insert("suite_values", [{ id: 1, name: "a", [column]: value }]));
        await expectOk(
          sql.execute(`insert into suite_values (id, name, ${column}) values (2, 'b', ?)`, [value]),
        );
        expect(
          await texts(
            sql,
            `select name as text from suite_values where ${column} = ? order by id`,
            [value],
          ),
        ).toEqual(["a", "b"]);
      },
    );

    test("give back bytes, text, numbers and null as what they are", async ({ store: { sql } }) => {
      await expectOk(sql.execute(table));
      const bytes = new Uint8Array([0, 255]);
      await expectOk(
        sql.insert("suite_values", [
          { id: 1, name: "é", price: 0.25, bytes, note: null, big: 12n },
        ]),
      );
      const { rows } = await expectOk(
        sql.execute("select id, name, price, bytes, note, flag from suite_values"),
      );
      const [row] = rows;
      expect(row).toMatchObject({ id: 1, name: "é", price: 0.25, note: null, flag: null });
      expect(new Uint8Array(row?.["bytes"] as Uint8Array)).toEqual(bytes);
      expect(await texts(sql, "select cast(big as text) as text from suite_values")).toEqual([
        "12",
      ]);
    });
  });

  describe("inserting rows", () => {
    const rowsOf = (count: number): readonly Record<string, SqlValue>[] =>
      Array.from({ length: count }, (_, id) => ({
                  id,
          name: `row ${id}`,
          flag: id % 2 === 0,
          big: id,
          price: id / 4,
          bytes: null,
          note: null,
      }));

    test.for([0, 1, 5000])("%i of them", async (count, { store: { sql } }) => {
      await expectOk(sql.execute(table));
      expect(await expectOk(sql.insert("suite_values", rowsOf(count)))).toBe(count);
      expect(await countOf(sql)).toBe(count);
      const last = await texts(
        sql,
        "select name as text from suite_values order by id desc limit 1",
      );
      expect(last).toEqual(count === 0 ? [] : [`row ${count - 1}`]);
    });

    test("keeps all of them or none", async ({ store: { sql } }) => {
      await expectOk(sql.execute(table));
      await expectErr(
        sql.insert("suite_values", [...rowsOf(5000), { ...rowsOf(1)[0], id: 0 }]),
        "INTEGRITY_VIOLATED",
      );
      expect(await countOf(sql)).toBe(0);
    });

    test("takes tables and columns with any name", async ({ store: { sql } }) => {
      await expectOk(sql.execute(`create table "odd ""table" ("select" integer, "a?b" text)`));
      expect(await expectOk(sql.insert(`odd "table`, [{ select: 1, "a?b": "x" }]))).toBe(1);
      expect(
        await texts(sql, `select "a?b" as text from "odd ""table" where "select" = ?`, [1]),
      ).toEqual(["x"]);
    });
  });

  describe("a statement that fails", () => {
    test.for([
      ["is no SQL", "selec 1", "QUERY_INVALID"],
      ["names no table", "select * from suite_nothing", "QUERY_INVALID"],
      ["names no column", "select nothing from suite_values", "QUERY_INVALID"],
      [
        "repeats a key",
        "insert into suite_values (id, name) values (1, 'b')",
        "INTEGRITY_VIOLATED",
      ],
      [
        "leaves out what must be there",
        "insert into suite_values (id) values (2)",
        "INTEGRITY_VIOLATED",
      ],
    ] as const)("because it %s says so by its code", async ([, statement, code], { store }) => {
      await expectOk(store.sql.execute(table));
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

    test("because of its number of parameters is the caller's mistake", async ({
      store: { sql },
    }) => {
      await expectErr(sql.execute("select cast(? as text) as text", []), "QUERY_INVALID");
      await expectErr(sql.execute("select cast(? as text) as text", ["a", "b"]), "QUERY_INVALID");
    });
  });
}
