import {
  deleteForKey,
  existingHashes,
  hashExists,
  okAsync,
  quoteIdentifier,
  type SqlExecutor,
  type SqlResult,
  type SqlValue,
  whereKey,
} from "@spine/core";
import { describe, expect, test } from "vitest";

interface RecordingSql extends SqlExecutor {
  readonly statements: readonly { readonly sql: string; readonly params: readonly SqlValue[] }[];
}

/** Answers every statement with the same result and keeps what it was asked. */
function recordingSql(result: SqlResult<unknown>): RecordingSql {
  const statements: { sql: string; params: readonly SqlValue[] }[] = [];
  return {
    statements,
    execute: <Row>(sql: string, params: readonly SqlValue[] = []) => {
      statements.push({ sql, params });
      return okAsync(result as SqlResult<Row>);
    },
    insert: () => okAsync(0),
  };
}

describe("the idempotency helpers", () => {
  test("hashExists asks for one row by a bound value", async () => {
    const sql = recordingSql({ rows: [{ "1": 1 }], rowsAffected: 0 });
    expect((await hashExists(sql, "otc_raw", "record_hash", "abc"))._unsafeUnwrap()).toBe(true);
    expect(sql.statements).toEqual([
      { sql: 'select 1 from "otc_raw" where "record_hash" = ? limit 1', params: ["abc"] },
    ]);
    expect((await hashExists(recordingSql({ rows: [], rowsAffected: 0 }), "t", "c", "abc"))._unsafeUnwrap()).toBe(
      false,
    );
  });

  test("existingHashes gives a set", async () => {
    const sql = recordingSql({ rows: [{ hash: "a" }, { hash: "b" }], rowsAffected: 0 });
    expect((await existingHashes(sql, "otc_raw", "record_hash"))._unsafeUnwrap()).toEqual(new Set(["a", "b"]));
    expect((await existingHashes(recordingSql({ rows: [], rowsAffected: 0 }), "t", "c"))._unsafeUnwrap().size).toBe(0);
  });

  test("deleteForKey deletes by all parts, in their order, and says how many went", async () => {
    const sql = recordingSql({ rows: [], rowsAffected: 5 });
    const key = { week_ending: "2025-11-14", tier: "OTC" };
    expect((await deleteForKey(sql, "otc_volume", key))._unsafeUnwrap()).toBe(5);
    expect(sql.statements).toEqual([
      { sql: 'delete from "otc_volume" where "week_ending" = ? and "tier" = ?', params: ["2025-11-14", "OTC"] },
    ]);
  });

  test("a key of one part is one condition; of none it matches nothing", () => {
    expect(whereKey({ id: 7 })).toEqual({ where: '"id" = ?', values: [7] });
    expect(whereKey({})).toEqual({ where: "1 = 0", values: [] });
  });

  test("names are quoted whatever is in them", () => {
    expect(quoteIdentifier('a"; drop table x; --')).toBe('"a""; drop table x; --"');
  });
});
