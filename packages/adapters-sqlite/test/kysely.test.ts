import { sqlite } from "@spine/adapters-sqlite";
import { memory } from "@spine/core";
import { type CoreTables, kyselyOf } from "@spine/sql";
import { expectErr, expectOk } from "@spine/testkit";
import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { openStore } from "./open.ts";

interface Tables {
  prices: { symbol: string; close: number | null };
}

describe("kyselyOf", () => {
  test("runs typed queries on a store, and knows spine's tables", async () => {
    const store = await openStore(sqlite(":memory:"));
    const db = kyselyOf<Tables & CoreTables>(store.sql);
    await db.schema.createTable("prices").addColumn("symbol", "text").addColumn("close", "real").execute();
    const inserted = await db
      .insertInto("prices")
      .values([
        { symbol: "A", close: 1.5 },
        { symbol: "B", close: null },
      ])
      .executeTakeFirst();
    expect(inserted.numInsertedOrUpdatedRows).toBe(2n);
    expect(await db.selectFrom("prices").select("symbol").where("close", "is not", null).execute()).toEqual([
      { symbol: "A" },
    ]);
    expect(await db.selectFrom("core_workflow_runs").selectAll().execute()).toEqual([]);
    expect(kyselyOf(store.sql)).toBe(db);
  });

  test("in a transaction belongs to it, and its error dooms it", async () => {
    const store = await openStore(sqlite(":memory:"));
    await expectOk(store.sql.execute("create table prices (symbol text primary key, close real)"));
    const work = async (symbols: readonly string[]): Promise<unknown> =>
      store.transaction(async (tx) => {
        const db = kyselyOf<Tables>(tx);
        for (const symbol of symbols) await db.insertInto("prices").values({ symbol, close: 1 }).execute();
      });
    expect(await work(["A", "B"])).toMatchObject({ value: undefined });
    expect(await work(["C", "A"])).toMatchObject({ error: { code: "INTEGRITY_VIOLATED" } });
    const ignoring = store.transaction(async (tx) => {
      await kyselyOf<Tables>(tx)
        .insertInto("prices")
        .values({ symbol: "A", close: 1 })
        .execute()
        .catch(() => undefined);
    });
    await expectErr(ignoring, "TX_DOOMED");
    expect(await kyselyOf<Tables>(store.sql).selectFrom("prices").select("symbol").orderBy("symbol").execute()).toEqual(
      [{ symbol: "A" }, { symbol: "B" }],
    );
  });

  test("in a savepoint can fail alone", async () => {
    const store = await openStore(sqlite(":memory:"));
    await expectOk(store.sql.execute("create table prices (symbol text primary key, close real)"));
    await expectOk(
      store.transaction(async (tx) => {
        await kyselyOf<Tables>(tx).insertInto("prices").values({ symbol: "A", close: 1 }).execute();
        const tried = tx.savepoint((inner) =>
          kyselyOf<Tables>(inner).insertInto("prices").values({ symbol: "A", close: 2 }).execute(),
        );
        await expectErr(tried, "INTEGRITY_VIOLATED");
      }),
    );
  });

  test("refuses transactions of kysely's own", async () => {
    const store = await openStore(sqlite(":memory:"));
    const began = kyselyOf<Tables>(store.sql)
      .transaction()
      .execute(async () => 1);
    await expect(began).rejects.toMatchObject({ code: "TX_NESTED" });
  });

  test("does not pretend to stream", async () => {
    const store = await openStore(sqlite(":memory:"));
    const stream = kyselyOf<CoreTables>(store.sql).selectFrom("core_owners").selectAll().stream();
    await expect(stream.next()).rejects.toMatchObject({ code: "QUERY_INVALID" });
  });

  test("sees the schema", async () => {
    const store = await openStore(sqlite(":memory:"));
    const tables = await kyselyOf(store.sql).introspection.getTables();
    expect(tables.map(({ name }) => name)).toContain("core_manifest");
  });

  test("throws for a store without SQL", async () => {
    const store = await openStore(memory());
    expect(() => kyselyOf(store.sql)).toThrow("no SQL");
  });

  test("passes on the code of what went wrong", async () => {
    const store = await openStore(sqlite(":memory:"));
    const failing = sql`select * from nowhere`.execute(kyselyOf(store.sql));
    await expect(failing).rejects.toMatchObject({ code: "QUERY_INVALID" });
  });
});
