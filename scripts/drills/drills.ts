import type { Drill } from "./drill.ts";

/** Every drill, by name; loaded when it is asked for. */
export const drills: Readonly<Record<string, () => Promise<Drill>>> = {
  "crash-sqlite": async () => (await import("./crash-sqlite.ts")).crashSqlite,
  "kill-demo": async () => (await import("./kill-demo.ts")).killDemo,
};
