import { join } from "node:path";
import { sqlite } from "@spine/adapters-sqlite";
import type { SqlValue } from "@spine/core";
import { expectErr, expectOk } from "@spine/testkit";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "./folder.ts";
import { openStore } from "./open.ts";

describe("statements on SQLite", () => {
  test.for([
    [1, "integer", "1"],
    [4_294_967_296, "integer", "4294967296"],
    [0.5, "real", "0.5"],
    [true, "integer", "1"],
    [9_007_199_254_740_993n, "integer", "9007199254740993"],
  ] as const)("bind %s as what it is, also where the column has no type", async ([value, type, text]) => {
    const { sql } = await openStore(sqlite(":memory:"));
    const found = await expectOk(sql.execute("select typeof(?) as type, cast(? as text) as text", [value, value]));
    expect(found.rows).toEqual([{ type, text }]);
  });

  test("give back integers of 64 bits exactly, as a number where one can", async () => {
    const { sql } = await openStore(sqlite(":memory:"));
    const { rows } = await expectOk(
      sql.execute(
        "select 9007199254740991 as safe, 9007199254740993 as unsafe, -9223372036854775807 - 1 as least, 1.5 as real",
      ),
    );
    expect(rows).toEqual([
      { safe: 9_007_199_254_740_991, unsafe: 9_007_199_254_740_993n, least: -9_223_372_036_854_775_808n, real: 1.5 },
    ]);
  });

  test("that write and return rows count them", async () => {
    const { sql } = await openStore(sqlite(":memory:"));
    await expectOk(sql.execute("create table t (id integer primary key, name text)"));
    const result = await expectOk(sql.execute("insert into t (name) values ('a'), ('b') returning id", []));
    expect(result).toEqual({ rows: [{ id: 1 }, { id: 2 }], rowsAffected: 2 });
  });

  test("take no values that SQLite has not", async () => {
    const { sql } = await openStore(sqlite(":memory:"));
    for (const value of [undefined, new Date(0), { a: 1 }, Symbol("x")]) {
      await expectErr(sql.execute("select ?", [value as unknown as SqlValue]), "QUERY_INVALID");
    }
  });

  test("come one at a time", async () => {
    const { sql } = await openStore(sqlite(":memory:"));
    await expectErr(sql.execute("select 1; drop table core_owners"), "QUERY_INVALID");
    await expectErr(sql.execute(""), "QUERY_INVALID");
  });

  test.for(["begin", "  -- so\n COMMIT", "/* x */ rollback", "savepoint a", "end", "release a"])(
    "may not be %s: transactions are the store's",
    async (statement) => {
      const store = await openStore(sqlite(":memory:"));
      await expectErr(store.sql.execute(statement), "QUERY_INVALID");
      await expectErr(
        store.transaction((tx) => expectErr(tx.execute(statement), "QUERY_INVALID")),
        "TX_DOOMED",
      );
    },
  );

  test("read what is committed while a transaction writes", async () => {
    const store = await openStore(sqlite(join(temporaryFolder(), "spine.db")));
    await expectOk(store.sql.execute("create table t (id integer)"));
    let seen: unknown;
    const read = async (): Promise<void> => {
      seen = (await expectOk(store.sql.execute("select count(*) as n from t"))).rows[0];
    };
    let written = (): void => undefined;
    const isWritten = new Promise<void>((resolve) => (written = resolve));
    const outside = isWritten.then(read);
    await expectOk(
      store.transaction(async (tx) => {
        await expectOk(tx.insert("t", [{ id: 1 }]));
        written();
        await outside;
      }),
    );
    expect(seen).toEqual({ n: 0 });
  });

  test("see temporary tables of the connection that writes", async () => {
    const { sql } = await openStore(sqlite(join(temporaryFolder(), "spine.db")));
    await expectOk(sql.execute("create temporary table scratch (id integer)"));
    await expectOk(sql.insert("scratch", [{ id: 1 }]));
    expect((await expectOk(sql.execute("select id from scratch"))).rows).toEqual([{ id: 1 }]);
  });

  test("insert all rows or none, and say which column one lacks", async () => {
    const { sql } = await openStore(sqlite(":memory:"));
    await expectOk(sql.execute("create table t (id integer, name text)"));
    const rows = Array.from({ length: 12_000 }, (_, id) => ({ id, name: `row ${id}` }));
    const error = await expectErr(sql.insert("t", [...rows, { id: 1 }]), "QUERY_INVALID");
    expect(error.message).toContain('has no "name"');
    expect((await expectOk(sql.execute("select count(*) as n from t"))).rows).toEqual([{ n: 0 }]);
    expect(await expectOk(sql.insert("t", rows))).toBe(12_000);
  });

  test("fail with the driver's code and the statement beside spine's", async () => {
    const { sql } = await openStore(sqlite(":memory:"));
    const error = await expectErr(sql.execute("select *\n  from nowhere"), "QUERY_INVALID");
    expect(error.message).toBe("Could not run a statement on SQLite :memory:: no such table: nowhere.");
    expect(error.context).toMatchObject({ sql: "select * from nowhere", driverCode: "SQLITE_ERROR" });
  });
});
