import { postgres } from "@spine/adapters-postgres";
import type { SqlValue } from "@spine/core";
import { expectErr, expectOk } from "@spine/testkit";
import { afterAll, describe, expect, test } from "vitest";
import { openStore } from "./open.ts";
import { createSchemas, url } from "./server.ts";

const schemas = createSchemas("types");
afterAll(() => schemas.drop());

describe.skipIf(url === undefined)("values of PostgreSQL", () => {
  test.for([
    ["2025-12-20T00:00:00.5Z", "timestamptz", "2025-12-20T00:00:00.500Z"],
    ["2025-12-20T01:00:00+01:00", "timestamptz", "2025-12-20T00:00:00.000Z"],
    ["2025-12-20T00:00:00.123456Z", "timestamptz", "2025-12-20T00:00:00.123Z"],
    ["infinity", "timestamptz", "infinity"],
    ["2025-12-20", "date", "2025-12-20"],
    ["2025-12-20 01:02:03", "timestamp", "2025-12-20 01:02:03"],
    ["9007199254740991", "int8", 9_007_199_254_740_991],
    ["9007199254740993", "int8", 9_007_199_254_740_993n],
    ["-9223372036854775808", "int8", -9_223_372_036_854_775_808n],
    ["12.50", "numeric", "12.50"],
    [0.1, "float8", 0.1],
    [7, "int4", 7],
    [true, "boolean", true],
    [false, "boolean", false],
    ['{"b":1, "a":"\\u0000 \\ud800"}', "json", '{"b":1, "a":"\\u0000 \\ud800"}'],
    ['{"b": 1}', "jsonb", '{"b": 1}'],
    ["{1,2}", "int4[]", [1, 2]],
    ["{a,null}", "text[]", ["a", null]],
    ["1 day", "interval", "1 day"],
    ["a\tb\\c\nd\re", "text", "a\tb\\c\nd\re"],
  ] as const)("%s as %s comes back as %s, bound and loaded", async ([value, type, expected]) => {
    const { sql } = await openStore(postgres(url ?? "", { schema: schemas.take(), maxConnections: 2 }));
    const bound = await expectOk(sql.execute<{ value: unknown }>(`select cast(? as ${type}) as value`, [value]));
    expect(bound.rows[0]?.value).toEqual(expected);
    await expectOk(sql.execute(`create table loaded (value ${type}, other text)`));
    await expectOk(sql.insert("loaded", [{ value, other: null }]));
    const loaded = await expectOk(sql.execute<{ value: unknown }>("select value from loaded"));
    expect(loaded.rows[0]?.value).toEqual(expected);
  });

  test("that are none are refused before they are sent, and the connection stays good", async () => {
    const store = await openStore(postgres(url ?? "", { schema: schemas.take(), maxConnections: 1 }));
    await expectOk(store.sql.execute("create table loaded (id integer, name text)"));
    const rows = [{ id: 1, name: "a" }, { id: 2 } as unknown as { id: number; name: string }];
    const error = await expectErr(store.sql.insert("loaded", rows), "QUERY_INVALID");
    expect(error.message).toContain('has no "name"');
    await expectErr(store.sql.insert("loaded", [{ id: 1, name: new Date(0) as unknown as SqlValue }]), "QUERY_INVALID");
    await expectErr(store.sql.insert("loaded", [{ id: 1, name: "NUL \u0000" }]), "QUERY_INVALID");
    expect((await expectOk(store.sql.execute("select count(*) as n from loaded"))).rows).toEqual([{ n: 0 }]);
  });

  test("leave pg's own parsers alone", async () => {
    const { Client } = await import("pg");
    const client = new Client(url);
    await client.connect();
    const { rows } = await client.query("select now() as now, 1::int8 as big");
    await client.end();
    expect(rows[0]?.now).toBeInstanceOf(Date);
    expect(rows[0]?.big).toBe("1");
  });
});

describe.skipIf(url === undefined)("the clock of PostgreSQL", () => {
  test("is the server's, in whole milliseconds, never ahead of it", async () => {
    const store = await openStore(postgres(url ?? "", { schema: schemas.take(), maxConnections: 2 }));
    for (let round = 0; round < 20; round += 1) {
      const { $ref } = await expectOk(store.references.put({ id: `ref_${round}`, value: round }));
      const { rows } = await expectOk(
        store.sql.execute(
          "select created_at <= clock_timestamp() as past, created_at as at from core_references where id = ?",
          [$ref],
        ),
      );
      expect(rows[0]).toMatchObject({
        past: true,
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      });
    }
  });
});
