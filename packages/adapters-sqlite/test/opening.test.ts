import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sqlite } from "@spine/adapters-sqlite";
import { expectErr, expectOk } from "@spine/testkit";
import { describe, expect, test } from "vitest";
import { loadDriver } from "../src/driver.ts";
import { startChild } from "./child.ts";
import { temporaryFolder } from "./folder.ts";
import { environmentOf, openStore } from "./open.ts";

describe("opening SQLite", () => {
  test("in a folder that is not there says which", async () => {
    const folder = join(temporaryFolder(), "missing");
    const error = await expectErr(sqlite(join(folder, "spine.db")).open(environmentOf()), "DATABASE_UNAVAILABLE");
    expect(error.message).toBe(
      `Could not open SQLite ${folder}/spine.db: the folder ${folder} does not exist. mkdir -p "${folder}"`,
    );
  });

  test("where a folder is, or with an empty path, is refused", async () => {
    await expectErr(sqlite(temporaryFolder()).open(environmentOf()), "DATABASE_UNAVAILABLE");
    await expectErr(sqlite("").open(environmentOf()), "CONFIG_INVALID");
  });

  test.for([
    ["text", Buffer.from("symbol|volume\n".repeat(1000))],
    ["half a header", Buffer.from("SQLite format 3\u0000".padEnd(4096, "x"))],
  ] as const)("over a file of %s is told apart from a database", async ([, bytes]) => {
    const path = join(temporaryFolder(), "prices.csv");
    writeFileSync(path, bytes);
    const error = await expectErr(sqlite(path).open(environmentOf()), "DATABASE_CORRUPT");
    expect(error.message).toContain(path);
    expect(error.context.remedy).toContain("Check the path");
    expect(readFileSync(path)).toEqual(bytes);
  });

  // root may write everywhere, so another user tries; outside root this process's own user does.
  const nobody = process.getuid?.() === 0 ? { uid: 65_534 } : {};

  test("without the right to write to the file says so", async () => {
    const folder = temporaryFolder();
    const path = join(folder, "spine.db");
    await expectOk((await openStore(sqlite(path))).close());
    chmodSync(folder, 0o777);
    chmodSync(path, 0o444);
    const line = await startChild("open-as-other", [path], nobody).line();
    expect(line).toBe(
      `DATABASE_READ_ONLY Could not open SQLite ${path}: this user may not write to the file. chmod u+w "${path}"`,
    );
  });

  test("without the right to write to the folder says so", async () => {
    const folder = join(temporaryFolder(), "data");
    mkdirSync(folder);
    chmodSync(join(folder, ".."), 0o755);
    chmodSync(folder, 0o555);
    const line = await startChild("open-as-other", [join(folder, "spine.db")], nobody).line();
    expect(line).toContain(
      `DATABASE_READ_ONLY Could not open SQLite ${folder}/spine.db: this user may not write to the folder`,
    );
    chmodSync(folder, 0o755);
  });

  test("goes on with what a killed process left in the log", async () => {
    const folder = temporaryFolder();
    const path = join(folder, "spine.db");
    const store = await openStore(sqlite(path));
    await expectOk(store.sql.execute("create table t (id integer)"));
    await expectOk(store.sql.insert("t", [{ id: 1 }]));
    for (const suffix of ["", "-wal"]) copyFileSync(path + suffix, join(folder, `copy.db${suffix}`));
    const copy = await openStore(sqlite(join(folder, "copy.db")));
    expect((await expectOk(copy.sql.execute("select id from t"))).rows).toEqual([{ id: 1 }]);
  });

  test.for([
    ["normal", 1],
    ["full", 2],
  ] as const)("with durability %s sets what it means", async ([durability, level]) => {
    const store = await openStore(sqlite(join(temporaryFolder(), "spine.db"), { durability }));
    const pragmas = await expectOk(
      store.transaction(async (tx) => {
        const values: unknown[] = [];
        for (const name of ["synchronous", "journal_mode", "foreign_keys"]) {
          values.push(...Object.values((await expectOk(tx.execute(`pragma ${name}`))).rows[0] ?? {}));
        }
        return values;
      }),
    );
    expect(pragmas).toEqual([level, "wal", 1]);
  });

  test("on a Node that the driver would crash is refused before it is loaded", async () => {
    const error = await expectErr(loadDriver("20.20.2"), "CONFIG_INVALID");
    expect(error.message).toContain("Node 22 or later and this is 20.20.2");
  });
});
