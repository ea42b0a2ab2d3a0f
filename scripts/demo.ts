import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { runCli } from "@spine/cli";
import { SpineError, toSpineError } from "@spine/core";
import { findLeftBehind } from "./demo/left-behind.ts";
import { configPath, prepareProject, shortPath } from "./demo/project.ts";
import { countText, differences, nextLines, resultLines } from "./demo/report.ts";
import { readResults, seenIngest } from "./demo/results.ts";
import { type DemoWeek, writeCorrection, writeWeeks } from "./demo/weeks.ts";

// Two weeks of FINRA OTC files from disk to figures, in one SQLite file, and what becomes of the figures when FINRA corrects one. Kill it
// at any moment: started again it goes on where it was, and so does `npm run spine -- --config .demo/spine.config.ts resume <run>`.
// `--fresh` begins anew.

const { values } = parseArgs({ options: { resume: { type: "boolean" }, fresh: { type: "boolean" } } });

try {
  process.exitCode = await demo();
} catch (thrown) {
  const { code, message } = toSpineError(thrown, "INTERNAL");
  console.error(`error ${code}: ${message}`);
  process.exitCode = 1;
}

async function demo(): Promise<number> {
  const left = await findLeftBehind();
  const [busy] = left.running;
  if (busy !== undefined)
    throw new SpineError("RUN_OWNED", `Another demo is at work on ${busy}. Wait for it, or end it.`);
  const isCutOff = left.interrupted.length > 0 || left.backfills.length > 0;
  const goesOn = values.fresh !== true && (values.resume === true || isCutOff);
  prepareProject({ fresh: !goesOn });

  heading("Two weekly files of FINRA's shape, with the traps of real ones");
  const [first, second] = await writeWeeks();
  for (const { path, week, truth } of [first, second]) {
    console.log(`  ${shortPath(path)}  week ending ${week}, ${countText(truth.recordsIn)} records`);
  }

  const leftBehind = [
    ...left.interrupted.map((runId) => [runId, ["resume", runId]] as const),
    ...left.backfills.map((backfillId) => [backfillId, ["backfill", "run", backfillId]] as const),
  ];
  for (const [id, args] of goesOn ? leftBehind : []) {
    const exitCode = await spine(`An earlier demo was interrupted: going on with ${id}`, args);
    if (exitCode !== 0) return exitCode;
  }
  const chapters = [
    [`Week ${first.week}: capture, check, normalise, aggregate`, first],
    [`Week ${second.week}: the same, and a window over both weeks`, second],
    [`Week ${first.week} once more: the file has not changed, so there is nothing to do`, first],
  ] as const;
  for (const [title, { path }] of chapters) {
    const exitCode = await spine(title, ["run", "finra.weekly_refresh", "--param", `file=${path}`]);
    if (exitCode !== 0) return exitCode;
  }

  const corrected = await writeCorrection();
  const exitCode = await correct(corrected);
  if (exitCode !== 0) return exitCode;

  heading("What came of it");
  const results = await readResults([corrected, second]);
  for (const line of resultLines(results)) console.log(line);
  const wrong = differences(results, [corrected, second]);
  if (wrong.length > 0)
    throw new SpineError("INTERNAL", `The database is not what the files are: ${wrong.join("; ")}.`);
  console.log(
    "\n  Every record of the files is there, normalised or rejected with a reason; shares and trades add up.\n",
  );
  for (const line of nextLines(results.weeks[1].runId, second)) console.log(line);
  return 0;
}

/** FINRA corrects a week that is captured: what changed, what rests on it, and the repair of exactly that. */
async function correct(corrected: DemoWeek): Promise<number> {
  const before = await seenIngest(corrected);
  const ingest = ["run", "finra.otc.ingest_week", "--param", `file=${corrected.path}`];
  let exitCode = await spine(`FINRA corrects week ${corrected.week}: a second version, beside the first`, ingest);
  if (exitCode !== 0) return exitCode;
  const repair = ["--mode", "stale", "--by", "demo", "--reason", `FINRA corrected week ${corrected.week}`, "--run"];
  const folder = ["--param", `directory=${dirname(corrected.path)}`];
  const chapters = [
    ["Which records changed", ["diff", before, await seenIngest(corrected), "--limit", "3"]],
    ["What rests on the old version and is stale", ["captures", "list", "--stale"]],
    ["Its repair: that week", ["backfill", "create", "finra.otc.weekly.otc", ...repair, ...folder]],
    ["Its repair: the window over both weeks", ["backfill", "create", "finra.otc.rolling_6.otc", ...repair]],
  ] as const;
  for (const [title, args] of chapters) {
    exitCode = await spine(title, args);
    if (exitCode !== 0) return exitCode;
  }
  return 0;
}

function spine(title: string, args: readonly string[]): Promise<number> {
  heading(title);
  return runCli(["--config", configPath, ...args]);
}

function heading(text: string): void {
  console.log(`\n${text}`);
}
