import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";

/** A folder that lives as long as the test file. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "spine-sources-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes files into one temporary folder; the function returns their paths. */
export function tempFiles(): (name: string, content: string | Uint8Array) => string {
  const folder = tempFolder();
  let count = 0;
  return (name, content) => {
    count += 1;
    const path = join(folder, String(count), name);
    mkdirSync(dirname(path));
    writeFileSync(path, content);
    return path;
  };
}
