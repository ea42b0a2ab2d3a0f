import { join } from "node:path";
import { sqlite } from "@spine/adapters-sqlite";
import { orThrow, type Store } from "@spine/core";
import { createSpine } from "@spine/orchestration";
import { documentOf, runDrillChild } from "./child.ts";
import { crashing } from "./crashing-store.ts";
import type { Drill, DrillRound } from "./drill.ts";
import { ledger, ledgerTables, ledgerWorkflow } from "./ledger.ts";
import { withStore } from "./open-store.ts";
import { dataDifferences, type ReadableData, readableData, repeatedCaptures } from "./readable-data.ts";
import { pictureOf, refuse, type RunPicture, untruthsOfInterrupted, untruthsOfResumed } from "./truth.ts";

interface ChildTask {
  readonly file: string;
  /** Moment of the store's work at which it dies. */
  readonly crashAt?: number;
  /** Goes on with this run; a new one without it. */
  readonly runId?: string;
}

interface ChildReport {
  readonly status: string;
  readonly moments: number;
}

/** Deaths of one run: the first one, and those of processes that resume it. */
const maxDeaths = 4;

/** Kills processes that write captures on SQLite before or after any call of the store, resumes the run and compares the data. */
export const crashSqlite: Drill = {
  summary: "kills a process at a random call of its SQLite store, resumes its run, compares all data",
  defaultCount: 50,
  async open({ folder }) {
    const file = join(folder, "whole.db");
    const whole = documentOf(await runDrillChild("crash-sqlite", { file } satisfies ChildTask)) as ChildReport;
    const expected = await withStore(file, ledger, (store) => readableData(store, ledgerTables));
    return { round: (round) => crashRound(round, whole.moments, expected) };
  },
  async child(options) {
    const { file, crashAt, runId } = JSON.parse(options) as ChildTask;
    const store = crashing(sqlite(file), { at: crashAt });
    const spine = await orThrow(createSpine({ store, plugins: [ledger] }));
    const run = await orThrow(runId === undefined ? spine.workflows.run(ledgerWorkflow.name) : spine.resume(runId));
    await orThrow(spine.close());
    console.log(JSON.stringify({ status: run.status, moments: store.moments() } satisfies ChildReport));
  },
};

async function crashRound({ random, folder }: DrillRound, moments: number, expected: ReadableData): Promise<string> {
  const file = join(folder, "spine.db");
  const deaths: number[] = [];
  let before: RunPicture | undefined;
  while (before?.run.status !== "COMPLETED") {
    const crashAt = deaths.length < maxDeaths ? 1 + random.below(moments) : undefined;
    const outcome = await runDrillChild("crash-sqlite", {
      file,
      ...(crashAt === undefined ? {} : { crashAt }),
      ...(before === undefined ? {} : { runId: before.run.runId }),
    } satisfies ChildTask);
    if (!outcome.killed) {
      documentOf(outcome);
      break;
    }
    deaths.push(crashAt ?? 0);
    before = await withStore(file, ledger, (store) => interruptedPicture(store, deaths));
  }
  return withStore(file, ledger, async (store) => {
    const after = await lastPicture(store);
    if (after === undefined) throw new Error("the run is gone");
    const when = `after ${deaths.length} deaths (${deaths.join(", ")})`;
    refuse(await untruthsOfResumed(store, before, after), when);
    refuse(await repeatedCaptures(store), when);
    refuse(dataDifferences(expected, await readableData(store, ledgerTables)), when);
    return `killed at ${deaths.join(", ") || "no moment"} of ${moments}; data equal`;
  });
}

async function interruptedPicture(store: Store, deaths: readonly number[]): Promise<RunPicture | undefined> {
  const picture = await lastPicture(store);
  if (picture !== undefined) refuse(await untruthsOfInterrupted(store, picture), `after death at ${deaths.join(", ")}`);
  return picture;
}

async function lastPicture(store: Store): Promise<RunPicture | undefined> {
  const [run] = await orThrow(store.history.list({ limit: 1 }));
  return run === undefined ? undefined : pictureOf(store, run, ledgerTables);
}
