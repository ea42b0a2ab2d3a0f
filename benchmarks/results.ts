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
  // Pairs of numbers on one line, as the formatter has them.
  const text = JSON.stringify(all, undefined, 2).replaceAll(/\[\s+([^[\]{}]+?),\s+([^[\]{}]+?)\s+\]/g, "[$1, $2]");
  writeFileSync(latest, `${text}\n`);
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
