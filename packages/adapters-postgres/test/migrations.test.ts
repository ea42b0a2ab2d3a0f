import { postgres } from "@spine/adapters-postgres";
import { defineMigration } from "@spine/sql";
import { expectErr, expectOk } from "@spine/testkit";
import { afterAll, describe, expect, test } from "vitest";
import { environmentOf, openStore } from "./open.ts";
import { createSchemas, url } from "./server.ts";

const schemas = createSchemas("migrations");
afterAll(() => schemas.drop());

const prices = defineMigration({
  name: "0001-prices",
  up: ({ sequencedTable, type, now }) => [
    sequencedTable("prices", "id")
      .addColumn("symbol", type.key, (column) => column.notNull())
      .addColumn("loaded_at", type.instant, (column) => (now === undefined ? column : column.defaultTo(now))),
  ],
});

describe.skipIf(url === undefined)("migrations on PostgreSQL", () => {
  test("run once, whoever starts at the same time", async () => {
    const provider = postgres(url ?? "", { schema: schemas.next(), maxConnections: 1 });
    const stores = await Promise.all(Array.from({ length: 6 }, () => openStore(provider, { migrations: [prices] })));
    const [store] = stores;
    const { rows } = await expectOk(
      (store ?? expect.fail("no store")).sql.execute("select owner, name from core_migrations order by owner, name"),
    );
    expect(rows).toEqual([
      { owner: "prices", name: "0001-prices" },
      { owner: "spine", name: "0001-foundation" },
      { owner: "spine", name: "0002-captures" },
      { owner: "spine", name: "0008-orchestration" },
    ]);
  });

  test("make a plugin's tables with the types of the engine", async () => {
    const store = await openStore(postgres(url ?? "", { schema: schemas.next() }), { migrations: [prices] });
    await expectOk(store.sql.insert("prices", [{ symbol: "A" }, { symbol: "B" }]));
    const { rows } = await expectOk(
      store.sql.execute("select id, symbol, loaded_at is not null as stamped from prices order by id"),
    );
    expect(rows).toEqual([
      { id: 1, symbol: "A", stamped: true },
      { id: 2, symbol: "B", stamped: true },
    ]);
  });

  test("that fail are rolled back, tables and all", async () => {
    const schema = schemas.next();
    const broken = defineMigration({
      name: "0002-broken",
      up: ({ schema: build, type }) => [
        build.createTable("half").addColumn("id", type.key),
        build.createTable("half").addColumn("id", type.key),
      ],
    });
    await expectErr(
      postgres(url ?? "", { schema }).open(environmentOf({ migrations: [prices, broken] })),
      "MIGRATION_FAILED",
    );
    const store = await openStore(postgres(url ?? "", { schema }), { migrations: [prices] });
    await expectErr(store.sql.execute("select * from half"), "QUERY_INVALID");
  });

  test("are the same whichever clock the store uses", async () => {
    const schema = schemas.next();
    await openStore(postgres(url ?? "", { schema, clock: "host" }), { migrations: [prices] });
    const other = postgres(url ?? "", { schema, clock: "database", migrate: "check" });
    const store = await openStore(other, { migrations: [prices] });
    expect(store.kind).toBe("postgres");
  });

  test("are only asked for with migrate: check, which changes nothing", async () => {
    const schema = schemas.next();
    await expectErr(postgres(url ?? "", { schema, migrate: "check" }).open(environmentOf()), "MIGRATIONS_PENDING");
    await openStore(postgres(url ?? "", { schema }));
    await openStore(postgres(url ?? "", { schema, migrate: "check" }));
  });
});
