import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runCli } from "@spine/cli";
import { orThrow, weekEnding } from "@spine/core";
import { finraOtc } from "spine-plugin-finra-otc";
import { generateWeek, writeWeek } from "spine-plugin-finra-otc/testing";
import { type ChildOptions, type ChildOutcome, documentOf, runDrillChild, runProgram } from "./child.ts";
import type { Drill, DrillRound } from "./drill.ts";
import { withStore } from "./open-store.ts";
import { dataDifferences, type ReadableData, readableData, repeatedCaptures } from "./readable-data.ts";
import type { SeededRandom } from "./seeded-random.ts";
import { pictureOf, refuse, type RunPicture, untruthsOfInterrupted, untruthsOfResumed } from "./truth.ts";

/** Large enough that a week's steps take longer than a process takes to start. */
const rowsOfWeek = 20_000;
const rowsOfSmallWeek = 3000;
const maxDeaths = 3;
const tables = ["raw", "normalized", "symbol_summary", "venue_share", "rolling"].map((name) => `finra_otc_${name}`);
const configFile = join(import.meta.dirname, "kill-demo.config.ts");

interface Work {
  readonly files: readonly string[];
}

/** Does the demo's work with `spine run`, kills it at random moments, asks `spine runs` and `spine show`, resumes with `spine resume`. */
export const killDemo: Drill = {
  summary:
    "kills the demo's work at a random moment, compares what spine says with the data, resumes, compares all data",
  defaultCount: 10,
  async open({ folder, small }) {
    const files: string[] = [];
    const rows = small ? rowsOfSmallWeek : rowsOfWeek;
    for (const week of ["2025-11-14", "2025-11-21"])
      files.push(await writeWeek(folder, generateWeek({ week: weekEnding(week), rows, seed: "drill" })));
    const db = join(folder, "whole.db");
    const whole = await work(db, { files });
    refuseFailed(whole, "the work without any kill");
    const expected = await withStore(db, finraOtc, (store) => readableData(store, tables));
    const killer = createKiller(whole.workMs);
    return { round: (round) => killRound(round, { files }, killer, expected) };
  },
  async child(options) {
    const { files } = JSON.parse(options) as Work;
    console.log("at work");
    for (const file of files) {
      process.exitCode = await runCli([
        "--config",
        configFile,
        "run",
        "finra.weekly_refresh",
        "--param",
        `file=${file}`,
      ]);
      if (process.exitCode !== 0) return;
    }
  },
};

async function killRound(
  { random, folder }: DrillRound,
  todo: Work,
  killer: Killer,
  expected: ReadableData,
): Promise<string> {
  const db = join(folder, "spine.db");
  const deaths: string[] = [];
  let before: readonly RunPicture[] = [];
  let outcome = await killer.kill(random, (kill) => {
    rmSync(db, { force: true });
    return work(db, todo, kill);
  });
  for (;;) {
    if (outcome.killed) deaths.push(`${Math.round(outcome.workMs)} ms`);
    else refuseFailed(outcome, deaths.length === 0 ? "the work" : "resume");
    if (!existsSync(db)) break;
    const found = await lookAt(db, `after death at ${deaths.join(", ")}`);
    if (outcome.killed) before = found.pictures;
    const [interrupted] = found.interrupted;
    if (interrupted === undefined) break;
    const mayDie = deaths.length < maxDeaths && random.below(3) === 0;
    outcome = await spine(
      db,
      ["resume", interrupted],
      mayDie ? { killAfterMs: random.below(killer.workMs() / 2) } : {},
    );
  }
  outcome = await work(db, todo);
  refuseFailed(outcome, "the rest of the work");
  return withStore(db, finraOtc, async (store) => {
    const when = `after ${deaths.length} deaths (${deaths.join(", ")})`;
    for (const run of await orThrow(store.history.list({ limit: 100 }))) {
      const after = await pictureOf(store, run, tables);
      const earlier = before.find((picture) => picture.run.runId === run.runId);
      refuse(await untruthsOfResumed(store, earlier, after), `${when}, run ${run.runId}`);
    }
    refuse(await repeatedCaptures(store), when);
    refuse(dataDifferences(expected, await readableData(store, tables)), when);
    return `killed after ${deaths.join(", ") || "nothing"} of about ${Math.round(killer.workMs())} ms; data equal`;
  });
}

