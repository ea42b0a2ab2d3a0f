import { once } from "node:events";
import { createServer } from "node:net";
import { postgres } from "@spine/adapters-postgres";
import { expectErr, expectOk, fakeClock } from "@spine/testkit";
import { afterAll, describe, expect, test } from "vitest";
import { environmentOf, openStore } from "./open.ts";
import { createSchemas, url, withClient } from "./server.ts";

const schemas = createSchemas("failures");
afterAll(() => schemas.drop());

const secret = "s3cret-word";

function addressWith(change: (address: URL) => void): string {
  const address = new URL(url ?? "postgres://nobody@localhost/none");
  address.password = secret;
  change(address);
  return address.href;
}

/** Ends every connection that a store with this schema in its search path has. */
async function terminate(schema: string): Promise<void> {
  await withClient((client) =>
    client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and application_name = $1`,
      [schema],
    ),
  );
}

describe.skipIf(url === undefined)("connecting to PostgreSQL", () => {
  test("with a wrong password is refused", async () => {
    const error = await expectErr(
      postgres(addressWith((address) => (address.password = secret))).open(environmentOf()),
      "AUTHENTICATION_FAILED",
    );
    expect(error.message).toMatch(/^Could not connect to PostgreSQL postgres:\/\//);
    expect(error.context.remedy).toBe("Check user and password.");
  });

  test("where no server listens can be tried again", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    server.close();
    await once(server, "close");
    const address = addressWith((it) => (it.port = String(port)));
    const error = await expectErr(postgres(address).open(environmentOf()), "DATABASE_UNAVAILABLE");
    expect(error.retryable).toBe(true);
    expect(error.category).toBe("DATABASE");
    expect(JSON.stringify([error.message, error.context])).not.toContain(secret);
  });

  test("where nobody answers gives up", async () => {
    const server = createServer(() => undefined).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const address = addressWith((it) => (it.port = String(port)));
    await expectErr(postgres(address, { connectTimeoutMs: 100 }).open(environmentOf()), "DATABASE_UNAVAILABLE");
    server.close();
  });

  test("to a database that is not there is a mistake of configuration", async () => {
    const address = new URL(url ?? "");
    address.pathname = "/spine_no_such_database";
    await expectErr(postgres(address.href).open(environmentOf()), "CONFIG_INVALID");
  });

  test.for(["mysql://localhost/x", "spine.db", ""])("by %o is refused", async (address) => {
    await expectErr(postgres(address).open(environmentOf()), "CONFIG_INVALID");
  });
});

describe.skipIf(url === undefined)("a broken connection", () => {
  test("fails what was under way as retryable, and the store goes on", async () => {
    const schema = schemas.next();
    const store = await openStore(postgres(`${url}?application_name=${schema}`, { schema, maxConnections: 3 }));
    const broken = store.transaction(async (tx) => {
      await expectOk(tx.execute("create table kept (id integer)"));
      await terminate(schema);
      const later = await tx.execute("select 1");
      if (later.isErr()) throw later.error;
    });
    expect((await expectErr(broken, "DATABASE_UNAVAILABLE")).retryable).toBe(true);
    await expectErr(store.sql.execute("select * from kept"), "QUERY_INVALID");
    await expectOk(store.transaction((tx) => expectOk(tx.execute("create table kept (id integer)"))));
  });

  test("that was idle is replaced, also that of checkpoints and heartbeats", async () => {
    const schema = schemas.next();
    const store = await openStore(postgres(`${url}?application_name=${schema}`, { schema, maxConnections: 2 }));
    const beat = () => store.owners.beat({ owner: "owner-a", place: "host-1", pid: 1, leaseMs: 60_000 });
    await expectOk(beat());
    await terminate(schema);
    await expect.poll(async () => (await beat()).isOk(), { timeout: 20_000 }).toBe(true);
    await expect.poll(async () => (await store.owners.list()).isOk(), { timeout: 20_000 }).toBe(true);
  });
});

describe.skipIf(url === undefined)("a transaction on PostgreSQL", () => {
  test("is cut off in the middle of a statement", async () => {
    const schema = schemas.next();
    const clock = fakeClock();
    const store = await openStore(postgres(url ?? "", { schema, maxConnections: 1, clock: "host" }), { clock });
    let begun = (): void => undefined;
    const isBegun = new Promise<void>((resolve) => (begun = resolve));
    const transaction = store.transaction(
      async (tx) => {
        const sleeping = tx.execute("select pg_sleep(60)");
        const queued = tx.execute("create table late (id integer)");
        begun();
        await sleeping;
        await queued;
      },
      { deadlineMs: 1000 },
    );
    await isBegun;
    await clock.advance(1000);
    await expectErr(transaction, "TX_TOO_LONG");
    await expectErr(store.sql.execute("select * from late"), "QUERY_INVALID");
  });

  test("holds up neither checkpoints nor heartbeats, even when all connections are taken", async () => {
    const store = await openStore(
      postgres(url ?? "", { schema: schemas.next(), maxConnections: 1, connectTimeoutMs: 200 }),
    );
    const taken = await expectOk(
      store.transaction(async () => {
        const outside = await new Promise<readonly unknown[]>((resolve) => {
          // Outside of what the transaction calls, as the engine's own loops are.
          outsideLoop.run(async () => {
            const beaten = await store.owners.beat({ owner: "owner-a", place: "host-1", pid: 1, leaseMs: 60_000 });
            const kept = await store.runs.checkpoint([]);
            const refused = await store.sql.execute("select 1");
            resolve([
              beaten.isOk(),
              kept.isOk(),
              refused.isErr() && refused.error.code,
              refused.isErr() && refused.error.message,
            ]);
          });
        });
        return outside;
      }),
    );
    expect(taken).toEqual([true, true, "DATABASE_BUSY", expect.stringContaining("all 1 are in use")]);
  });

  test("that two wait for each other in ends one of them, which may try again", async () => {
    const store = await openStore(postgres(url ?? "", { schema: schemas.next(), maxConnections: 2 }));
    await expectOk(store.sql.execute("create table pairs (id integer primary key, n integer)"));
    await expectOk(
      store.sql.insert("pairs", [
        { id: 1, n: 0 },
        { id: 2, n: 0 },
      ]),
    );
    const gates = [createGate(), createGate()] as const;
    const cross = (first: number, second: number): Promise<string> =>
      store
        .transaction(async (tx) => {
          await expectOk(tx.execute("update pairs set n = n + 1 where id = ?", [first]));
          gates[first - 1]?.open();
          await gates[second - 1]?.opened;
          const updated = await tx.execute("update pairs set n = n + 1 where id = ?", [second]);
          if (updated.isErr()) throw updated.error;
        })
        .match(
          () => "kept",
          ({ code, retryable }) => `${code} ${retryable}`,
        );
    const outcomes = await Promise.all([cross(1, 2), cross(2, 1)]);
    expect(outcomes.toSorted()).toEqual(["DATABASE_CONFLICT true", "kept"]);
  });
});

/** A loop that was begun outside any transaction, as the engine's recorder and heartbeat are. */
const outsideLoop = createLoop();

function createLoop(): { run(work: () => Promise<void>): void } {
  let next: (() => Promise<void>) | undefined;
  const timer = setInterval(() => {
    const work = next;
    next = undefined;
    void work?.();
  }, 1);
  timer.unref();
  return {
    run(work) {
      next = work;
    },
  };
}

function createGate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}
