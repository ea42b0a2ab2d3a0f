import { join } from "node:path";
import { sqliteAdapter } from "@spine/adapters-sqlite";
import { type DatabaseAdapter, getAdapter, kyselyOf } from "@spine/sql";
import { buildAnomaly, expectErr, expectOk } from "@spine/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "./folder.ts";
import { openStore } from "./open.ts";

const adapters = [sqliteAdapter];

async function open(kindOrUrl: string, options = {}): Promise<DatabaseAdapter> {
  const adapter = await expectOk(getAdapter(kindOrUrl, options, { adapters }));
  onTestFinished(async () => void (await adapter.close()));
  return adapter;
}

describe("the SQLite adapter", () => {
  test("opens a path, and files by URL", async () => {
    const path = join(temporaryFolder(), "with space.db");
    const adapter = await open("sqlite", { path });
    await expectOk(adapter.execute("create table t (id integer)"));
    expect([adapter.kind, adapter.location]).toEqual(["sqlite", path]);
    for (const url of [`sqlite:${path}`, `sqlite://${path}`, `sqlite://${path.replaceAll(" ", "%20")}`]) {
      const other = await open(url);
      expect(other.location).toBe(path);
      expect(await expectOk(other.query("select id from t"))).toEqual([]);
    }
    expect((await open("sqlite::memory:")).location).toBe(":memory:");
  });

  test("needs a path", async () => {
    await expectErr(getAdapter("sqlite", {}, { adapters }), "CONFIG_INVALID");
  });

  test("runs statements, inserts and transactions with savepoints", async () => {
    const adapter = await open("sqlite", { path: ":memory:" });
    await expectOk(adapter.execute("create table captures (id integer primary key, domain text)"));
    expect(await expectOk(adapter.insert("captures", [{ id: 1, domain: "finra.otc" }]))).toBe(1);
    const kept = await expectOk(
      adapter.transaction(async (tx) => {
        await expectOk(tx.execute("insert into captures values (2, ?)", ["finra.otc"]));
        await expectErr(
          tx.savepoint((inner) =>
            kyselyOf<{ captures: { id: number } }>(inner).insertInto("captures").values({ id: 2 }).execute(),
          ),
          "INTEGRITY_VIOLATED",
        );
        return "kept";
      }),
    );
    expect(kept).toBe("kept");
    await expectErr(
      adapter.transaction(async (tx) => {
        await expectOk(tx.execute("delete from captures"));
        await expectErr(adapter.query("select 1"), "TX_NESTED");
        throw new Error("undone");
      }),
      "UNKNOWN",
    );
    expect(await expectOk(adapter.query("select id from captures where domain = ?", ["finra.otc"]))).toEqual([
      { id: 1 },
      { id: 2 },
    ]);
  });

  test("gives a store over the same connections, and closes with it", async () => {
    const adapter = await open("sqlite", { path: ":memory:" });
    const store = await openStore(adapter.store());
    await expectOk(store.anomalies.record([buildAnomaly()]));
    expect(await expectOk(adapter.query("select id from core_anomalies"))).toEqual([{ id: "anom_000001" }]);
    await expectOk(adapter.transaction(() => expectErr(store.anomalies.list({}), "TX_NESTED")));
    await expectOk(adapter.close());
    await expectErr(store.anomalies.list({}), "HOST_CLOSED");
    await expectErr(adapter.query("select 1"), "HOST_CLOSED");
  });
});
