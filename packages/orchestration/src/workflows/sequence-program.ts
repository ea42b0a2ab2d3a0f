import { OrchestrationError, didYouMean } from "@spine/core";
import { type Move, nothing, type Outcome, type PassedOver, type Program, type ProgramEnd } from "../engine/program.ts";
import type { ErrorPolicy } from "../engine/retry.ts";

/** A step as the sequence sees it. */
export interface SequenceStep {
  readonly name: string;
  readonly onError: ErrorPolicy;
  readonly branching:
    | { readonly then: number; readonly otherwise: number | undefined; readonly join: number | undefined }
    | undefined;
  readonly branchTaken: (outcome: Outcome) => "then" | "otherwise" | undefined;
}

/** A stretch of steps a choice led into: falling out of it at `end` leads to `join`, or ends the run. */
interface Branch {
  readonly end: number;
  readonly join: number | undefined;
}

/**
 * Steps one after another, with forward jumps. A branch runs from its target to the next target of the same choice or to `join`,
 * so branches never fall through into each other (design 4.3). What is passed over is SKIPPED with the reason.
 */
export function sequenceProgram(steps: readonly SequenceStep[]): Program {
  const branches: Branch[] = [];
  let passed = 0;
  let tolerated = false;
  let behind: ReadonlyMap<number, Outcome> = new Map();

  /** Records everything from where we were up to `position` as passed over. */
  function passTo(position: number, reason: string, skip: PassedOver[]): void {
    for (; passed < position; passed += 1) skip.push({ position: passed, reason });
  }

  function leaveBranches(position: number, skip: PassedOver[], jumped: boolean): number {
    let current = position;
    for (let branch = branches.at(-1); branch !== undefined && current >= branch.end; branch = branches.at(-1)) {
      branches.pop();
      if (jumped && current > branch.end) continue;
      const to = branch.join ?? steps.length;
      if (to > current) {
        passTo(
          to,
          branch.join === undefined ? "the branch before it ended the run" : "it lies on another branch",
          skip,
        );
        current = to;
      }
    }
    return current;
  }

  /** The place to go on after a step, or an error that ends the run. */
  function after(position: number, outcome: Outcome, skip: PassedOver[]): number | OrchestrationError {
    passed = Math.max(passed, position + 1);
    const step = steps[position];
    if (step === undefined) return steps.length;
    if (step.branching !== undefined && outcome.status === "COMPLETED")
      return branchFrom(step, step.branching, outcome, skip);
    if (outcome.next === undefined || outcome.status === "FAILED") return leaveBranches(position + 1, skip, false);
    const target = indexAfter(outcome.next, position);
    if (target === undefined) return badJump(step.name, outcome.next);
    passTo(target, `step "${step.name}" went on with "${outcome.next}"`, skip);
    forgetBranchesBefore(target);
    return target;
  }

  /** A step that was named is where to go on, on whatever branch it lies. */
  function forgetBranchesBefore(position: number): void {
    for (let branch = branches.at(-1); branch !== undefined && branch.end <= position; branch = branches.at(-1))
      branches.pop();
  }

  function branchFrom(
    step: SequenceStep,
    { then, otherwise, join }: NonNullable<SequenceStep["branching"]>,
    outcome: Outcome,
    skip: PassedOver[],
  ): number {
    const target = step.branchTaken(outcome) === "then" ? then : otherwise;
    const reason = `choice "${step.name}" went another way`;
    if (target === undefined) {
      passTo(join ?? steps.length, reason, skip);
      return join === undefined ? steps.length : leaveBranches(join, skip, true);
    }
    const later = [then, otherwise, join].filter(
      (position): position is number => position !== undefined && position > target,
    );
    passTo(target, reason, skip);
    forgetBranchesBefore(target);
    // A branch ends with the one around it at the latest, or it would fall through into that one's other branch.
    const enclosing = branches.at(-1)?.end ?? steps.length;
    if (target !== join) branches.push({ end: Math.min(...later, enclosing), join });
    return target;
  }

  const indices = new Map(steps.map(({ name }, index) => [name, index]));
  function indexAfter(name: string, position: number): number | undefined {
    const index = indices.get(name);
    return index === undefined || index <= position ? undefined : index;
  }

  function badJump(from: string, to: string): OrchestrationError {
    const why = indices.has(to)
      ? "which does not lie after it"
      : `which is not a step.${didYouMean(to, indices.keys())}`;
    return new OrchestrationError(`Step "${from}" went on with "${to}", ${why}. A step can only go forward.`, {
      code: "STEP_JUMP_INVALID",
      context: { step: from, next: to },
    });
  }

  /** From a place to the next step that has to run, walking over those an earlier execution has behind it. */
  function goTo(position: number, skip: PassedOver[]): Move {
    let current = position;
    for (;;) {
      if (current >= steps.length) {
        passTo(steps.length, "the run ended before it", skip);
        return { run: [], skip, end: tolerated ? "PARTIAL" : "COMPLETED" };
      }
      const outcome = behind.get(current);
      if (outcome === undefined)
        return skip.length === 0 ? { run: [current], skip: nothing.skip } : { run: [current], skip };
      const next = after(current, outcome, skip);
      if (typeof next !== "number") return failed(skip, next);
      current = next;
    }
  }

  function failed(skip: PassedOver[], error?: OrchestrationError): Move {
    passTo(steps.length, "an earlier step failed", skip);
    const end: ProgramEnd = "FAILED";
    return error === undefined ? { run: [], skip, end } : { run: [], skip, end, error };
  }

  return {
    start(settled) {
      behind = settled;
      return goTo(0, []);
    },
    settle(position, outcome) {
      const skip: PassedOver[] = [];
      if (outcome.status === "FAILED") {
        passed = Math.max(passed, position + 1);
        if (steps[position]?.onError !== "continue") return failed(skip);
        tolerated = true;
      }
      const next = after(position, outcome, skip);
      return typeof next === "number" ? goTo(next, skip) : failed(skip, next);
    },
  };
}
