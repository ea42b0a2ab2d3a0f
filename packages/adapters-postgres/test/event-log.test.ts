import { postgres } from "@spine/adapters-postgres";
import type { Store } from "@spine/core";
import { buildRun, expectOk } from "@spine/testkit";
import { Client } from "pg";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { openStore } from "./open.ts";
import { createSchemas, url } from "./server.ts";

const schemas = createSchemas("events");
afterAll(() => schemas.drop());

async function typesAfter(store: Store, after: number): Promise<readonly string[]> {
  return (await expectOk(store.history.events({ after }))).map(({ type }) => type);
}

/** A connection whose transaction has written an event and has not ended. */
async function openWriter(schema: string): Promise<Client> {
  const client = new Client(url);
  await client.connect();
  onTestFinished(() => client.end());
  await client.query("begin");
  await client.query(
    `insert into ${schema}.core_workflow_events (run_id, event_type, occurred_at, payload) values ('run_x', 'slow', now(), '{}')`,
  );
  return client;
}

async function record(store: Store, runId: string, type: string): Promise<void> {
  await expectOk(store.runs.create({ run: buildRun({ runId }), started: [], events: [{ type, payload: {} }] }));
}

describe.skipIf(url === undefined)("the event log on PostgreSQL", () => {
  test("is read up to a number that a transaction may yet fill, so that a reader with a cursor loses none", async () => {
    const schema = schemas.next();
    const store = await openStore(postgres(url ?? "", { schema }));
    await record(store, "run_1", "first");
    const writer = await openWriter(schema);
    await record(store, "run_2", "fast");
    expect(await typesAfter(store, 0)).toEqual(["first"]);
    expect(await typesAfter(store, 1)).toEqual([]);
    expect((await expectOk(store.history.events({ runId: "run_2" }))).map(({ type }) => type)).toEqual(["fast"]);
    await writer.query("commit");
    expect(await typesAfter(store, 1)).toEqual(["slow", "fast"]);
  });

  test("is read past a number whose transaction was rolled back", async () => {
    const schema = schemas.next();
    const store = await openStore(postgres(url ?? "", { schema }));
    await record(store, "run_1", "first");
    const writer = await openWriter(schema);
    await record(store, "run_2", "fast");
    expect(await typesAfter(store, 1)).toEqual([]);
    await writer.query("rollback");
    // Transactions of other tests, in flight when the gap was first seen, have to end too.
    await expect.poll(() => typesAfter(store, 1), { timeout: 20_000 }).toEqual(["fast"]);
  });
});
