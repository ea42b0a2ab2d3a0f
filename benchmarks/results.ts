import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { BenchResult } from "./bench.ts";

const latest = join(import.meta.dirname, "results", "latest.json");

/** Writes `results/latest.json`: new figures replace those of the same name, the rest stays when only some were `partial`ly run. */
export function writeResults(results: readonly BenchResult[], options: { readonly partial: boolean }): string {
  const names = new Set(results.map(({ name }) => name));
  const kept = options.partial ? readResults().filter(({ name }) => !names.has(name)) : [];
  const all = [...kept, ...results].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  mkdirSync(dirname(latest), { recursive: true });
  writeFileSync(latest, `[\n${all.map((result) => `  ${JSON.stringify(result)}`).join(",\n")}\n]\n`);
  return latest;
}

function readResults(): readonly BenchResult[] {
  try {
    return JSON.parse(readFileSync(latest, "utf8")) as BenchResult[];
  } catch {
    // There are none yet.
    return [];
  }
}
