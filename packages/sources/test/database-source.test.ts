import Database from "better-sqlite3";
import { Kysely, PostgresDialect, SqliteDialect, sql } from "kysely";
import { Pool } from "pg";
import Cursor from "pg-cursor";
import { databaseSource } from "@spine/sources/database";
import { expectErr, expectOk, fakeClock } from "@spine/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";

interface Tables {
  trades: { id: number; symbol: string; written_at: string };
}

async function sqlite(rows = 0): Promise<Kysely<Tables>> {
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: new Database(":memory:") }) });
  onTestFinished(() => db.destroy());
  await sql`create table trades (id integer primary key, symbol text not null, written_at text not null)`.execute(db);
  for (let id = 1; id <= rows; id += 1) await add(db, id);
  return db;
}

const minute = (number: number): string => `2025-12-20T00:${String(number).padStart(2, "0")}:00.000Z`;

const add = (db: Kysely<Tables>, id: number, writtenAt = minute(id)) =>
  db
    .insertInto("trades")
    .values({ id, symbol: `S${id}`, written_at: writtenAt })
    .execute();

describe("a query as a source", () => {
  test("gives its rows in batches, with the parameters of its reader", async () => {
    const db = await sqlite(25);
    const source = databaseSource({
      name: "acme.trades",
      db,
      query: ({ db: acme, params }) =>
        acme.selectFrom("trades").select(["id", "symbol"]).where("id", ">", Number(params["above"])).orderBy("id"),
      batchSize: 4,
    });
    const stream = source.stream({ params: { above: 15 } });
    const sizes: number[] = [];
    const metadata = await expectOk(stream.forEachBatch(({ rows }) => void sizes.push(rows.length)));
    expect(sizes).toEqual([4, 4, 2]);
    expect(metadata).toMatchObject({ rowCount: 10, columns: ["id", "symbol"], format: "rows", unchanged: false });
    expect((await expectOk(source.fetch({ params: { above: 24 } }))).rows).toEqual([{ id: 25, symbol: "S25" }]);
  });

  test("may be written in SQL; values are parameters", async () => {
    const db = await sqlite(3);
    const source = databaseSource({
      db,
      query: ({ params }) => sql<{ id: number }>`select id from trades where symbol = ${params["symbol"]}`,
    });
    expect((await expectOk(source.fetch({ params: { symbol: "S2" } }))).rows).toEqual([{ id: 2 }]);
    expect((await expectOk(source.fetch({ params: { symbol: "' or 1=1 --" } }))).rows).toEqual([]);
  });

  test("has a schema's rejects by the number of their row", async () => {
    const db = await sqlite(3);
    const schema = z.object({ id: z.number().refine((id) => id !== 2, "two is refused") });
    const source = databaseSource({ db, query: () => db.selectFrom("trades").select("id").orderBy("id"), schema });
    const { rows, rejects } = await expectOk(source.fetch());
    expect(rows).toEqual([{ id: 1 }, { id: 3 }]);
    expect(rejects).toMatchObject([{ lineNumber: 2, reasonCode: "SCHEMA_MISMATCH", record: { id: 2 } }]);
  });

  test("is unchanged while its rows are the same", async () => {
    const db = await sqlite(3);
    const source = databaseSource({ db, query: () => db.selectFrom("trades").selectAll().orderBy("id"), batchSize: 2 });
    const first = (await expectOk(source.fetch())).metadata;
    expect(await expectOk(source.hasChanged(first))).toBe(false);
    const again = await expectOk(source.fetch({ previous: first }));
    expect(again.rows).toEqual([]);
    expect(again.metadata).toMatchObject({ unchanged: true, contentHash: first.contentHash });
    await add(db, 4);
    expect(await expectOk(source.hasChanged(first))).toBe(true);
    expect((await expectOk(source.fetch({ previous: first }))).rows).toHaveLength(4);
  });

  test("that is wrong fails with what the database says", async () => {
    const db = await sqlite();
    const source = databaseSource({ name: "acme", db, query: () => sql`select * from tradez` });
    const error = await expectErr(source.fetch(), "QUERY_INVALID");
    expect(error.message).toBe('Could not read query of source "acme": no such table: tradez.');
  });

  test("ends when its reader leaves or aborts, and frees the connection", async () => {
    const db = await sqlite(10);
    const source = databaseSource({ db, query: () => db.selectFrom("trades").selectAll(), batchSize: 2 });
    for await (const _batch of source.stream()) break;
    const reader = new AbortController();
    await expectErr(
      source.stream({ signal: reader.signal }).forEachBatch(() => reader.abort()),
      "CANCELLED",
    );
    expect((await expectOk(source.fetch())).rows).toHaveLength(10);
  });
});

