import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sqlite } from "@spine/adapters-sqlite";
import { orThrow, silentLogger, type Store, systemClock } from "@spine/core";
import Database from "better-sqlite3";
import type { Bench, BenchCase, Scale } from "../bench.ts";
import { captureCost, headsCost, lineageCost, placesOf, resolveCost } from "../capture-costs.ts";
import { type ExpectedLedger, gapsCost, loadExpected } from "../capture-gaps.ts";
import { captureIdAt, loadLedger, loadLineage } from "../capture-ledger.ts";

const captures = 300;
const reads = 2000;
const versions = 10;

/** The ledger of captures on SQLite: what a capture costs, what it costs to find one among many, and how lineage grows. */
export const captureLedger: BenchCase = {
  name: "captures",
  async open(scale: Scale) {
    const folder = mkdtempSync(join(tmpdir(), "spine-bench-captures-"));
    const partitions = scale === "full" ? 100_000 : 10_000;
    const open = async (name: string, durability: "normal" | "full"): Promise<Store> =>
      orThrow(
        sqlite(join(folder, name), { durability }).open({
          clock: systemClock,
          logger: silentLogger,
          contributions: () => [],
        }),
      );
    const full = await open("full.db", "full");
    const normal = await open("normal.db", "normal");
    const ledger = await open("ledger.db", "normal");
    await loadLedger(ledger, { stage: "INGEST", partitions, versions });
    await loadLineage(ledger, { layers: 100, width: 100 });
    await loadLineage(ledger, { layers: 100, width: 1000 });
    const expected = [await loadExpected(ledger, 10_000), await loadExpected(ledger, 100_000)];
    await orThrow(ledger.sql.execute("analyze"));
    const floors = [
      openFloor(join(folder, "full-floor.db"), "full"),
      openFloor(join(folder, "normal-floor.db"), "normal"),
    ] as const;
    const reader = new Database(join(folder, "ledger.db"), { readonly: true });
    const total = partitions * versions;
    return {
      benches: [
        {
          name: "sqlite-capture-full",
          unit: "µs/capture",
          goal: 2.5,
          measured: () => captureCost(full, captures),
          floor: () => twoInserts(floors[0]),
        },
        {
          name: "sqlite-capture-normal",
          unit: "µs/capture",
          goal: 2.5,
          measured: () => captureCost(normal, captures),
          floor: () => twoInserts(floors[1]),
        },
        {
          name: `sqlite-resolve-${total}`,
          unit: "µs/resolve",
          goal: 3,
          measured: () => resolveCost(ledger, partitions, versions, reads),
          floor: async () => keyReads(reader, partitions),
        },
        {
          name: `sqlite-heads-${partitions}`,
          unit: "ms",
          rounds: 5,
          measured: () => headsCost(ledger, "INGEST", partitions),
        },
        ...lineageBenches("sqlite", ledger),
        ...gapsBenches("sqlite", expected),
      ],
      async close() {
        reader.close();
        for (const db of floors) db.close();
        for (const store of [full, normal, ledger]) await orThrow(store.close());
        await rm(folder, { recursive: true });
      },
    };
  },
};

export function lineageBenches(kind: string, store: Store): readonly Bench[] {
  const cost = (width: number) => () => lineageCost(store, 100, width);
  return [
    { name: `${kind}-lineage-10000`, unit: "µs/capture", rounds: 9, measured: cost(100) },
    { name: `${kind}-lineage-100000`, unit: "µs/capture", rounds: 5, measured: cost(1000) },
  ];
}

export function gapsBenches(kind: string, ledgers: readonly ExpectedLedger[]): readonly Bench[] {
  return ledgers.map((ledger) => ({
    name: `${kind}-gaps-${ledger.partitions}`,
    unit: "µs/partition",
    rounds: 5,
    measured: () => gapsCost(ledger),
  }));
}

const payload = "x".repeat(400);

function openFloor(file: string, durability: "full" | "normal"): Database.Database {
  const db = new Database(file, { timeout: 10 });
  db.pragma("journal_mode = wal");
  db.pragma(`synchronous = ${durability}`);
  db.exec("create table floor (id integer primary key, payload text not null)");
  return db;
}

/** Microseconds for each two committed inserts of a prepared statement. */
async function twoInserts(db: Database.Database): Promise<number> {
  const insert = db.prepare("insert into floor (payload) values (?)");
  const startedMs = performance.now();
  for (let row = 0; row < captures * 2; row += 1) insert.run(`${row} ${payload}`);
  return ((performance.now() - startedMs) * 1000) / captures;
}

/** Microseconds for each read of the same rows by their primary key, by a prepared statement. */
function keyReads(db: Database.Database, partitions: number): number {
  const byKey = db.prepare("select * from core_manifest where capture_id = ?");
  const ids = placesOf(partitions, reads).map((place) => captureIdAt("INGEST", place, versions - 1));
  const startedMs = performance.now();
  for (const id of ids) if (byKey.get(id) === undefined) throw new Error(`${id} is not there`);
  return ((performance.now() - startedMs) * 1000) / reads;
}
