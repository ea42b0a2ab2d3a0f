import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { BenchResult, Scale } from "./bench.ts";
import { cases } from "./cases.ts";
import { heading, resultLine, summaryLine } from "./report.ts";
import { writeResults } from "./results.ts";
import type { CaseMessage } from "./run-case.ts";

// `npm run bench`, `-- --full` for the sizes of the design's table, `-- --only <case or bench>`. A missed goal never fails.
const { values } = parseArgs({
  options: { quick: { type: "boolean" }, full: { type: "boolean" }, only: { type: "string" } },
});
const scale: Scale = values.full === true ? "full" : "quick";
const { only } = values;

console.log(heading());
const results: BenchResult[] = [];
const failed: string[] = [];
for (const name of only !== undefined && Object.hasOwn(cases, only) ? [only] : Object.keys(cases)) {
  if (!(await runCase(name, only === name ? undefined : only))) failed.push(name);
}
if (results.length > 0) {
  console.log(`\n${summaryLine(results)}`);
  console.log(`Written to ${writeResults(results, { partial: only !== undefined })}`);
}
if (failed.length > 0) console.error(`Could not be measured: ${failed.join(", ")}.`);
if (only !== undefined && results.length + failed.length === 0)
  console.error(`Nothing is called "${only}". Cases: ${Object.keys(cases).join(", ")}.`);
process.exitCode = failed.length > 0 || results.length === 0 ? 1 : 0;

async function runCase(name: string, bench: string | undefined): Promise<boolean> {
  const child = fork(join(import.meta.dirname, "run-case.ts"), [name, scale, ...(bench === undefined ? [] : [bench])], {
    execArgv: [...process.execArgv, "--expose-gc", "--max-old-space-size=2000"],
  });
  child.on("message", (message: CaseMessage) => {
    if (message.kind === "skipped") {
      console.log(`${name}: SKIPPED (${message.reason})`);
      return;
    }
    results.push(message.result);
    console.log(resultLine(message.result));
  });
  const [code] = await once(child, "exit");
  return code === 0;
}
