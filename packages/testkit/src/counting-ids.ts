import type { IdSource } from "@spine/core";

/** Ids that are the same each time: `run_000001`, `run_000002`, `exec_000001`; each prefix counts for itself. */
export function countingIds(): IdSource {
  const counts = new Map<string, number>();
  return Object.freeze({
    next(prefix: string): string {
      const count = (counts.get(prefix) ?? 0) + 1;
      counts.set(prefix, count);
      return `${prefix}_${String(count).padStart(6, "0")}`;
    },
  });
}
