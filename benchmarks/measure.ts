import type { Bench, BenchResult } from "./bench.ts";

const minWarmUps = 2;
const maxWarmUps = 15;
/** What the compiler needs before a figure is that of a process that has been at work for a while. */
const warmUpMs = 1500;
const minRounds = 7;
const maxRounds = 41;
/** Past this a bench takes no more rounds than it must. */
const budgetMs = 6000;

interface Round {
  readonly measured: number;
  readonly floor: number | undefined;
  /** What the goal looks at: the ratio, or the value when there is no floor. */
  readonly figure: number;
}

/**
 * Takes the rounds of one bench, interleaved (measured, floor, measured, floor, …), so that a change of the machine's mood hits both
 * sides. The ratio is the median of the rounds' ratios, not the ratio of two medians.
 */
export async function measureBench(bench: Bench): Promise<BenchResult> {
  if (bench.rounds === undefined) await warmUp(bench);
  const rounds: Round[] = [];
  const startedMs = performance.now();
  const wanted = bench.rounds ?? minRounds;
  const most = bench.rounds ?? maxRounds;
  while (rounds.length < wanted || (rounds.length < most && performance.now() - startedMs < budgetMs)) {
    rounds.push(await takeRound(bench));
  }

  const floors = rounds.flatMap(({ floor }) => (floor === undefined ? [] : [floor]));
  const figures = rounds.map(({ figure }) => figure);
  return {
    name: bench.name,
    unit: bench.unit,
    value: rounded(median(rounds.map(({ measured }) => measured))),
    floor: floors.length === 0 ? null : rounded(median(floors)),
    ratio: floors.length === 0 ? null : rounded(median(figures)),
    goal: bench.goal ?? null,
    better: "lower",
    spread: [rounded(Math.min(...figures)), rounded(Math.max(...figures))],
    rounds: rounds.length,
  };
}

async function warmUp(bench: Bench): Promise<void> {
  const startedMs = performance.now();
  for (let round = 0; round < maxWarmUps; round += 1) {
    if (round >= minWarmUps && performance.now() - startedMs > warmUpMs) return;
    await takeRound(bench);
  }
}

async function takeRound(bench: Bench): Promise<Round> {
  collectGarbage();
  const measured = await bench.measured();
  if (bench.floor === undefined) return { measured, floor: undefined, figure: measured };
  collectGarbage();
  const floor = await bench.floor();
  return { measured, floor, figure: bench.ratio?.(measured, floor) ?? measured / floor };
}

/**
 * Neither side pays for what the other one left. Young garbage only: a full collection would also throw away what the compiler knows
 * of shapes that no living object has just now, and every round would begin cold.
 */
function collectGarbage(): void {
  globalThis.gc?.({ type: "minor" });
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Three digits are what the spread of a run leaves. */
function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
