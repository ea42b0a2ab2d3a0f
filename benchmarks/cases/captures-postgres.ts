import { postgres } from "@spine/adapters-postgres";
import { orThrow, silentLogger, systemClock } from "@spine/core";
import pg from "pg";
import { type PostgresServer, startPostgres } from "../../scripts/postgres.ts";
import { type BenchCase, CaseSkipped, type Scale } from "../bench.ts";
import { captureCost, headsCost, placesOf, resolveCost } from "../capture-costs.ts";
import { loadExpected } from "../capture-gaps.ts";
import { captureIdAt, loadLedger, loadLineage } from "../capture-ledger.ts";
import { gapsBenches, lineageBenches } from "./captures.ts";

const captures = 200;
const reads = 1000;
const versions = 10;

/** The ledger of captures on PostgreSQL with fsync on; as `captures`, over the same floors on one connection. */
export const captureLedgerPostgres: BenchCase = {
  name: "captures-postgres",
  async open(scale: Scale) {
    const server = await startOwnServer();
    const partitions = scale === "full" ? 100_000 : 10_000;
    const store = await orThrow(
      postgres(server.url).open({ clock: systemClock, logger: silentLogger, contributions: () => [] }),
    );
    await loadLedger(store, { stage: "INGEST", partitions, versions });
    await loadLineage(store, { layers: 100, width: 100 });
    await loadLineage(store, { layers: 100, width: 1000 });
    const expected = [await loadExpected(store, 10_000), await loadExpected(store, 100_000)];
    await orThrow(store.sql.execute("analyze"));
    const floor = new pg.Client({ connectionString: server.url });
    await floor.connect();
    await floor.query("create table floor (id bigint generated always as identity primary key, payload text not null)");
    return {
      benches: [
        {
          name: "postgres-capture",
          unit: "µs/capture",
          goal: 2.5,
          measured: () => captureCost(store, captures),
          floor: () => twoInserts(floor),
        },
        {
          name: `postgres-resolve-${partitions * versions}`,
          unit: "µs/resolve",
          goal: 3,
          measured: () => resolveCost(store, partitions, versions, reads),
          floor: () => keyReads(floor, partitions),
        },
        {
          name: `postgres-heads-${partitions}`,
          unit: "ms",
          rounds: 5,
          measured: () => headsCost(store, "INGEST", partitions),
        },
        ...lineageBenches("postgres", store),
        ...gapsBenches("postgres", expected),
      ],
      async close() {
        await floor.end();
        await orThrow(store.close());
        await server.stop();
      },
    };
  },
};

/** Never the server of `SPINE_TEST_PG_URL`: nobody knows whether that one waits for its disk. */
async function startOwnServer(): Promise<PostgresServer> {
  delete process.env["SPINE_TEST_PG_URL"];
  try {
    return await startPostgres({ fsync: true });
  } catch (error) {
    throw new CaseSkipped(error instanceof Error ? error.message : String(error));
  }
}

const payload = "x".repeat(400);

async function twoInserts(client: pg.Client): Promise<number> {
  const startedMs = performance.now();
  for (let row = 0; row < captures * 2; row += 1)
    await client.query({
      name: "floor",
      text: "insert into floor (payload) values ($1)",
      values: [`${row} ${payload}`],
    });
  return ((performance.now() - startedMs) * 1000) / captures;
}

async function keyReads(client: pg.Client, partitions: number): Promise<number> {
  const ids = placesOf(partitions, reads).map((place) => captureIdAt("INGEST", place, versions - 1));
  const startedMs = performance.now();
  for (const id of ids) {
    const { rows } = await client.query({
      name: "by_key",
      text: "select * from core_manifest where capture_id = $1",
      values: [id],
    });
    if (rows.length !== 1) throw new Error(`${id} is not there`);
  }
  return ((performance.now() - startedMs) * 1000) / reads;
}
