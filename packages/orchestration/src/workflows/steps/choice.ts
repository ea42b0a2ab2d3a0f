import { isJsonObject } from "@spine/core";
import { z } from "zod";
import { inlineFunction } from "../../document/functions.ts";
import { functionRef, stepForm } from "../../document/step-form.ts";
import { evaluateCondition, type Expression, parseExpression, type Predicate } from "../condition.ts";
import { policyOf, type StepBase, type StepKind } from "../step-kind.ts";

export interface ChoiceOptions {
  /** A CEL expression over `params`, `outputs`, `metadata` and `run`, or a function. */
  readonly when: Expression | Predicate;
  /** Where to go when it holds. Each target lies after the choice. */
  readonly then: string;
  /** Where to go when it does not. @defaultValue `join`, or the end of the run */
  readonly otherwise?: string;
  /** Where the branches meet again. Without it a branch ends the run, and the last one reaches to the end. */
  readonly join?: string;
  /** Change it when a `when` function begins to decide otherwise. @defaultValue "1" */
  readonly version?: string;
  /** In a graph, the targets of a choice depend on it by themselves. */
  readonly dependsOn?: readonly string[];
}

export interface ChoiceStep extends StepBase {
  readonly kind: StepKind<ChoiceStep>;
  readonly when: Expression | Predicate;
  readonly predicate: Predicate;
  readonly then: string;
  readonly otherwise: string | undefined;
  readonly join: string | undefined;
  readonly version: string;
}

export const choiceKind: StepKind<ChoiceStep> = Object.freeze<StepKind<ChoiceStep>>({
  kind: "choice",
  execute(step, context) {
    const text = typeof step.when === "string" ? JSON.stringify(step.when) : `of step "${step.name}"`;
    return evaluateCondition(step.predicate, context, text).match(
      (holds) => ({
        status: "COMPLETED",
        output: Object.freeze({ result: holds, branch: holds ? "then" : "otherwise" }),
      }),
      (error) => ({ status: "FAILED", error }),
    );
  },
  toDocument: ({ when, then, otherwise, join, version }, written = inlineFunction) => ({
    when: typeof when === "string" ? when : written(when, version, "when"),
    then,
    ...(otherwise === undefined ? {} : { otherwise }),
    ...(join === undefined ? {} : { join }),
  }),
  form: stepForm({
    fields: {
      when: z.union([z.string(), functionRef]),
      then: z.string(),
      otherwise: z.string().exactOptional(),
      join: z.string().exactOptional(),
    },
    policies: ["dependsOn"],
    steps: ["then", "otherwise", "join"],
    expressions: ["when"],
    read: (name, { when, ...targets }, policy, functions) =>
      choiceStep(name, {
        ...policy,
        ...targets,
        ...(typeof when === "string" ? { when } : functions.read<Predicate>(when, "when").as("when")),
      }),
  }),
  branchingOf: ({ then, otherwise, join }) => ({ then, otherwise, join }),
  branchTaken({ output }) {
    const branch = isJsonObject(output) ? output["branch"] : undefined;
    return branch === "then" || branch === "otherwise" ? branch : undefined;
  },
});

/** Throws `WORKFLOW_INVALID` when the expression cannot be read. */
export function choiceStep(name: string, options: ChoiceOptions): ChoiceStep {
  const { when } = options;
  const predicate = typeof when === "string" ? parseExpression(when) : undefined;
  if (predicate?.isErr() === true) throw predicate.error.withContext({ step: name });
  return Object.freeze({
    name,
    kind: choiceKind,
    when,
    predicate: typeof when === "function" ? when : (predicate?.unwrapOr(never) ?? never),
    then: options.then,
    otherwise: options.otherwise,
    join: options.join,
    // An expression is its own version.
    version: typeof when === "string" ? "1" : (options.version ?? "1"),
    ...policyOf(options.dependsOn === undefined ? {} : { dependsOn: options.dependsOn }),
  });
}

const never: Predicate = () => false;
