import { join } from "node:path";
import { sqlite } from "@spine/adapters-sqlite";
import { orThrow, silentLogger, type Store, systemClock } from "@spine/core";
import { createSpine } from "@spine/orchestration";
import { lastLineOf, runDrillChild } from "./child.ts";
import { crashing } from "./crashing-store.ts";
import type { Drill, DrillRound } from "./drill.ts";
import { ledger, ledgerTables, ledgerWorkflow } from "./ledger.ts";
import { pictureOf, type RunPicture, untruthsOfInterrupted, untruthsOfResumed } from "./truth.ts";

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

/** Kills processes that write captures on SQLite before or after any call of the store, resumes the run and compares the sums. */
export const crashSqlite: Drill = {
  summary: "kills a process at a random call of its SQLite store, resumes its run, compares all sums",
  defaultCount: 50,
  async open({ folder }) {
    const file = join(folder, "whole.db");
    const whole = lastLineOf(await runDrillChild("crash-sqlite", { file } satisfies ChildTask)) as ChildReport;
    const expected = await withStore(file, sumsOf);
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

async function crashRound({ random, folder }: DrillRound, moments: number, expected: string): Promise<string> {
  const file = join(folder, "spine.db");
  const deaths: number[] = [];
  let before: RunPicture | undefined;
  for (;;) {
    const crashAt = deaths.length < maxDeaths ? 1 + random.below(moments) : undefined;
    const task: ChildTask = {
      file,
      ...(crashAt === undefined ? {} : { crashAt }),
      ...(before === undefined ? {} : { runId: before.run.runId }),
    };
    if (before?.run.status === "COMPLETED") break;
    const outcome = await runDrillChild("crash-sqlite", task);
    if (!outcome.killed) {
      lastLineOf(outcome);
      break;
    }
    deaths.push(crashAt ?? 0);
    before = await withStore(file, async (store) => {
      const picture = await lastPicture(store);
      if (picture !== undefined) refuse(await untruthsOfInterrupted(store, picture), `after death at ${deaths.join()}`);
      return picture;
    });
  }
  return withStore(file, async (store) => {
    const after = await lastPicture(store);
    if (after === undefined) throw new Error("the run is gone");
    refuse(await untruthsOfResumed(store, before, after), `after ${deaths.length} deaths (${deaths.join()})`);
    const sums = await sumsOf(store);
    if (sums !== expected) throw new Error(`other sums than without deaths: ${sums} instead of ${expected}`);
    return `killed at ${deaths.join(", ") || "no moment"} of ${moments}; sums equal`;
  });
}

function refuse(problems: readonly string[], when: string): void {
  if (problems.length > 0) throw new Error(`${when}: ${problems.join("; ")}`);
}

async function lastPicture(store: Store): Promise<RunPicture | undefined> {
  const [run] = await orThrow(store.history.list({ limit: 1 }));
  return run === undefined ? undefined : pictureOf(store, run, ledgerTables);
}

/** What readers see: every current capture's sums by account. */
async function sumsOf(store: Store): Promise<string> {
  const sums: Record<string, number> = {};
  for (const { partition, stage, tier, domain } of await orThrow(store.captures.list({ status: "COMPLETE" }))) {
    const current = await orThrow(store.captures.current({ domain, partition, stage, tier }));
    const table = stage === "LOAD" ? "drill_entries" : "drill_totals";
    const { rows } = await orThrow(
      store.sql.execute<{ account: string; amount: number }>(
        `select account, sum(amount) as amount from ${table} where capture_id = ? group by account`,
        [current?.captureId ?? null],
      ),
    );
    for (const { account, amount } of rows) sums[`${stage} ${account}`] = Number(amount);
  }
  return JSON.stringify(Object.fromEntries(Object.entries(sums).toSorted(([a], [b]) => (a < b ? -1 : 1))));
}

async function withStore<T>(file: string, work: (store: Store) => Promise<T>): Promise<T> {
  const contributions = (kind: string): { owner: string; value: unknown }[] =>
    (ledger.contributions[kind] ?? []).map((value) => ({ owner: ledger.name, value }));
  const store = await orThrow(sqlite(file).open({ clock: systemClock, logger: silentLogger, contributions }));
  try {
    return await work(store);
  } finally {
    await orThrow(store.close());
  }
}
