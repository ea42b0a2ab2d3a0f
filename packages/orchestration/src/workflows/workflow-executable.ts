import type { Executable, ExecutableStep } from "../engine/executable.ts";
import type { Outcome, Program } from "../engine/program.ts";
import { ancestorsOf, descendantsOf } from "./ancestors.ts";
import { compensationStep } from "./compensation.ts";
import { concurrencyOf } from "./concurrency.ts";
import { type GraphStep, graphProgram } from "./graph-program.ts";
import { sagaProgram } from "./saga-program.ts";
import { type SequenceStep, sequenceProgram } from "./sequence-program.ts";
import type { Step } from "./step-kind.ts";
import { type Workflow, workflowDocument } from "./workflow.ts";

const executables = new WeakMap<Workflow, Executable>();

/** A workflow as the engine runs it; made once for each definition. */
export function workflowExecutable(workflow: Workflow): Executable {
  const known = executables.get(workflow);
  if (known !== undefined) return known;
  const { steps } = workflow;
  const positions = new Map(steps.map(({ name }, position) => [name, position]));
  const sequence = steps.map((step) => sequenceStep(step, positions));
  const isGraph = steps.some(({ dependsOn }) => dependsOn !== undefined);
  const graph = isGraph ? graphSteps(steps, sequence, positions) : [];
  const compensated = steps.flatMap((step, position) => (step.compensate === undefined ? [] : [{ step, position }]));
  const compensations = new Map(compensated.map(({ position }, index) => [position, steps.length + index]));
  const ownProgram = (): Program =>
    isGraph ? graphProgram(graph, workflow.maxConcurrency) : sequenceProgram(sequence);
  const executable: Executable = Object.freeze({
    kind: "workflow",
    name: workflow.name,
    version: workflow.version,
    domain: workflow.domain,
    steps: [...steps.map(executableStep), ...compensated.map(({ step }) => compensationStep(step))],
    ...(compensated.length === 0 ? {} : { ownSteps: steps.length }),
    paramsSchema: workflow.params,
    defaults: workflow.defaults,
    // Without a schema, lambdas may read whatever a run is given.
    refusesUnknownParams: workflow.params !== undefined,
    maxConcurrency: isGraph ? workflow.maxConcurrency : 1,
    timeoutMs: workflow.timeoutMs,
    batchPrefix: undefined,
    pipelines: steps.flatMap((step) => [
      ...(step.kind.pipelinesOf?.(step) ?? []),
      ...(step.compensate === undefined ? [] : [step.compensate.pipeline]),
    ]),
    document: workflowDocument(workflow),
    ...(isGraph ? { ancestorsOf: ancestorsOf(graph), redoneWith: descendantsOf(graph) } : {}),
    ...(workflow.concurrency === undefined ? {} : { concurrency: concurrencyOf(workflow.name, workflow.concurrency) }),
    program: () => (compensated.length === 0 ? ownProgram() : sagaProgram(ownProgram(), compensations)),
  } satisfies Executable);
  executables.set(workflow, executable);
  return executable;
}

function executableStep(step: Step): ExecutableStep {
  return {
    name: step.name,
    kind: step.kind.kind,
    onError: step.onError,
    retry: step.retry,
    timeoutMs: step.timeoutMs,
    totalTimeoutMs: step.totalTimeoutMs,
    execute: (context, scope) => step.kind.execute(step, context, scope),
  };
}

const straight = (): undefined => undefined;

function sequenceStep(step: Step, positions: ReadonlyMap<string, number>): SequenceStep {
  const branching = step.kind.branchingOf?.(step);
  const { branchTaken } = step.kind;
  const at = (name: string | undefined): number | undefined => (name === undefined ? undefined : positions.get(name));
  return {
    name: step.name,
    onError: step.onError,
    branching:
      branching === undefined
        ? undefined
        : { then: at(branching.then) ?? positions.size, otherwise: at(branching.otherwise), join: at(branching.join) },
    branchTaken: branchTaken === undefined ? straight : (outcome: Outcome) => branchTaken(outcome),
  };
}

/** A target of a choice depends on it, whether or not it says so. */
function graphSteps(
  steps: readonly Step[],
  sequence: readonly SequenceStep[],
  positions: ReadonlyMap<string, number>,
): readonly GraphStep[] {
  const dependencies = steps.map(({ dependsOn = [] }) => new Set(dependsOn.map((name) => positions.get(name) ?? -1)));
  for (const [position, { branching }] of sequence.entries()) {
    if (branching === undefined) continue;
    for (const target of [branching.then, branching.otherwise]) {
      if (target !== undefined) dependencies[target]?.add(position);
    }
  }
  return sequence.map((step, position) => ({ ...step, dependsOn: [...(dependencies[position] ?? [])] }));
}
