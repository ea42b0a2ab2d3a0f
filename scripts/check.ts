import { runCommand } from "./command.ts";
import { tallyLine } from "./tally.ts";

type Command = readonly string[];

// `npm run check` runs all stages, `npm run check -- lint types` only those. A failed stage never hides the next one.
const stages: Readonly<Record<string, readonly Command[]>> = {
  lint: [["oxlint"], ["oxfmt", "--check"]],
  types: [turbo("typecheck")],
  boundaries: [["node", "scripts/check-boundaries.ts"]],
  build: [turbo("build")],
  knip: [["knip"]],
  pack: [turbo("check:pack")],
  tiers: [["node", "scripts/check-tiers.ts"]],
};

function turbo(task: string): Command {
  return ["turbo", "run", task, "--continue=always", "--output-logs=errors-only"];
}

const asked = process.argv.slice(2);
const unknown = asked.find((name) => !Object.hasOwn(stages, name));
if (unknown !== undefined) {
  console.error(`No stage "${unknown}". Stages: ${Object.keys(stages).join(", ")}.`);
  process.exit(2);
}

let passed = 0;
let failed = 0;
for (const [name, commands] of Object.entries(stages)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const started = performance.now();
  const failures: string[] = [];
  const notes: string[] = [];
  for (const command of commands) {
    const { succeeded, output } = await runCommand(command);
    if (!succeeded) failures.push(output.trim() || `${command.join(" ")} failed without a word.`);
    // A stage may pass without PostgreSQL; that has to be said.
    else notes.push(...output.split("\n").filter((line) => line.includes("SKIPPED")));
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${name.padEnd(11)} ${failures.length === 0 ? "passed" : "FAILED"} ${seconds.padStart(6)} s`);
  for (const note of notes) console.log(`            ${note}`);
  for (const output of failures) console.log(`\n${output}\n`);
  if (failures.length === 0) passed += 1;
  else failed += 1;
}
console.log(tallyLine({ passed, failed }));
process.exitCode = failed === 0 ? 0 : 1;
