import { createHash } from "node:crypto";
import { type Capture, orThrow, slotText, type SqlRow, type Store } from "@spine/core";

/** What readers see: slot and table → how many rows and a digest of all that is in them but capture ids, which differ from run to run. */
export type ReadableData = ReadonlyMap<string, string>;

/** Reads every current capture whole. */
export async function readableData(store: Store, tables: readonly string[]): Promise<ReadableData> {
  const data = new Map<string, string>();
  for (const capture of await currentCaptures(store)) {
    for (const table of tables) {
      const { rows } = await orThrow(
        store.sql.execute(`select * from ${table} where capture_id = ?`, [capture.captureId]),
      );
      if (rows.length > 0) data.set(`${slotText(capture)} in ${table}`, `${rows.length} rows ${digestOf(rows)}`);
    }
  }
  return data;
}

/** How data differs from what was expected, as sentences; none when it is the same. */
export function dataDifferences(expected: ReadableData, found: ReadableData): readonly string[] {
  return [...new Set([...expected.keys(), ...found.keys()])]
    .filter((slot) => expected.get(slot) !== found.get(slot))
    .map((slot) => `${slot}: ${found.get(slot) ?? "nothing"} instead of ${expected.get(slot) ?? "nothing"}`);
}

/** Slots that were captured more than once, as sentences: work that was done twice. */
export async function repeatedCaptures(store: Store): Promise<readonly string[]> {
  const counts = new Map<string, number>();
  for (const capture of await completeCaptures(store)) {
    const slot = slotText(capture);
    counts.set(slot, (counts.get(slot) ?? 0) + 1);
  }
  return [...counts].filter(([, count]) => count > 1).map(([slot, count]) => `${slot} was captured ${count} times`);
}

async function currentCaptures(store: Store): Promise<readonly Capture[]> {
  const current = new Map<string, Capture>();
  for (const { domain, partition, stage, tier } of await completeCaptures(store)) {
    const capture = await orThrow(store.captures.resolve({ domain, partition, stage, tier }));
    if (capture !== undefined) current.set(slotText(capture), capture);
  }
  return [...current.values()];
}

async function completeCaptures(store: Store): Promise<readonly Capture[]> {
  return orThrow(store.captures.list({ status: "COMPLETE", limit: 10_000 }));
}

function digestOf(rows: readonly SqlRow[]): string {
  const texts = rows.map((row) =>
    JSON.stringify(
      Object.entries(row)
        .filter(([column]) => !column.endsWith("capture_id"))
        .map(([column, value]) => [column, String(value)]),
    ),
  );
  return createHash("sha256").update(texts.toSorted().join("\n")).digest("hex").slice(0, 12);
}
