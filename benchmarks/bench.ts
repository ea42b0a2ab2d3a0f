/** How much work a run of the benchmarks does: `quick` for every change, `full` for figures that are published. */
export type Scale = "quick" | "full";

/** One figure: a measured side, and the floor it is divided by (design §7). Both do the same amount of work a round. */
export interface Bench {
  /** Unique over all cases; words joined by `-`. */
  readonly name: string;
  /** Of value and floor: `ns/step`, `MiB`. Lower is better, always. */
  readonly unit: string;
  /** Largest ratio to the floor, or largest value when there is no floor. @defaultValue none: the figure is only reported */
  readonly goal?: number;
  /** One round; resolves to its cost in `unit`. */
  measured(): Promise<number>;
  floor?(): Promise<number>;
  /** @defaultValue `measured / floor` */
  ratio?(measured: number, floor: number): number;
  /** Rounds to take when one is too expensive for the usual number. */
  readonly rounds?: number;
}

/** Benches that share a set-up. A case runs in a process of its own, so that none feels what another left behind. */
export interface OpenCase {
  readonly benches: readonly Bench[];
  close?(): Promise<void>;
}

export interface BenchCase {
  readonly name: string;
  /** Rejects with {@link CaseSkipped} when the machine lacks what it needs. */
  open(scale: Scale): Promise<OpenCase>;
}

/** Says why a case cannot be measured here, such as a missing PostgreSQL. */
export class CaseSkipped extends Error {}

/** One line of `results/latest.json`. */
export interface BenchResult {
  readonly name: string;
  readonly unit: string;
  /** Medians over the rounds. */
  readonly value: number;
  readonly floor: number | null;
  /** Median of the rounds' own ratios. */
  readonly ratio: number | null;
  readonly goal: number | null;
  readonly better: "lower";
  /** Smallest and largest ratio of a round; of a value when there is no floor. */
  readonly spread: readonly [number, number];
  readonly rounds: number;
}

/** Whether the goal was missed: by the ratio, or by the value of a bench without a floor. */
export function isMissed({ goal, ratio, value }: BenchResult): boolean {
  return goal !== null && (ratio ?? value) > goal;
}
