import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { drills } from "../drills/drills.ts";
import { runDrill } from "../drills/run-drill.ts";

// The small form: `npm run drill -- <name>` does more rounds, on more data, from another seed each time.
it.each([
  { name: "capture-race", count: 2, seed: 1 },
  { name: "crash-sqlite", count: 2, seed: 1 },
  { name: "kill-demo", count: 1, seed: 3 },
  { name: "backfill-kill", count: 2, seed: 1 },
  ...(process.env["SPINE_TEST_PG_URL"] === undefined
    ? []
    : [
        { name: "backfill-kill-postgres", count: 1, seed: 1 },
        { name: "capture-race-postgres", count: 2, seed: 1 },
      ]),
])("$name finds nothing wrong in $count rounds", { timeout: 120_000 }, async ({ name, count, seed }) => {
  const drill = await drills[name]?.();
  if (drill === undefined) throw new Error(`There is no drill "${name}".`);
  const folder = mkdtempSync(join(tmpdir(), `spine-drill-${name}-`));
  const lines: string[] = [];
  const log = (line: string): void => void lines.push(line);
  const tally = await runDrill(drill, { name, count, seed, small: true, folder, log });
  expect({ tally, failures: lines.filter((line) => !line.includes("  ok  ")) }).toEqual({
    tally: { passed: count, failed: 0 },
    failures: [],
  });
  rmSync(folder, { recursive: true });
});
