import { SpineError } from "@spine/core";
import { canonicalInstant, databaseError, getAdapter, maskUrl } from "@spine/sql";
import { describe, expect, test } from "vitest";

describe("an instant of a database", () => {
  test.for([
    ["2025-12-20 00:00:00+00", "2025-12-20T00:00:00.000Z"],
    ["2025-12-20 00:00:00.5+00", "2025-12-20T00:00:00.500Z"],
    ["2025-12-20 00:00:00.123456+00", "2025-12-20T00:00:00.123Z"],
    ["2025-12-20T00:00:00.001Z", "2025-12-20T00:00:00.001Z"],
    ["infinity", "infinity"],
    ["0044-03-15 12:00:00+00 BC", "0044-03-15 12:00:00+00 BC"],
  ] as const)("%s is %s", ([text, expected]) => {
    expect(canonicalInstant(text)).toBe(expected);
  });
});

describe("an address in a text", () => {
  test.for([
    ["postgres://spine:s3cret@db:5432/spine", "postgres://spine:***@db:5432/spine"],
    ["postgres://spine:a:b@c@db/spine", "postgres://spine:***@db/spine"],
    ["postgres://db/spine?user=spine&password=s3cret&ssl=true", "postgres://db/spine?user=spine&password=***&ssl=true"],
    ["postgres://spine@db/spine", "postgres://spine@db/spine"],
    ["sqlite:///data/spine.db", "sqlite:///data/spine.db"],
  ] as const)("%s is shown as %s", ([url, expected]) => {
    expect(maskUrl(url)).toBe(expected);
  });
});

describe("an unknown adapter", () => {
  test.for([
    ["postgresql", "npm install @spine/adapters-postgres"],
    ["sqlite:spine.db", "npm install @spine/adapters-sqlite"],
    ["mysql", "npm install @spine/adapters-sqlite @spine/adapters-postgres"],
  ] as const)("%s names the command to run", async ([kind, remedy]) => {
    const error = (await getAdapter(kind, {}, { adapters: [] }))._unsafeUnwrapErr();
    expect(error.code).toBe("ADAPTER_UNKNOWN");
    expect(error.message).toContain(`\`${remedy}\``);
    expect(error.context.remedy).toBe(remedy);
  });

  test("that is misspelt gets the near name, and no password shows", async () => {
    const error = (await getAdapter("postgers://spine:s3cret@db/spine", {}, { adapters: [] }))._unsafeUnwrapErr();
    expect(error.message).toContain('Did you mean "postgres"?');
    expect(error.message).not.toContain("s3cret");
  });
});

describe("what a driver throws", () => {
  const failure = (facts: object): Error => Object.assign(new Error("it failed"), facts);

  test.for([
    [{ code: "SQLITE_BUSY_SNAPSHOT" }, "DATABASE_BUSY", true],
    [{ code: "SQLITE_CONSTRAINT_UNIQUE" }, "INTEGRITY_VIOLATED", false],
    [{ code: "SQLITE_NOTADB" }, "DATABASE_CORRUPT", false],
    [{ code: "SQLITE_READONLY_DBMOVED" }, "DATABASE_READ_ONLY", false],
    [{ code: "SQLITE_FULL" }, "DISK_FULL", false],
    [{ code: "23505" }, "INTEGRITY_VIOLATED", false],
    [{ code: "40P01" }, "DATABASE_CONFLICT", true],
    [{ code: "40001" }, "DATABASE_CONFLICT", true],
    [{ code: "42P01" }, "QUERY_INVALID", false],
    [{ code: "25006" }, "DATABASE_READ_ONLY", false],
    [{ code: "28P01" }, "AUTHENTICATION_FAILED", false],
    [{ code: "53300" }, "DATABASE_UNAVAILABLE", true],
    [{ code: "57P01" }, "DATABASE_UNAVAILABLE", true],
    [{ code: "ECONNREFUSED" }, "DATABASE_UNAVAILABLE", true],
    [{ code: "ETIMEDOUT" }, "DATABASE_UNAVAILABLE", true],
    [{}, "DATABASE_ERROR", false],
  ] as const)("with %o is %s", ([facts, code, retryable]) => {
    const error = databaseError(failure(facts), { action: "read prices" });
    expect([error.code, error.retryable]).toEqual([code, retryable]);
    expect(error.message).toBe("Could not read prices: it failed.");
  });

  test("keeps the driver's facts and its error", () => {
    const thrown = failure({ code: "23505", constraint: "prices_key", detail: "Key (symbol)=(A) already exists." });
    const error = databaseError(thrown, { action: "write", sql: "insert\n  into prices" });
    expect(error.cause).toBe(thrown);
    expect(error.context).toEqual({
      sql: "insert into prices",
      driverCode: "23505",
      constraint: "prices_key",
      detail: "Key (symbol)=(A) already exists.",
    });
  });

  test("is told in full when several addresses failed", () => {
    const thrown = new AggregateError([failure({ code: "ECONNREFUSED" }), failure({ code: "ECONNREFUSED" })]);
    const error = databaseError(thrown, { action: "connect" });
    expect([error.code, error.message]).toEqual(["DATABASE_UNAVAILABLE", "Could not connect: it failed; it failed."]);
  });

  test("passes when it is spine's already", () => {
    const own = new SpineError("TX_CLOSED", "The transaction has ended.");
    expect(databaseError(own, { action: "write" })).toBe(own);
  });
});
