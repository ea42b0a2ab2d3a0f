import { join } from "node:path";
import { postgres } from "@spine/adapters-postgres";
import { sqlite } from "@spine/adapters-sqlite";
import { orThrow, type Store } from "@spine/core";
import { startPostgres } from "../postgres.ts";
import { contest, type Contestant, openConnection, openStore, startContestant } from "./capture-race-contestants.ts";
import { endings, endWinner, untruthsOfSlot, type Winner } from "./capture-race-truth.ts";
import type { Drill, OpenDrill } from "./drill.ts";
import { refuse } from "./truth.ts";

const contestants = 8;

/** Eight processes that start the same capture of one SQLite file at the same instant, again and again. */
export const captureRace: Drill = {
  summary: "8 processes start the same capture of one SQLite file, 50 times a round: one winner each time",
  defaultCount: 20,
  async open({ folder, small }) {
    const file = join(folder, "spine.db");
    const store = await openStore(sqlite(file));
    const racing = await Promise.all(Array.from({ length: contestants }, () => startContestant("capture-race", file)));
    return openRace({ store, racing, startsOfRound: small ? 15 : 50 });
  },
  child: contest,
};

/** The same by eight connections to a PostgreSQL. */
export const captureRacePostgres: Drill = {
  summary: "8 connections start the same capture on PostgreSQL, 50 times a round: one winner each time",
  defaultCount: 20,
  async open({ small }) {
    const server = await startPostgres();
    const schema = `drill_race_${process.pid}`;
    const store = await openStore(postgres(server.url, { schema }));
    const racing = await Promise.all(Array.from({ length: contestants }, () => openConnection(server.url, schema)));
    const race = openRace({ store, racing, startsOfRound: small ? 15 : 50 });
    return {
      ...race,
      async close() {
        await orThrow(store.sql.execute(`drop schema "${schema}" cascade`));
        await race.close?.();
        await server.stop();
      },
    };
  },
};

interface Race {
  /** Whoever looks at what came of it, and ends what the winners began. */
  readonly store: Store;
  readonly racing: readonly Contestant[];
  readonly startsOfRound: number;
}

function openRace({ store, racing, startsOfRound }: Race): OpenDrill {
  return {
    async round({ number, random }) {
      const won: Winner[] = [];
      while (won.length < startsOfRound) {
        const winner = await raceOnce({ store, racing, startsOfRound }, `${number}`, won);
        const ending = endings[random.below(endings.length)] ?? "completes";
        won.push({ ...winner, ending });
        await endWinner(store, won);
      }
      refuse(await untruthsOfSlot(store, `${number}`, won), `after ${won.length} starts`);
      const left = won.filter(({ ending }) => ending === "dies" || ending === "loses its lease").length;
      return `${won.length} starts by ${racing.length}, one winner each; ${left} left behind and taken over`;
    },
    async close() {
      for (const contestant of racing) await contestant.close();
      await orThrow(store.close());
    },
  };
}

/** All of them start the same capture; resolves to the one that may. */
async function raceOnce(
  { store, racing }: Race,
  slot: string,
  before: readonly Winner[],
): Promise<Omit<Winner, "ending">> {
  const last = before.at(-1);
  const deadOwners = last?.ending === "dies" ? [last.owner] : [];
  const captureIdOf = (contestant: number): string => `${slot}_${before.length}_${contestant}`;
  const attempts = await Promise.all(
    racing.map((contestant, index) =>
      contestant.start({
        captureId: captureIdOf(index),
        domain: "drill",
        partition: slot,
        stage: "RACE",
        tier: "BRONZE",
        runId: `run_${captureIdOf(index)}`,
        owner: `owner_${captureIdOf(index)}`,
        deadOwners,
      }),
    ),
  );
  const [winner, ...others] = attempts.filter(({ won }) => won);
  const when = `at start ${before.length + 1}, after one that ${last?.ending ?? "is not there"}`;
  if (winner === undefined || others.length > 0)
    throw new Error(`${attempts.length} starts had ${others.length + (winner === undefined ? 0 : 1)} winners ${when}`);
  const running = await orThrow(store.captures.list({ domain: "drill", partition: slot, status: "RUNNING" }));
  const { captureId } = winner;
  refuse(
    [
      ...attempts
        .filter(({ won, code, heldBy }) => !won && (code !== "CAPTURE_HELD" || heldBy !== captureId))
        .map(({ code, heldBy }) => `a loser was told ${code} by ${String(heldBy)}, and ${captureId} won`),
      ...(running.length === 1 && running[0]?.captureId === captureId
        ? []
        : [`${captureId} won, and RUNNING are ${running.map((capture) => capture.captureId).join(", ") || "none"}`]),
    ],
    when,
  );
  return { captureId, owner: `owner_${captureId}` };
}