describe("a watermark of times", () => {
  test("leaves what is younger than the lag for the next reading, so that a late commit is not missed", async () => {
    const db = await sqlite(10);
    const clock = fakeClock(minute(10));
    const query = () => db.selectFrom("trades").select(["id", "written_at"]);
    const source = databaseSource({ db, query, watermark: { column: "written_at", lagMs: 120_000 } });
    const ids = async (previous?: object) => {
      const { rows, metadata } = await expectOk(source.fetch({ clock, ...(previous ? { previous } : {}) }));
      return [rows.map(({ id }) => id), metadata] as const;
    };
    const [first, read] = await ids();
    expect(first).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(read.watermark).toBe(minute(8));
    // Written at minute 9 by a transaction that took until now.
    await add(db, 90, minute(9));
    clock.set(minute(12));
    const [second, readAgain] = await ids(read);
    expect(second).toEqual([9, 90, 10]);
    const [third, nothing] = await ids(readAgain);
    expect(third).toEqual([]);
    expect(nothing).toMatchObject({ unchanged: true, watermark: minute(10) });
    expect(await expectOk(source.hasChanged(readAgain, { clock }))).toBe(false);
  });
});

describe("a watermark of numbers", () => {
  test("stays the lag below the highest one", async () => {
    const db = await sqlite(10);
    const query = () => sql<{ id: number }>`select id from trades`;
    const source = databaseSource({ db, query, watermark: { column: "id", lag: 3, start: 2 } });
    const first = await expectOk(source.fetch());
    expect(first.rows.map(({ id }) => id)).toEqual([3, 4, 5, 6, 7]);
    expect(first.metadata.watermark).toBe(7);
    await add(db, 11);
    const second = await expectOk(source.fetch({ previous: first.metadata }));
    expect(second.rows.map(({ id }) => id)).toEqual([8]);
    expect((await expectOk(source.fetch({ previous: second.metadata }))).metadata).toMatchObject({
      unchanged: true,
      watermark: 8,
    });
  });
});

const url = process.env["SPINE_TEST_PG_URL"];

describe.skipIf(url === undefined)("on PostgreSQL", () => {
  function postgres(cursor: boolean): Kysely<Tables> {
    const pool = new Pool({ connectionString: url });
    const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool, ...(cursor ? { cursor: Cursor } : {}) }) });
    onTestFinished(() => db.destroy());
    return db;
  }

  test("rows come by cursor", async () => {
    const db = postgres(true);
    const query = () => sql<{ id: number; at: Date }>`
      select id, timestamptz '2025-12-20T00:00:00.000400Z' + id * interval '1 ms' as at from generate_series(1, 10000) id`;
    const source = databaseSource({ db, query, batchSize: 500 });
    const reader = source.stream()[Symbol.asyncIterator]();
    const first = await reader.next();
    expect(first.value?._unsafeUnwrap().rows).toHaveLength(500);
    await reader.return?.();
    const { metadata } = await expectOk(source.fetch());
    expect(metadata.rowCount).toBe(10_000);
    const clock = fakeClock("2025-12-20T00:00:05.000Z");
    const watermark = { column: "at", lagMs: 0, start: "2025-12-20T00:00:04.990Z" };
    // Times finer than a millisecond fall on one side of a bound and on no other.
    const read = await expectOk(databaseSource({ db, query, watermark }).fetch({ clock }));
    expect(read.rows.map(({ id }) => id)).toEqual([4990, 4991, 4992, 4993, 4994, 4995, 4996, 4997, 4998, 4999]);
  });

  test("a dialect without a cursor says what it needs", async () => {
    const source = databaseSource({ db: postgres(false), query: () => sql`select 1` });
    const error = await expectErr(source.fetch(), "CONFIG_INVALID");
    expect(error.message).toContain("pg-cursor");
  });
});
