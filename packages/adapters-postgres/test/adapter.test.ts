import { postgresAdapter } from "@spine/adapters-postgres";
import { getAdapter, kyselyOf } from "@spine/sql";
import { expectErr, expectOk } from "@spine/testkit";
import { sql } from "kysely";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { createSchemas, url } from "./server.ts";

const adapters = [postgresAdapter];
const schemas = createSchemas("adapter");
afterAll(() => schemas.drop());

interface Tables {
  captures: { id: number; facts: string };
}

describe.skipIf(url === undefined)("the PostgreSQL adapter", () => {
  test("opens by URL and by parts", async () => {
    const { hostname, port, pathname, username, password } = new URL(url ?? "");
    const parts = { host: hostname, port: Number(port), database: pathname.slice(1), username, password };
    for (const opening of [getAdapter(url ?? "", {}, { adapters }), getAdapter("postgresql", parts, { adapters })]) {
      const adapter = await expectOk(opening);
      expect(adapter.location).toBe(`postgres://${username}@${hostname}:${port}${pathname}`);
      expect(await expectOk(adapter.query("select 1 as one"))).toEqual([{ one: 1 }]);
      await expectOk(adapter.close());
    }
    await expectErr(getAdapter("postgres", { host: "localhost" }, { adapters }), "CONFIG_INVALID");
  });

  test("runs kysely's queries, operators with a question mark among them", async () => {
    const adapter = await expectOk(getAdapter(url ?? "", { schema: schemas.next() }, { adapters }));
    onTestFinished(async () => void (await adapter.close()));
    await expectOk(adapter.execute("create table captures (id integer, facts jsonb)"));
    const db = kyselyOf<Tables>(adapter);
    await db
      .insertInto("captures")
      .values([
        { id: 1, facts: '{"a": 1}' },
        { id: 2, facts: '{"b": 1}' },
      ])
      .execute();
    const key = "a";
    const found = await sql<{ id: number }>`select id from captures where facts ? ${key}`.execute(db);
    expect(found.rows).toEqual([{ id: 1 }]);
    await expectErr(
      adapter.transaction(async (tx) => {
        await kyselyOf<Tables>(tx).deleteFrom("captures").execute();
        throw new Error("undone");
      }),
      "UNKNOWN",
    );
    const again = await expectOk(adapter.query("select id from captures where jsonb_exists(facts, ?)", ["b"]));
    expect(again).toEqual([{ id: 2 }]);
  });
});
