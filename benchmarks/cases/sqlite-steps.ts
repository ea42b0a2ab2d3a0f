import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sqlite } from "@spine/adapters-sqlite";
import { orThrow } from "@spine/core";
import { createSpine, type Spine } from "@spine/orchestration";
import Database from "better-sqlite3";
import type { Bench, BenchCase } from "../bench.ts";
import { durableStepCost, floorPayload, noOpSteps } from "../durable-steps.ts";

const steps = 500;

/** A durable step on an SQLite file over one committed insert by a prepared better-sqlite3 statement under the same pragmas. */
export const sqliteSteps: BenchCase = {
  name: "sqlite-steps",
  async open() {
    const folder = mkdtempSync(join(tmpdir(), "spine-bench-sqlite-"));
    const full = await openSides(folder, "full");
    const normal = await openSides(folder, "normal");
    return {
      benches: [
        { name: "sqlite-step-full", unit: "µs/step", goal: 2, ...full.sides },
        { name: "sqlite-step-normal", unit: "µs/step", goal: 4, ...normal.sides },
        { name: "sqlite-50-runs-normal", unit: "µs/step", ...normal.manyRuns },
      ],
      async close() {
        await Promise.all([full.close(), normal.close()]);
        await rm(folder, { recursive: true });
      },
    };
  },
};

type Sides = Pick<Bench, "measured" | "floor">;

interface OpenSides {
  readonly sides: Sides;
  readonly manyRuns: Sides;
  close(): Promise<void>;
}

async function openSides(folder: string, durability: "full" | "normal"): Promise<OpenSides> {
  const workflow = noOpSteps(steps);
  const short = noOpSteps(20);
  const spine: Spine = await orThrow(createSpine({ store: sqlite(join(folder, `${durability}.db`), { durability }) }));
  const db = openFloor(join(folder, `${durability}-floor.db`), durability);
  const insert = db.prepare("insert into floor (payload) values (?)");
  const floor = async (): Promise<number> => {
    const startedMs = performance.now();
    for (let row = 0; row < steps; row += 1) insert.run(`${row} ${floorPayload}`);
    return ((performance.now() - startedMs) * 1000) / steps;
  };
  return {
    sides: { measured: () => durableStepCost(spine, workflow), floor },
    manyRuns: { measured: () => durableStepCost(spine, short, 50), floor },
    async close() {
      await orThrow(spine.close());
      db.close();
    },
  };
}

/** The pragmas of `sqlite()`. */
function openFloor(file: string, durability: "full" | "normal"): Database.Database {
  const db = new Database(file, { timeout: 10 });
  db.pragma("journal_mode = wal");
  db.pragma(`synchronous = ${durability}`);
  db.pragma("foreign_keys = on");
  db.pragma("trusted_schema = off");
  db.exec("create table floor (id integer primary key, payload text not null)");
  return db;
}