/** Picks moments between the beginning and the end of work that takes now longer, now shorter, as the machine pleases. */
interface Killer {
  /** Starts work until it is killed before it has ended; three times at most. */
  kill(random: SeededRandom, start: (options: ChildOptions) => Promise<ChildOutcome>): Promise<ChildOutcome>;
  workMs(): number;
}

function createKiller(firstWorkMs: number): Killer {
  let workMs = firstWorkMs;
  return {
    workMs: () => workMs,
    async kill(random, start) {
      for (let tries = 1; ; tries += 1) {
        const outcome = await start({ killAfterMs: random.below(workMs) });
        if (outcome.killed || tries === 3) return outcome;
        workMs = Math.min(workMs, outcome.workMs);
      }
    },
  };
}

function refuseFailed({ code, stdout, stderr }: ChildOutcome, what: string): void {
  if (code !== 0) throw new Error(`${what} ended with ${code}: ${stderr.trim() || stdout.trim()}`);
}

interface Found {
  readonly pictures: readonly RunPicture[];
  /** Runs that `spine runs` calls interrupted, oldest first. */
  readonly interrupted: readonly string[];
}

/** What the store and the command line say, before anybody has touched anything. */
async function lookAt(db: string, when: string): Promise<Found> {
  const listed = (documentOf(await spine(db, ["runs", "--json"])) as { runs: readonly ShownRun[] }).runs;
  const pictures = await withStore(db, finraOtc, async (store) => {
    const found: RunPicture[] = [];
    for (const { runId } of listed) {
      const run = await orThrow(store.history.get({ runId }));
      if (run === undefined) throw new Error(`${when}: spine runs shows ${runId}, which is not there`);
      const picture = await pictureOf(store, run, tables);
      refuse(await untruthsOfInterrupted(store, picture), when);
      found.push(picture);
    }
    return found;
  });
  for (const { run, steps } of pictures) {
    const told = run.status === "RUNNING" ? "INTERRUPTED" : run.status;
    const shown = documentOf(await spine(db, ["show", run.runId, "--json"])) as ShownRun;
    const inList = listed.find(({ runId }) => runId === run.runId);
    if (shown.status !== told || inList?.status !== told)
      throw new Error(`${when}: spine shows ${run.runId} as ${shown.status} and ${inList?.status}, it is ${told}`);
    for (const { step, status } of steps) {
      const said = shown.steps.find((candidate) => candidate.step === step)?.status;
      if (said !== (status === "RUNNING" ? "INTERRUPTED" : status))
        throw new Error(`${when}: spine show says that step "${step}" is ${said}, it is ${status}`);
    }
  }
  const interrupted = listed.filter(({ status }) => status === "INTERRUPTED").map(({ runId }) => runId);
  return { pictures, interrupted: interrupted.toReversed() };
}

interface ShownRun {
  readonly runId: string;
  readonly status: string;
  readonly steps: readonly { readonly step: string; readonly status: string }[];
}

function work(db: string, todo: Work, options: ChildOptions = {}): Promise<ChildOutcome> {
  return runDrillChild("kill-demo", todo, { ...options, env: { SPINE_DRILL_DB: db } });
}

function spine(db: string, args: readonly string[], options: ChildOptions = {}): Promise<ChildOutcome> {
  const program = join(import.meta.dirname, "../../packages/cli/src/main.ts");
  return runProgram([program, "--config", configFile, ...args], { ...options, env: { SPINE_DRILL_DB: db } });
}
