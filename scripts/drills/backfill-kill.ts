import { join } from "node:path";
import { postgres } from "@spine/adapters-postgres";
import { sqlite } from "@spine/adapters-sqlite";
import { addWeeks, orThrow, type StoreProvider, type WeekEnding, weekEnding, weekWindow } from "@spine/core";
import { createSpine, type Spine } from "@spine/orchestration";
import { finraOtcSince, weeklyExpectation } from "spine-plugin-finra-otc";
import { generateWeek, writeWeek } from "spine-plugin-finra-otc/testing";
import { startPostgres } from "../postgres.ts";
import { type ExpectedWeek, untruthsOfBackfill, untruthsOfInterruptedBackfill } from "./backfill-truth.ts";
import { documentOf, runDrillChild } from "./child.ts";
import type { Drill, DrillSetting, OpenDrill } from "./drill.ts";
import { refuse } from "./truth.ts";

/** The smallest week the generator makes, so that most of the work is the ledger's. */
const rowsOfWeek = 50;
const maxParallel = 2;
const lastWeek = weekEnding("2025-09-26");
/** Weeks of the same work that is done once without a kill, to know how long a week takes on this machine. */
const weeksOfRehearsal = 10;
/** Random delays come to four fifths of the work at most, so that a machine that gets faster meanwhile still has something to kill. */
const spread = 1.6;

/** Where the work is kept, as a child process can be told. */
type Place = { readonly sqliteFile: string } | { readonly postgresUrl: string; readonly schema: string };

interface ChildTask {
  readonly place: Place;
  readonly backfillId: string;
  readonly since: string;
}

/** A backfill over FINRA weeks on SQLite, killed again and again, then brought to its end. */
export const backfillKill: Drill = {
  summary:
    "kills a backfill of FINRA weeks on SQLite at random instants, finishes it, looks for a week lost or done twice",
  defaultCount: 20,
  open: (setting) =>
    openBackfill(setting, (name) => ({ sqliteFile: join(setting.folder, `${name}.db`) }), setting.small ? 30 : 300),
  child: work,
};

/** The same on PostgreSQL, with fewer weeks: it is the ledger's statements that differ, not how many there are. */
export const backfillKillPostgres: Drill = {
  summary: "the same on PostgreSQL (SPINE_TEST_PG_URL, or one that is started)",
  defaultCount: 6,
  async open(setting) {
    const server = await startPostgres();
    const placeOf = (name: string) => ({ postgresUrl: server.url, schema: `drill_${name}_${process.pid}` });
    const opened = await openBackfill(setting, placeOf, setting.small ? 15 : 100);
    return {
      ...opened,
      async close() {
        for (const name of ["rehearsal", "killed"]) await dropSchema(placeOf(name));
        await server.stop();
      },
    };
  },
  child: work,
};

async function openBackfill(
  { folder, count }: DrillSetting,
  placeOf: (name: "rehearsal" | "killed") => Place,
  partitions: number,
): Promise<OpenDrill> {
  const files = join(folder, "files");
  const weeks = await writeWeeks(files, partitions);
  const perWeekMs = await rehearse(placeOf("rehearsal"), files);
  const place = placeOf("killed");
  const since = sinceOf(partitions);
  const backfillId = await withSpine(place, since, (spine) => planBackfill(spine, files));
  const task: ChildTask = { place, backfillId, since };
  const look = <T>(use: (spine: Spine) => Promise<T>): Promise<T> => withSpine(place, since, use);
  let killsLeft = count;
  let deaths = 0;

  return {
    async round({ random }) {
      const { status, counts: before } = await look((spine) => orThrow(spine.backfills.get(backfillId)));
      if (status === "COMPLETED") return "nothing is left to kill";
      const partMs = ((before.total - before.completed) * perWeekMs) / (killsLeft + 1);
      const outcome = await runDrillChild(nameOf(place), task, { killAfterMs: random.next() * spread * partMs });
      killsLeft -= 1;
      if (!outcome.killed) return `ended before it could be killed: ${JSON.stringify(documentOf(outcome))}`;
      deaths += 1;
      return look(async (spine) => {
        refuse(await untruthsOfInterruptedBackfill(spine, backfillId), `after death ${deaths}`);
        const { counts } = await orThrow(spine.backfills.get(backfillId));
        return `killed after ${Math.round(outcome.workMs)} ms; ${counts.completed} of ${counts.total} weeks done, ${counts.running} cut off`;
      });
    },
    async finish() {
      if (deaths === 0) throw new Error("nothing was killed, so nothing was shown");
      const { status } = await look((spine) => orThrow(spine.backfills.get(backfillId)));
      if (status !== "COMPLETED") documentOf(await runDrillChild(nameOf(place), task));
      return look(async (spine) => {
        refuse(await untruthsOfBackfill(spine, backfillId, weeks), `after ${deaths} deaths`);
        return `${deaths} deaths; ${weeks.length} weeks complete, each captured once, sums equal`;
      });
    },
  };
}

