import type { Instant, Json, JsonObject, NewEvent, QualityMetrics, SpineError } from "@spine/core";

interface OutcomeFacts {
  readonly output?: Json;
  readonly updates?: JsonObject;
  readonly quality?: QualityMetrics;
  readonly events?: readonly NewEvent[];
  /** Step to go on with, after this one. */
  readonly next?: string;
}

/** How a step ended, after its last attempt. */
export type Outcome =
  | (OutcomeFacts & { readonly status: "COMPLETED" })
  | (OutcomeFacts & { readonly status: "SKIPPED"; readonly reason: string })
  | (OutcomeFacts & { readonly status: "FAILED"; readonly error: SpineError });

/** What a step waits for; kept in its row while nobody owns the run, and given to the step when it is asked again. */
export interface Wait {
  /** For people: `timer`, `signal`, `child`, `approval`, `slot`, … */
  readonly reason: string;
  /** When to ask again at the latest. */
  readonly until?: Instant | undefined;
  /** Name of the signal that ends it. */
  readonly signal?: string | undefined;
  /** Runs whose end ends it. */
  readonly children?: readonly string[] | undefined;
  /** What else the step's kind wants to find again. */
  readonly state?: JsonObject | undefined;
}

/** A step that is not done and has nothing to do now. */
export interface Waiting {
  readonly status: "WAITING";
  readonly wait: Wait;
}

/** What a try of a step comes to. */
export type StepOutcome = Outcome | Waiting;

export interface PassedOver {
  readonly position: number;
  readonly reason: string;
}

export type ProgramEnd = "COMPLETED" | "FAILED" | "PARTIAL";

/** What a program answers: which steps may begin now, which never will, and whether that was all. */
export interface Move {
  readonly run: readonly number[];
  readonly skip: readonly PassedOver[];
  readonly end?: ProgramEnd;
  /** Why it cannot go on, when that is the program's own finding and not a step's. */
  readonly error?: SpineError;
}

/**
 * Decides what may run next; the engine does it (design 4.3). Pure and total: no clock, no store, no chance. Incremental: O(1)
 * amortised per step. Positions are indices into the definition's steps.
 */
export interface Program {
  /**
   * The first move. `settled` are steps an earlier execution of the run has behind it; they are walked over, not run. `begun` are
   * others that it had begun.
   */
  start(settled: ReadonlyMap<number, Outcome>, begun?: ReadonlySet<number>): Move;
  settle(position: number, outcome: Outcome): Move;
}

export const nothing: Move = Object.freeze({ run: Object.freeze([]), skip: Object.freeze([]) });
