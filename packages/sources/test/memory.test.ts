import { execFile } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { tempFolder } from "./support/temp-file.ts";

const folder = tempFolder();
const child = fileURLToPath(new URL("support/read-in-child.ts", import.meta.url));

/** A file of so many blocks of 1.2 MB. */
function writeBlocks(name: string, blocks: number): string {
  const path = join(folder, name);
  const rows = Array.from(
    { length: 20_000 },
    (_, at) => `OTC|S${at}|"Acme | Company, ${at}"|${at * 7}|${at % 13}|2025-12-15\n`,
  );
  const file = openSync(path, "w");
  writeSync(file, "tier|symbol|name|shares|trades|date\n");
  for (let block = 0; block < blocks; block += 1) writeSync(file, rows.join(""));
  closeSync(file);
  return path;
}

test("a stream holds no more memory for a file of 100 MB than for one of 1 MB", async () => {
  // V8's young generation grows by its own rules up to its limit in any program; here it may not, so that what is left to grow is ours.
  const flags = ["--conditions=@spine/source", "--max-semi-space-size=2", "--expose-gc", child];
  const run = promisify(execFile);
  const [small, large] = await Promise.all(
    [writeBlocks("small.psv", 1), writeBlocks("large.psv", 90)].map(async (path) => {
      const { stdout } = await run(process.execPath, [...flags, path]);
      return JSON.parse(stdout) as { readonly rowCount: number; readonly overIdleMiB: number };
    }),
  );
  expect([small?.rowCount, large?.rowCount]).toEqual([20_000, 1_800_000]);
  expect(large?.overIdleMiB).toBeLessThan(64);
});
