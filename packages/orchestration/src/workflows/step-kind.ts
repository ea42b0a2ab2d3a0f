import type { JsonObject, SpineError } from "@spine/core";
import type { Outcome, StepOutcome } from "../engine/program.ts";
import type { ErrorPolicy, RetryPolicy } from "../engine/retry.ts";
import type { StepScope } from "../engine/scope.ts";
import { type Compensation, type CompensationOptions, compensationOf } from "./compensation-options.ts";
import type { WorkflowContext } from "./context.ts";
import type { FunctionWriter } from "../document/functions.ts";
import type { StepForm } from "../document/step-form.ts";

/** What every step has, whatever its kind. */
export interface StepBase {
  readonly name: string;
  /** @defaultValue stop */
  readonly onError: ErrorPolicy;
  readonly retry: RetryPolicy | undefined;
  /** Limit of one attempt, in milliseconds. */
  readonly timeoutMs: number | undefined;
  /** Limit of all attempts together, with the waits between them, in milliseconds. */
  readonly totalTimeoutMs?: number | undefined;
  /** Names of the steps it depends on; a workflow in which any step says so is a graph, and runs what it can at once. */
  readonly dependsOn?: readonly string[] | undefined;
  readonly compensate?: Compensation | undefined;
}

export interface StepPolicyOptions {
  readonly onError?: ErrorPolicy;
  readonly retry?: RetryPolicy;
  /** Limit of one attempt. */
  readonly timeoutMs?: number;
  /** Limit of all attempts together, with the waits between them. */
  readonly totalTimeoutMs?: number;
  /** Steps that have to be behind the run first. Where any step says so, steps that depend on nothing begin at once. */
  readonly dependsOn?: readonly string[];
  /** What makes the step's work good when the run fails later (a saga); such pipelines run in reverse order. */
  readonly compensate?: CompensationOptions;
}

/** Where a choice can lead; `undefined` as target of a branch means: to `join`, else to the end. */
export interface Branching {
  readonly then: string;
  readonly otherwise: string | undefined;
  readonly join: string | undefined;
}

/**
 * One kind of step: what it does, what it is as data, and whether it branches. Everything that tells kinds apart is asked of
 * these; nothing switches over kinds.
 */
export interface StepKind<S extends StepBase = StepBase> {
  readonly kind: string;
  execute(step: S, context: WorkflowContext, scope: StepScope): StepOutcome | PromiseLike<StepOutcome>;
  /**
   * The step's own fields as JSON; what is no data is left to `written`.
   * @param written `inlineFunction` by default: `{ inline: version }`
   */
  toDocument(step: S, written?: FunctionWriter): JsonObject;
  /** How it is read from a document. A kind without one can be written in code only. */
  readonly form?: StepForm;
  /** A stand-in for a kind that is not known here; lint tells. */
  readonly isUnknown?: boolean;
  /** Pipelines it calls. */
  readonly pipelinesOf?: (step: S) => readonly string[];
  /** Groups it will run. */
  readonly groupsOf?: (step: S) => readonly string[];
  /** Workflows it will run. */
  readonly workflowsOf?: (step: S) => readonly string[];
  readonly branchingOf?: (step: S) => Branching;
  /** Which branch a settled outcome took. */
  readonly branchTaken?: (outcome: Outcome) => "then" | "otherwise" | undefined;
  /** A mistake in the step's own fields. */
  readonly check?: (step: S) => SpineError | undefined;
}

/** A step with the kind that knows what to do with it. Frozen. */
export interface Step<S extends StepBase = StepBase> extends StepBase {
  readonly kind: StepKind<S>;
}

export function policyOf(options: StepPolicyOptions): Omit<StepBase, "name"> {
  return {
    onError: options.onError ?? "stop",
    retry: options.retry,
    timeoutMs: options.timeoutMs,
    totalTimeoutMs: options.totalTimeoutMs,
    dependsOn: options.dependsOn === undefined ? undefined : Object.freeze([...options.dependsOn]),
    compensate: compensationOf(options.compensate),
  };
}
