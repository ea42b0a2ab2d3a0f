import { postgres } from "@spine/adapters-postgres";
import { orThrow } from "@spine/core";
import { createSpine } from "@spine/orchestration";
import pg from "pg";
import { type BenchCase, CaseSkipped } from "../bench.ts";
import { type PostgresServer, startPostgres } from "../../scripts/postgres.ts";
import { durableStepCost, floorPayload, noOpSteps } from "../durable-steps.ts";

const steps = 300;
const runsAtOnce = 50;
const stepsOfEach = 100;

/** A durable step on PostgreSQL with fsync on: alone over one committed insert of a prepared statement, and fifty runs at once. */
export const postgresSteps: BenchCase = {
  name: "postgres-steps",
  async open() {
    const server = await startOwnServer();
    const spine = await orThrow(createSpine({ store: postgres(server.url) }));
    const floors = await openFloors(server.url);
    const long = noOpSteps(steps);
    const short = noOpSteps(stepsOfEach);
    return {
      benches: [
        {
          name: "postgres-step",
          unit: "µs/step",
          goal: 2,
          measured: () => durableStepCost(spine, long),
          floor: () => insertCost(floors.slice(0, 1), steps),
        },
        {
          name: "postgres-50-runs",
          unit: "µs/step",
          goal: 1,
          measured: () => durableStepCost(spine, short, runsAtOnce),
          floor: () => insertCost(floors, stepsOfEach),
        },
      ],
      async close() {
        await Promise.all(floors.map((client) => client.end()));
        await orThrow(spine.close());
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

async function openFloors(url: string): Promise<readonly pg.Client[]> {
  const clients = await Promise.all(
    Array.from({ length: runsAtOnce }, async () => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      return client;
    }),
  );
  await clients[0]?.query(
    "create table floor (id bigint generated always as identity primary key, payload text not null)",
  );
  return clients;
}

const insert = { name: "floor", text: "insert into floor (payload) values ($1)" };

/** Microseconds for each committed insert, every client making its own one after another. */
async function insertCost(clients: readonly pg.Client[], rowsOfEach: number): Promise<number> {
  const startedMs = performance.now();
  await Promise.all(
    clients.map(async (client, index) => {
      for (let row = 0; row < rowsOfEach; row += 1)
        await client.query({ ...insert, values: [`${index} ${row} ${floorPayload}`] });
    }),
  );
  return ((performance.now() - startedMs) * 1000) / (rowsOfEach * clients.length);
}
