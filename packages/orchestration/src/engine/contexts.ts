import type { WorkflowContext } from "../workflows/context.ts";
import type { Executable } from "./executable.ts";
import type { Outcome } from "./program.ts";

/** Contexts of steps that see only what they depend on. */
export interface Contexts {
  of(position: number): WorkflowContext;
  enter(position: number, outcome: Outcome): void;
}

/**
 * The contexts of a graph's steps: each sees the outputs and updates of the steps it depends on, however far, in an order that the
 * definition fixes, so that what a step gets does not depend on which other one happened to end first. Steps with the same
 * ancestors share a context. Undefined where every step sees all that is behind the run.
 */
export function createContexts(options: {
  readonly executable: Executable;
  readonly context: WorkflowContext;
  /** The context the run began with. @defaultValue `context` */
  readonly base?: WorkflowContext | undefined;
  readonly settled?: ReadonlyMap<number, Outcome> | undefined;
}): Contexts | undefined {
  const { executable, base = options.context } = options;
  const { ancestorsOf } = executable;
  if (ancestorsOf === undefined) return undefined;
  const outcomes = new Map(options.settled);
  const made = new WeakMap<readonly number[], WorkflowContext>();

  return {
    of(position) {
      const ancestors = ancestorsOf(position);
      const known = made.get(ancestors);
      if (known !== undefined) return known;
      let context = base;
      for (const ancestor of ancestors) {
        const { output, updates } = outcomes.get(ancestor) ?? {};
        const name = executable.steps[ancestor]?.name ?? "";
        if (output !== undefined) context = context.withOutput(name, output);
        if (updates !== undefined) context = context.withUpdates(updates);
      }
      made.set(ancestors, context);
      return context;
    },
    enter: (position, outcome) => void outcomes.set(position, outcome),
  };
}
