import { join } from "node:path";
import { sqlite } from "@spine/adapters-sqlite";
import type { Result, SpineError } from "@spine/core";
import { buildRun, expectErr, expectOk } from "@spine/testkit";
import { describe, expect, test } from "vitest";
import { startChild } from "./child.ts";
import { temporaryFolder } from "./folder.ts";
import { openStore } from "./open.ts";

describe("several processes on one file", () => {
  test("lose no update, none of them failing", async () => {
    const path = join(temporaryFolder(), "spine.db");
    const store = await openStore(sqlite(path));
    await expectOk(store.sql.execute("create table counter (value integer)"));
    await expectOk(store.sql.execute("insert into counter values (0)"));
    const children = [startChild("count", [path, "200"]), startChild("count", [path, "200"])];
    await Promise.all(children.map((child) => child.exit()));
    expect((await expectOk(store.sql.execute("select value from counter"))).rows).toEqual([{ value: 400 }]);
  });

  test("wait for the one that writes, while everything else in them goes on", async () => {
    const path = join(temporaryFolder(), "spine.db");
    const store = await openStore(sqlite(path));
    const holder = startChild("hold", [path]);
    await holder.line();
    const write = store.owners.beat({ owner: "owner-a", place: "host-1", pid: 1, leaseMs: 60_000 });
    expect(await expectOk(store.owners.list())).toEqual([]);
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setTimeout(resolve, 1));
    holder.send("stop");
    await expectOk(write);
    expect(await expectOk(store.owners.list())).toMatchObject([{ owner: "owner-a" }]);
  });

  test("give up with a remedy when it takes too long", async () => {
    const path = join(temporaryFolder(), "spine.db");
    const store = await openStore(sqlite(path, { busyTimeoutMs: 50 }));
    const holder = startChild("hold", [path]);
    await holder.line();
    const writes: readonly (() => Promise<Result<unknown, SpineError>>)[] = [
      async () => store.sql.execute("create table t (id integer)"),
      async () =>
        store.sql.insert("core_owners", [{ owner: "a", place: "b", pid: 1, started_at: "", lease_until: "" }]),
      async () => store.runs.create({ run: buildRun(), started: [], events: [] }),
      async () => store.owners.retire({ owner: "owner-a" }),
      async () => store.transaction(() => 1),
    ];
    for (const write of writes) {
      const error = await expectErr(write(), "DATABASE_BUSY");
      expect(error.retryable).toBe(true);
      expect(error.message).toContain("another process");
      expect(error.context.remedy).toBe(`lsof "${path}"`);
    }
    holder.send("stop");
    await holder.exit();
    await expectOk(store.transaction(() => 1));
  });
});

describe("one process", () => {
  test("does not wait for ever for a transaction of its own", async () => {
    const store = await openStore(sqlite(":memory:", { busyTimeoutMs: 50 }));
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const transaction = store.transaction(() => ended);
    const error = await expectErr(store.sql.execute("create table t (id integer)"), "DATABASE_BUSY");
    expect(error.message).toContain("a transaction of this process");
    end();
    await expectOk(transaction);
    await expectOk(store.sql.execute("create table t (id integer)"));
  });
});
