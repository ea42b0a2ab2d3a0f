import type { JsonObject, RunKind, Schema } from "@spine/core";
import type { WorkflowContext } from "../workflows/context.ts";
import type { Program, StepOutcome } from "./program.ts";
import type { ErrorPolicy, RetryPolicy } from "./retry.ts";
import type { StepScope } from "./scope.ts";

/** A step as the engine sees it: what to call, and its policies. */
export interface ExecutableStep {
  readonly name: string;
  /** `lambda`, `pipeline`, … for history. */
  readonly kind: string;
  readonly onError: ErrorPolicy;
  readonly retry: RetryPolicy | undefined;
  /** Limit of one attempt. */
  readonly timeoutMs: number | undefined;
  /** Limit of all attempts together, with the waits between them. */
  readonly totalTimeoutMs?: number | undefined;
  execute(context: WorkflowContext, scope: StepScope): StepOutcome | PromiseLike<StepOutcome>;
}

/** Anything the engine can run: a definition turned into steps and a program. */
export interface Executable {
  readonly kind: RunKind;
  readonly name: string;
  readonly version: string;
  readonly domain: string | undefined;
  readonly steps: readonly ExecutableStep[];
  readonly paramsSchema: Schema | undefined;
  readonly defaults: JsonObject;
  /** Whether nobody but its schema and its pipelines' reads parameters, so that any other name is a mistake. */
  readonly refusesUnknownParams: boolean;
  /** Steps that may run at once. */
  readonly maxConcurrency: number;
  /** Limit of the run. */
  readonly timeoutMs: number | undefined;
  /** Runs that are given no batch get one of this prefix. */
  readonly batchPrefix: string | undefined;
  /** Pipelines it will call, checked before it starts. */
  readonly pipelines: readonly string[];
  /** How many steps the definition has; steps beyond these are compensations. @defaultValue all of `steps` */
  readonly ownSteps?: number;
  /** Groups whose last run has to be COMPLETED before one of this begins. */
  readonly dependsOnGroups?: readonly string[];
  /** How many runs may hold a key at once. */
  readonly concurrency?: { readonly limit: number; keyOf(params: JsonObject): string } | undefined;
  /**
   * The steps whose outputs and updates a step sees, in the order in which these enter its context; a graph's steps see those they
   * depend on, whatever happened to end first. @defaultValue all that are behind the run
   */
  readonly ancestorsOf?: (position: number) => readonly number[];
  /** The steps that have to be done anew when this one is. @defaultValue it and all after it */
  readonly redoneWith?: (position: number) => ReadonlySet<number>;
  /** The definition as data, stored with each run. */
  readonly document: JsonObject;
  program(): Program;
}
