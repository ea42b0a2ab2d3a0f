import { didYouMean } from "@spine/core";
import { outputsIn } from "../document/step-references.ts";
import { graphOf } from "../drawing/graph.ts";
import type { Step } from "../workflows/step-kind.ts";
import type { Workflow } from "../workflows/workflow.ts";

/** What lint looks for; the code is API, the text is not. */
export type LintCode =
  | "NO_OTHERWISE"
  | "UNREACHABLE_STEP"
  | "SIMILAR_NAMES"
  | "WORK_IN_LAMBDA"
  | "INLINE_FUNCTION"
  | "UNKNOWN_OUTPUT"
  | "UNKNOWN_STEP_TYPE";

/** Something that runs but is probably not meant. */
export interface LintFinding {
  readonly code: LintCode;
  readonly step: string;
  readonly message: string;
}

/** Looks a workflow over; findings come in the order of its steps. What cannot run at all is refused by `defineWorkflow`. */
export function lintWorkflow(workflow: Workflow): readonly LintFinding[] {
  const { steps } = workflow;
  const names = steps.map(({ name }) => name);
  const reachable = reachableSteps(workflow);
  return steps.flatMap((step, position) => {
    const found = (code: LintCode, message: string): LintFinding => ({ code, step: step.name, message });
    const similar = names.slice(0, position).find((name) => isSimilar(name, step.name));
    const branching = step.kind.branchingOf?.(step);
    return [
      ...(step.kind.isUnknown === true
        ? [
            found(
              "UNKNOWN_STEP_TYPE",
              `Nothing here knows the type "${step.kind.kind}"; the step fails when it is run.`,
            ),
          ]
        : []),
      ...(branching !== undefined && branching.otherwise === undefined && branching.join === undefined
        ? [
            found(
              "NO_OTHERWISE",
              `"${step.name}" ends the run when its condition does not hold. Say otherwise or join.`,
            ),
          ]
        : []),
      ...(reachable.has(step.name) ? [] : [found("UNREACHABLE_STEP", `No way leads to "${step.name}".`)]),
      ...(similar === undefined
        ? []
        : [found("SIMILAR_NAMES", `"${step.name}" and "${similar}" are easily taken for each other.`)]),
      ...(step.kind.kind === "lambda" && hasPolicyOfWork(step)
        ? [
            found(
              "WORK_IN_LAMBDA",
              `"${step.name}" is tried again, limited or undone, so it does work. Make it a pipeline.`,
            ),
          ]
        : []),
      ...inlineFields(step).map((field) =>
        found(
          "INLINE_FUNCTION",
          `${field} of "${step.name}" is a function: it is known by its version only. Give it a key to write it as data.`,
        ),
      ),
      ...expressionsOf(step)
        .flatMap(outputsIn)
        .filter((name) => !names.includes(name))
        .map((name) =>
          found(
            "UNKNOWN_OUTPUT",
            `"${step.name}" reads outputs.${name}, which no step gives.${didYouMean(name, names)}`,
          ),
        ),
    ];
  });
}

function reachableSteps(workflow: Workflow): ReadonlySet<string> {
  const { nodes, edges } = graphOf(workflow);
  const isGraph = workflow.steps.some(({ dependsOn }) => dependsOn !== undefined);
  // In a graph, what depends on nothing begins at once.
  if (isGraph) return new Set(nodes.map(({ name }) => name));
  const next = new Map<string, string[]>();
  for (const { from, to } of edges) next.set(from, [...(next.get(from) ?? []), to]);
  const reached = new Set(nodes.slice(0, 1).map(({ name }) => name));
  for (const name of reached) for (const to of next.get(name) ?? []) reached.add(to);
  return reached;
}

function hasPolicyOfWork({ retry, timeoutMs, totalTimeoutMs, compensate }: Step): boolean {
  return [retry, timeoutMs, totalTimeoutMs, compensate].some((policy) => policy !== undefined);
}

function inlineFields(step: Step): readonly string[] {
  const fields: string[] = [];
  step.kind.toDocument(step, (_, version, field) => {
    fields.push(field);
    return { inline: version };
  });
  return fields;
}

function expressionsOf(step: Step): readonly string[] {
  const fields = step.kind.toDocument(step);
  return (step.kind.form?.expressions ?? []).flatMap((field) => {
    const value = fields[field];
    return typeof value === "string" ? [value] : [];
  });
}

/** Equal but for case, `_` and `-`, or for one letter of a longer name. */
function isSimilar(a: string, b: string): boolean {
  const [x, y] = [a, b].map((name) => name.toLowerCase().replaceAll(/[_-]/g, ""));
  if (x === undefined || y === undefined) return false;
  if (x === y) return true;
  // Numbered steps and short names differ by one letter on purpose.
  if (Math.min(x.length, y.length) < 5 || /\d/.test(x + y)) return false;
  return isOneLetterApart(x.length <= y.length ? [x, y] : [y, x]);
}

function isOneLetterApart([short, long]: readonly [string, string]): boolean {
  if (long.length - short.length > 1) return false;
  let at = 0;
  while (at < short.length && short[at] === long[at]) at += 1;
  return short.slice(long.length === short.length ? at + 1 : at) === long.slice(at + 1);
}
