import type { SeededRandom } from "./seeded-random.ts";

/** One round of a drill: what it may draw on, all of it from the seed that is printed. */
export interface DrillRound {
  /** From 1. */
  readonly number: number;
  readonly random: SeededRandom;
  /** An empty folder of this round's own, kept when the round fails. */
  readonly folder: string;
}

export interface DrillSetting {
  /** For what the rounds share. */
  readonly folder: string;
  /** Less data: for `npm test`, where a round must be short. */
  readonly small: boolean;
  /** How many rounds will follow. */
  readonly count: number;
}

/** A drill that is set up: what its rounds share has been made. */
export interface OpenDrill {
  /** Resolves to a few words on what happened; rejects with what was wrong. */
  round(round: DrillRound): Promise<string>;
  /** For rounds that break one piece of work again and again: brings it to its end and looks at all of it, as a round does. */
  finish?(): Promise<string>;
  close?(): Promise<void>;
}

/**
 * Breaks something on purpose, many times, and looks whether what is promised still holds. One file a drill, listed in `drills.ts`.
 */
export interface Drill {
  /** What it does, for people, in one line. */
  readonly summary: string;
  readonly defaultCount: number;
  open(options: DrillSetting): Promise<OpenDrill>;
  /** The program of the processes it breaks, started by `startChild`. */
  child?(options: string): Promise<void>;
}
