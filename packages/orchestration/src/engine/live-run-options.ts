import type { ResultAsync, SpineError } from "@spine/core";
import type { WorkflowContext } from "../workflows/context.ts";
import type { Outcome, Program, Wait } from "./program.ts";
import type { Run } from "./run.ts";
import type { RunLogOptions } from "./run-log.ts";
import type { ChildRun } from "./scope.ts";

/** Why a run that has not ended is to stop where it stands. */
export type Halt = "pause" | "shutdown";

export interface LiveRunOptions extends Omit<RunLogOptions, "identity"> {
  readonly program: Program;
  readonly context: WorkflowContext;
  /** Steps whose process ended too often while they ran: they fail without being begun. */
  readonly wornOut: ReadonlySet<number>;
  /** What steps wait for, of earlier executions. */
  readonly waits?: ReadonlyMap<number, Wait> | undefined;
  readonly base?: WorkflowContext | undefined;
  /** Steps behind the run, for the contexts of a graph's steps. */
  readonly settled?: ReadonlyMap<number, Outcome> | undefined;
  /** Signals that steps have taken, by name. */
  readonly taken?: ReadonlyMap<string, number> | undefined;
  readonly failure?: { readonly step: string; readonly error: SpineError } | undefined;
  /** How much of the run's time is left, when it ran before. */
  readonly leftMs?: number | undefined;
  /** Aborting it cancels the run. */
  readonly signal: AbortSignal | undefined;
  readonly runChild: (step: string, child: ChildRun, signal: AbortSignal) => ResultAsync<Run, SpineError>;
}
