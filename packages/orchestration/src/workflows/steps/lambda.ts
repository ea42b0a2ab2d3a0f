import { encodeJsonObject, SpineError } from "@spine/core";
import { inlineFunction } from "../../document/functions.ts";
import { functionRef, jsonFields, stepForm } from "../../document/step-form.ts";
import type { WorkflowContext } from "../context.ts";
import { outcomeOf } from "../step-result.ts";
import { policyOf, type StepBase, type StepKind, type StepPolicyOptions } from "../step-kind.ts";

/** Light work between pipelines: validate, route, notify. Gets the context and its own configuration. */
export type LambdaHandler = (context: WorkflowContext, config: Readonly<Record<string, unknown>>) => unknown;

export interface LambdaOptions extends StepPolicyOptions {
  /** Passed to the handler as its second argument. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Change it when the function begins to do something else, so that an interrupted run notices. @defaultValue "1" */
  readonly version?: string;
}

export interface LambdaStep extends StepBase {
  readonly kind: StepKind<LambdaStep>;
  readonly handler: LambdaHandler;
  readonly config: Readonly<Record<string, unknown>>;
  readonly version: string;
}

const noConfig = Object.freeze({});

export const lambdaKind: StepKind<LambdaStep> = Object.freeze<StepKind<LambdaStep>>({
  kind: "lambda",
  execute(step, context) {
    const returned = step.handler(context, step.config);
    if (returned instanceof Promise || isThenable(returned)) return awaited(step.name, returned);
    return outcomeOf(step.name, returned);
  },
  toDocument: ({ handler, config, version }, written = inlineFunction) => ({
    handler: written(handler, version, "handler"),
    ...(config === noConfig
      ? {}
      : { config: encodeJsonObject(config).unwrapOr(undefined) ?? written(config, version, "config") }),
  }),
  form: stepForm({
    fields: { handler: functionRef, config: jsonFields.exactOptional() },
    read: (name, { handler, ...options }, policy, functions) => {
      const { value, version } = functions.read<LambdaHandler>(handler, "handler");
      return lambdaStep(name, value, { ...policy, ...options, version });
    },
  }),
  check: (step) =>
    typeof step.handler === "function"
      ? undefined
      : new SpineError("WORKFLOW_INVALID", `Lambda step "${step.name}" has no function. Give it one.`),
});

export function lambdaStep(name: string, handler: LambdaHandler, options: LambdaOptions = {}): LambdaStep {
  return Object.freeze({
    name,
    kind: lambdaKind,
    handler,
    config: options.config ?? noConfig,
    version: options.version ?? "1",
    ...policyOf(options),
  });
}

async function awaited(step: string, returned: PromiseLike<unknown>): Promise<ReturnType<typeof outcomeOf>> {
  return outcomeOf(step, await returned);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
