import { join } from "node:path";
import { sqlite } from "@spine/adapters-sqlite";
import { silentLogger } from "@spine/core";
import { defineMigration, type Migration } from "@spine/sql";
import { expectErr, expectOk } from "@spine/testkit";
import { describe, expect, test } from "vitest";
import { startChild } from "./child.ts";
import { temporaryFolder } from "./folder.ts";
import { environmentOf, openStore } from "./open.ts";

const prices = defineMigration({
  name: "0001-prices",
  up: ({ schema, type }) => [
    schema
      .createTable("prices")
      .addColumn("capture_id", type.key, (column) => column.notNull())
      .addColumn("loaded_at", type.instant)
      .addColumn("facts", type.json),
  ],
});

const volumes = defineMigration({
  name: "0002-volumes",
  up: ({ schema, type }) => [schema.alterTable("prices").addColumn("volume", type.bigint)],
});

/** Fails at its second statement. */
const broken = defineMigration({
  name: "0003-broken",
  up: ({ schema, type, sql }) => [
    schema.createTable("half").addColumn("id", type.key),
    schema.createTable("half").addColumn("again", sql`text`),
  ],
});

const withPlugin = (...migrations: readonly Migration[]): { migrations: Record<string, readonly Migration[]> } => ({
  migrations: { prices: migrations },
});

describe("migrations", () => {
  test("of a plugin run after spine's own, each once", async () => {
    const path = join(temporaryFolder(), "spine.db");
    const applied: unknown[] = [];
    const logger = { ...silentLogger, info: (_: string, fields: unknown) => void applied.push(fields) };
    const first = await openStore(sqlite(path), { ...withPlugin(prices), logger });
    await expectOk(first.close());
    await openStore(sqlite(path), { ...withPlugin(prices, volumes), logger });
    expect(applied).toEqual([
      { owner: "spine", migration: "0001-foundation" },
      { owner: "spine", migration: "0002-captures" },
      { owner: "spine", migration: "0003-schedules" },
      { owner: "spine", migration: "0004-orchestration" },
      { owner: "prices", migration: "0001-prices" },
      { owner: "prices", migration: "0002-volumes" },
    ]);
  });

  test("make tables that the store's SQL can use", async () => {
    const store = await openStore(sqlite(":memory:"), withPlugin(prices, volumes));
    await expectOk(store.sql.insert("prices", [{ capture_id: "cap_1", loaded_at: null, facts: "{}", volume: 7 }]));
    const { rows } = await expectOk(store.sql.execute("select * from prices"));
    expect(rows).toEqual([{ capture_id: "cap_1", loaded_at: null, facts: "{}", volume: 7 }]);
  });

  test("that fail leave nothing behind, and those before them stay", async () => {
    const path = join(temporaryFolder(), "spine.db");
    const error = await expectErr(
      sqlite(path).open(environmentOf(withPlugin(prices, volumes, broken))),
      "MIGRATION_FAILED",
    );
    expect(error.message).toContain('"0003-broken" of prices');
    expect(error.cause).toMatchObject({ code: "QUERY_INVALID" });
    const store = await openStore(sqlite(path), withPlugin(prices, volumes));
    const { rows } = await expectOk(
      store.sql.execute("select name from sqlite_master where name in ('prices', 'half')"),
    );
    expect(rows).toEqual([{ name: "prices" }]);
  });

  test("may not change once they are applied", async () => {
    const path = join(temporaryFolder(), "spine.db");
    await expectOk((await openStore(sqlite(path), withPlugin(prices))).close());
    const changed = { ...prices, up: volumes.up };
    const error = await expectErr(sqlite(path).open(environmentOf(withPlugin(changed))), "MIGRATION_CHANGED");
    expect(error.context).toMatchObject({ owner: "prices", migration: "0001-prices" });
  });

  test("that only the database knows are a newer version's", async () => {
    const path = join(temporaryFolder(), "spine.db");
    await expectOk((await openStore(sqlite(path), withPlugin(prices, volumes))).close());
    const error = await expectErr(sqlite(path).open(environmentOf(withPlugin(prices))), "DATABASE_NEWER");
    expect(error.context).toMatchObject({ owner: "prices", migration: "0002-volumes" });
  });

  test("of a plugin that is not loaded now do not matter", async () => {
    const path = join(temporaryFolder(), "spine.db");
    await expectOk((await openStore(sqlite(path), withPlugin(prices))).close());
    await openStore(sqlite(path));
  });

  test("are only asked for with migrate: check", async () => {
    const path = join(temporaryFolder(), "spine.db");
    const provider = sqlite(path, { migrate: "check" });
    const error = await expectErr(provider.open(environmentOf(withPlugin(prices))), "MIGRATIONS_PENDING");
    expect(error.context["pending"]).toEqual([
      "spine 0001-foundation",
      "spine 0002-captures",
      "spine 0003-schedules",
      "spine 0004-orchestration",
      "prices 0001-prices",
    ]);
    await expectOk((await openStore(sqlite(path), withPlugin(prices))).close());
    await openStore(provider, withPlugin(prices));
  });

  test("that defineMigration did not make are refused", async () => {
    const contributions = (kind: string): { owner: string; value: unknown }[] =>
      kind === "migrations" ? [{ owner: "prices", value: { name: "0001-prices", sql: "create table x" } }] : [];
    await expectErr(sqlite(":memory:").open({ ...environmentOf(), contributions }), "PLUGIN_INVALID");
  });

  test("need names that sort", () => {
    expect(() => defineMigration({ ...prices, name: "add prices" })).toThrow("0001-prices");
  });

  test("run once when two processes start at the same time", async () => {
    const path = join(temporaryFolder(), "spine.db");
    const children = [startChild("migrate", [path]), startChild("migrate", [path])];
    for (const child of children) expect(await child.line()).toBe("ready");
    for (const child of children) child.send("go");
    const applied = await Promise.all(children.map(async (child) => Number(await child.line())));
    await Promise.all(children.map((child) => child.exit()));
    // Each migration is a commit of its own, so that each process may have made one of them.
    const store = await openStore(sqlite(path));
    const { rows } = await expectOk(store.sql.execute("select count(*) as known from core_migrations"));
    expect(rows).toEqual([{ known: applied.reduce((sum, count) => sum + count, 0) }]);
    expect(await expectOk(store.history.list({}))).toEqual([]);
  });
});
