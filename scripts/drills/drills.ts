import type { Drill } from "./drill.ts";

/** Every drill, by name; loaded when it is asked for. */
export const drills: Readonly<Record<string, () => Promise<Drill>>> = {
  "backfill-kill": async () => (await import("./backfill-kill.ts")).backfillKill,
  "backfill-kill-postgres": async () => (await import("./backfill-kill.ts")).backfillKillPostgres,
  "capture-race": async () => (await import("./capture-race.ts")).captureRace,
  "capture-race-postgres": async () => (await import("./capture-race.ts")).captureRacePostgres,
  "crash-sqlite": async () => (await import("./crash-sqlite.ts")).crashSqlite,
  "kill-demo": async () => (await import("./kill-demo.ts")).killDemo,
};
