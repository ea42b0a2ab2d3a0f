import type { Executable } from "../engine/executable.ts";
import type { Outcome } from "../engine/program.ts";
import { type SequenceStep, sequenceProgram } from "./sequence-program.ts";
import type { Step } from "./step-kind.ts";
import { type Workflow, workflowDocument } from "./workflow.ts";

const executables = new WeakMap<Workflow, Executable>();

/** A workflow as the engine runs it; made once for each definition. */
export function workflowExecutable(workflow: Workflow): Executable {
  const known = executables.get(workflow);
  if (known !== undefined) return known;
  const positions = new Map(workflow.steps.map(({ name }, position) => [name, position]));
  const sequence = workflow.steps.map((step) => sequenceStep(step, positions));
  const executable: Executable = Object.freeze({
    kind: "workflow",
    name: workflow.name,
    version: workflow.version,
    domain: workflow.domain,
    steps: workflow.steps.map((step) => ({
      name: step.name,
      kind: step.kind.kind,
      onError: step.onError,
      retry: step.retry,
      timeoutMs: step.timeoutMs,
      totalTimeoutMs: step.totalTimeoutMs,
      execute: (context, scope) => step.kind.execute(step, context, scope),
    })),
    paramsSchema: workflow.params,
    defaults: workflow.defaults,
    // Without a schema, lambdas may read whatever a run is given.
    refusesUnknownParams: workflow.params !== undefined,
    maxConcurrency: 1,
    timeoutMs: workflow.timeoutMs,
    batchPrefix: undefined,
    pipelines: workflow.steps.flatMap((step) => step.kind.pipelinesOf?.(step) ?? []),
    document: workflowDocument(workflow),
    program: () => sequenceProgram(sequence),
  } satisfies Executable);
  executables.set(workflow, executable);
  return executable;
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
