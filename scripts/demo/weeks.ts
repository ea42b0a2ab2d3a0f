import { join } from "node:path";
import { type WeekEnding, weekEnding } from "@spine/core";
import { type GeneratedWeek, generateWeek, writeWeek } from "spine-plugin-finra-otc/testing";
import { dataFolder } from "./project.ts";

/** A weekly file on disk, and what must come of it. */
export interface DemoWeek extends GeneratedWeek {
  readonly path: string;
}

const rows = 40_000;

/** Writes the files of two weeks; they are the same each time, so what is captured already stays captured. */
export async function writeWeeks(): Promise<readonly [first: DemoWeek, second: DemoWeek]> {
  return [await writeOne(weekEnding("2025-11-14")), await writeOne(weekEnding("2025-11-21"))];
}

/** The file of the first week as FINRA republishes it, some quantities changed. */
export function writeCorrection(): Promise<DemoWeek> {
  return writeOne(weekEnding("2025-11-14"), { folder: join(dataFolder, "corrected"), revision: 1 });
}

async function writeOne(
  week: WeekEnding,
  { folder, revision }: { readonly folder: string; readonly revision: number } = { folder: dataFolder, revision: 0 },
): Promise<DemoWeek> {
  const generated = generateWeek({ week, rows, seed: "demo", revision });
  return { ...generated, path: await writeWeek(folder, generated) };
}
