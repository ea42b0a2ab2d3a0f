import type { JsonObject, RunKind, Schema } from "@spine/core";
import type { WorkflowContext } from "../workflows/context.ts";
import type { Outcome, Program } from "./program.ts";
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
  execute(context: WorkflowContext, scope: StepScope): Outcome | PromiseLike<Outcome>;
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
  /** The definition as data, stored with each run. */
  readonly document: JsonObject;
  program(): Program;
}
