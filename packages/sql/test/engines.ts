import { randomBytes } from "node:crypto";
import { postgres } from "@spine/adapters-postgres";
import { sqlite } from "@spine/adapters-sqlite";
import type { StartCapture, Store, StoreProvider } from "@spine/core";
import { defineMigration, kyselyOf } from "@spine/sql";
import { buildCapture, expectOk, type FakeClock, fakeClock, silentEnvironment } from "@spine/testkit";
import type { Kysely } from "kysely";
import { onTestFinished } from "vitest";

/** The server that the house's global setup started, or was given. */
const url = process.env["SPINE_TEST_PG_URL"];

interface Prices {
  capture_id: string;
  symbol: string;
  price: number | null;
  input_max_capture_id: string | null;
}

export interface Tables {
  prices: Prices;
  prices_current: Prices;
}

export interface Opened {
  readonly store: Store;
  readonly clock: FakeClock;
  readonly db: Kysely<Tables>;
}

/** Each engine there is, with an empty store of its own at each call: a table `prices` and its view `prices_current`. */
export const engines: readonly (readonly [name: string, open: () => Promise<Opened>])[] = [
  ["SQLite", () => open(() => ({ provider: sqlite(":memory:") }))],
  ...(url === undefined
    ? []
    : [
        [
          "PostgreSQL",
          () =>
            open(() => {
              const schema = `readers_${randomBytes(6).toString("hex")}`;
              return { provider: postgres(url, { schema, clock: "host", maxConnections: 2 }), schema };
            }),
        ] as const,
      ]),
];

const prices = defineMigration({
  name: "0001-prices",
  up: ({ schema, type, currentView }) => [
    schema
      .createTable("prices")
      .addColumn("capture_id", type.key, (column) => column.notNull())
      .addColumn("symbol", type.key, (column) => column.notNull())
      .addColumn("price", type.real)
      .addColumn("input_max_capture_id", type.key)
      .addPrimaryKeyConstraint("prices_key", ["capture_id", "symbol"]),
    currentView("prices"),
  ],
});

async function open(make: () => { readonly provider: StoreProvider; readonly schema?: string }): Promise<Opened> {
  const { provider, schema } = make();
  const clock = fakeClock("2025-12-20T00:00:00Z");
  const contributions = (kind: string) => (kind === "migrations" ? [{ owner: "prices", value: prices }] : []);
  const store = await expectOk(provider.open({ ...silentEnvironment(clock), contributions }));
  onTestFinished(async () => {
    if (schema !== undefined) await expectOk(store.sql.execute(`drop schema ${schema} cascade`));
    await expectOk(store.close());
  });
  return { store, clock, db: kyselyOf<Tables>(store.sql) };
}

export type Rows = Readonly<Record<string, number | null>>;

interface Given extends Partial<StartCapture> {
  readonly rows?: Rows;
  readonly gate?: "PASS" | "BLOCK" | "QUARANTINE";
}

/** A store, or the handle of its transaction. */
type Ledger = Pick<Store, "captures"> & { readonly payloads: Pick<Store["payloads"], "write"> };

/** Starts a capture, writes a row for each symbol, and leaves it RUNNING. */
export async function begin(store: Ledger, { rows = {}, ...given }: Omit<Given, "gate">): Promise<string> {
  const { captureId } = await expectOk(store.captures.start(buildCapture(given)));
  const written = Object.entries(rows).map(([symbol, price]) => ({ symbol, price, input_max_capture_id: captureId }));
  await expectOk(store.payloads.write({ captureId, table: "prices", rows: written }));
  return captureId;
}

/** Starts and completes a capture with a row for each symbol. */
export async function load(store: Ledger, { gate, ...given }: Given): Promise<string> {
  const captureId = await begin(store, given);
  await expectOk(store.captures.complete({ captureId, rowCount: Object.keys(given.rows ?? {}).length, gate }));
  return captureId;
}