/** How long a week takes here when nobody kills anything, in milliseconds. */
async function rehearse(place: Place, files: string): Promise<number> {
  const since = sinceOf(weeksOfRehearsal);
  const backfillId = await withSpine(place, since, (spine) => planBackfill(spine, files));
  const outcome = await runDrillChild(nameOf(place), { place, backfillId, since } satisfies ChildTask);
  documentOf(outcome);
  return outcome.workMs / weeksOfRehearsal;
}

/** The program of the processes that are killed: works off the backfill. */
async function work(options: string): Promise<void> {
  const { place, backfillId, since } = JSON.parse(options) as ChildTask;
  await withSpine(place, since, async (spine) => {
    // Told on its first line, so that what is killed is work and not a process that starts.
    process.stdout.write(" ");
    const { status } = await orThrow(spine.backfills.run(backfillId));
    console.log(JSON.stringify({ status }));
  });
}

function planBackfill(spine: Spine, directory: string): Promise<string> {
  return orThrow(
    spine.backfills
      .create({
        expectation: weeklyExpectation("OTC"),
        mode: "missing",
        to: lastWeek,
        reason: "drill",
        maxParallel,
        params: { directory },
      })
      .map(({ backfillId }) => backfillId),
  );
}

async function writeWeeks(folder: string, partitions: number): Promise<readonly ExpectedWeek[]> {
  const weeks: ExpectedWeek[] = [];
  for (const week of weekWindow(lastWeek, partitions)) {
    const generated = generateWeek({ week, rows: rowsOfWeek, seed: "backfill" });
    await writeWeek(folder, generated);
    weeks.push({ week, truth: generated.truth });
  }
  return weeks;
}

async function withSpine<T>(place: Place, since: string, use: (spine: Spine) => Promise<T>): Promise<T> {
  const plugin = finraOtcSince({ since: weekEnding(since), tiers: ["OTC"] });
  const spine = await orThrow(createSpine({ store: storeOf(place), plugins: [plugin] }));
  try {
    return await use(spine);
  } finally {
    await orThrow(spine.close());
  }
}

function storeOf(place: Place): StoreProvider {
  if ("sqliteFile" in place) return sqlite(place.sqliteFile);
  return postgres(place.postgresUrl, { schema: place.schema });
}

async function dropSchema({ postgresUrl, schema }: Extract<Place, { schema: string }>): Promise<void> {
  const spine = await orThrow(createSpine({ store: postgres(postgresUrl, { schema }) }));
  await orThrow(spine.store.sql.execute(`drop schema "${schema}" cascade`));
  await orThrow(spine.close());
}

function sinceOf(partitions: number): WeekEnding {
  return addWeeks(lastWeek, 1 - partitions);
}

function nameOf(place: Place): string {
  return "sqliteFile" in place ? "backfill-kill" : "backfill-kill-postgres";
}
