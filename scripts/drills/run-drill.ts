import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Tally } from "../tally.ts";
import type { Drill, OpenDrill } from "./drill.ts";
import { createSeededRandom } from "./seeded-random.ts";

export interface DrillOptions {
  readonly name: string;
  readonly count: number;
  /** Round n draws from seed + n - 1, so that one round can be had again alone. */
  readonly seed: number;
  readonly small: boolean;
  readonly folder: string;
  readonly log: (line: string) => void;
}

/** Runs a drill's rounds one after another; a failed round is told, its folder is kept, and the next one goes on. */
export async function runDrill(drill: Drill, options: DrillOptions): Promise<Tally> {
  const { name, count, seed, small, folder, log } = options;
  const shared = join(folder, "shared");
  mkdirSync(shared, { recursive: true });
  let opened: OpenDrill;
  try {
    opened = await drill.open({ folder: shared, small, count });
  } catch (error) {
    log(`FAILED before anything was broken: ${messageOf(error)}`);
    return { passed: 0, failed: 1 };
  }
  let passed = 0;
  for (let number = 1; number <= count; number += 1) {
    const roundFolder = join(folder, `round-${number}`);
    mkdirSync(roundFolder);
    const roundSeed = seed + number - 1;
    try {
      const told = await opened.round({ number, random: createSeededRandom(roundSeed), folder: roundFolder });
      log(`${String(number).padStart(4)}  ok      ${told}`);
      passed += 1;
      rmSync(roundFolder, { recursive: true, force: true });
    } catch (error) {
      log(`${String(number).padStart(4)}  FAILED  ${messageOf(error)}`);
      log(`      again: npm run drill -- ${name} --seed ${roundSeed} --count 1   files: ${roundFolder}`);
    }
  }
  const unfinished = opened.finish === undefined ? 0 : await finish(opened.finish, log);
  await opened.close?.();
  const failed = count - passed + unfinished;
  if (failed === 0) rmSync(shared, { recursive: true, force: true });
  return { passed, failed };
}

/** How many ends failed: none or the one. */
async function finish(bringToEnd: () => Promise<string>, log: (line: string) => void): Promise<0 | 1> {
  try {
    log(` end  ok      ${await bringToEnd()}`);
    return 0;
  } catch (error) {
    log(` end  FAILED  ${messageOf(error)}`);
    return 1;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
