import type { Dependencies } from "./groups.ts";

export interface ExpectedGroup {
  readonly status: "COMPLETED" | "PARTIAL" | "FAILED";
  /** Step → how it ended. */
  readonly steps: Readonly<Record<string, "COMPLETED" | "FAILED" | "SKIPPED">>;
}

/**
 * What a group is to do when it goes on after failures (reference §4.11): slow and obvious. Each step depends only on steps
 * before it.
 */
export function continuing(dependencies: Dependencies, failing: ReadonlySet<string>): ExpectedGroup {
  const steps: Record<string, "COMPLETED" | "FAILED" | "SKIPPED"> = {};
  for (const [name, dependsOn] of Object.entries(dependencies)) {
    const runs = dependsOn.every((other) => steps[other] === "COMPLETED");
    if (!runs) steps[name] = "SKIPPED";
    else steps[name] = failing.has(name) ? "FAILED" : "COMPLETED";
  }
  return { steps, status: statusOf(Object.values(steps)) };
}

/** The same when it stops at the first failure and runs one step after another, in this order. */
export function stopping(
  dependencies: Dependencies,
  order: readonly string[],
  failing: ReadonlySet<string>,
): ExpectedGroup {
  const first = order.findIndex((name) => failing.has(name));
  const steps = Object.fromEntries(
    Object.keys(dependencies).map((name) => {
      const place = order.indexOf(name);
      if (first < 0 || place < first) return [name, "COMPLETED"] as const;
      return [name, place === first ? "FAILED" : "SKIPPED"] as const;
    }),
  );
  return { steps, status: first < 0 ? "COMPLETED" : "FAILED" };
}

function statusOf(ends: readonly string[]): ExpectedGroup["status"] {
  if (ends.every((end) => end === "COMPLETED")) return "COMPLETED";
  return ends.includes("COMPLETED") ? "PARTIAL" : "FAILED";
}
