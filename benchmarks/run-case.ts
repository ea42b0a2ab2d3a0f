import { type BenchResult, CaseSkipped, type Scale } from "./bench.ts";
import { cases } from "./cases.ts";
import { measureBench } from "./measure.ts";

/** What a case's process tells the one that started it. */
export type CaseMessage =
  | { readonly kind: "result"; readonly result: BenchResult }
  | { readonly kind: "skipped"; readonly reason: string };

// Started by main.ts: `run-case.ts <case> <scale> [bench]`.
const [name = "", scale = "quick", only] = process.argv.slice(2);
try {
  const loaded = await cases[name]?.();
  if (loaded === undefined) throw new Error(`No case "${name}". Cases: ${Object.keys(cases).join(", ")}.`);
  const opened = await loaded.open(scale as Scale);
  try {
    for (const bench of opened.benches) {
      if (only !== undefined && bench.name !== only) continue;
      tell({ kind: "result", result: await measureBench(bench) });
    }
  } finally {
    await opened.close?.();
  }
} catch (error) {
  if (!(error instanceof CaseSkipped)) throw error;
  tell({ kind: "skipped", reason: error.message });
}
process.disconnect?.();

function tell(message: CaseMessage): void {
  if (process.send === undefined) console.log(message);
  else process.send(message);
}
