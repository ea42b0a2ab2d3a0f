import { postgres } from "@spine/adapters-postgres";
import { diffCaptures } from "@spine/sql";
import { buildCapture, expectOk } from "@spine/testkit";
import { afterAll, describe, expect, test } from "vitest";
import { openStore } from "./open.ts";
import { createSchemas, url } from "./server.ts";

const schemas = createSchemas("diff");
afterAll(() => schemas.drop());

describe.skipIf(url === undefined)("the difference of two captures on PostgreSQL", () => {
  test.for([
    ["numeric", "1.0", "1.00", 0],
    ["numeric", "1.0", "1.01", 1],
    ["timestamptz", "2025-12-20T00:00:00.000001Z", "2025-12-20T00:00:00.000002Z", 1],
    ["jsonb", '{"a":1,"b":2}', '{"b":2, "a":1}', 0],
    ["jsonb", '{"a":1}', '{"a":2}', 1],
    ["json", '{"a":1}', '{"a":1}', 0],
    ["json", '{"a":1}', '{"a":2}', 1],
    ["xml", "<a/>", "<b/>", 1],
    ["point", "(1,2)", "(1,3)", 1],
    ["text[]", "{a,b}", "{a,b}", 0],
    ["text[]", "{a,b}", "{a}", 1],
    ["json[]", '{"1"}', '{"2"}', 1],
    ["varchar(5)", "a", "b", 1],
    ["bytea", "\\x00", "\\x01", 1],
    ["double precision", "NaN", "NaN", 0],
  ] as const)("compares %s as the database does: %s and %s", async ([type, before, after, changed]) => {
    const store = await openStore(postgres(url ?? "", { schema: schemas.take(), maxConnections: 2 }));
    await expectOk(
      store.sql.execute(
        `create table facts (capture_id text, id integer, fact ${type}, same ${type}, primary key (capture_id, id))`,
      ),
    );
    for (const [captureId, fact] of [
      ["cap_1", before],
      ["cap_2", after],
    ] as const) {
      await expectOk(store.captures.start(buildCapture({ captureId })));
      await expectOk(store.payloads.write({ captureId, table: "facts", rows: [{ id: 1, fact, same: before }] }));
      await expectOk(store.captures.complete({ captureId, rowCount: 1 }));
    }
    const { tables } = await expectOk(diffCaptures(store.sql, { from: "cap_1", to: "cap_2" }));
    expect(tables).toMatchObject([{ added: 0, removed: 0, changed, unchanged: 1 - changed }]);
    expect(tables[0]?.examples.changed.map(({ columns }) => Object.keys(columns))).toEqual(
      changed === 1 ? [["fact"]] : [],
    );
  });
});
