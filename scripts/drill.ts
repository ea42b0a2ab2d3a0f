import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { drills } from "./drills/drills.ts";
import { runDrill } from "./drills/run-drill.ts";
import { tallyLine } from "./tally.ts";

// `npm run drill -- <name> --count n [--seed s] [--small]`; without a name it lists the drills.
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: "string" },
    seed: { type: "string" },
    small: { type: "boolean" },
    child: { type: "string" },
  },
});
const [name = ""] = positionals;
const drill = Object.hasOwn(drills, name) ? await drills[name]?.() : undefined;

if (drill === undefined) {
  for (const [known, load] of Object.entries(drills)) console.log(`${known.padEnd(22)} ${(await load()).summary}`);
  if (name !== "") console.error(`No drill "${name}".`);
  process.exitCode = name === "" ? 0 : 2;
} else if (values.child !== undefined) {
  await drill.child?.(values.child);
} else {
  const count = wholeNumber("count", values.count ?? String(drill.defaultCount), 1);
  const seed = wholeNumber("seed", values.seed ?? String(Date.now() % 1_000_000), 0);
  const folder = mkdtempSync(join(tmpdir(), `spine-drill-${name}-`));
  console.log(`${name}: ${drill.summary}\nseed ${seed}`);
  const tally = await runDrill(drill, {
    name,
    count,
    seed,
    small: values.small ?? false,
    folder,
    log: (line) => console.log(line),
  });
  if (tally.failed === 0) rmSync(folder, { recursive: true, force: true });
  console.log(tallyLine(tally));
  process.exitCode = tally.failed === 0 ? 0 : 1;
}

function wholeNumber(option: string, text: string, least: number): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < least) {
    console.error(`--${option} ${text} is not a whole number of at least ${least}.`);
    process.exit(2);
  }
  return number;
}
