import { OrchestrationError } from "@spine/core";
import { type Move, nothing, type Outcome, type PassedOver, type Program, type ProgramEnd } from "../engine/program.ts";
import type { SequenceStep } from "./sequence-program.ts";

/** A step of a graph: what it waits for. A choice's targets depend on the choice. */
export interface GraphStep extends SequenceStep {
  readonly dependsOn: readonly number[];
}

/** How a step stands for those that depend on it. */
type Decided = "done" | "passed" | "failed";

/**
 * Steps that declare what they depend on, as many at once as may run. A step begins when all its dependencies are decided and at least
 * one gave something; it is passed over when none did, or when one failed. A failure under `continue` counts as something
 * that did not come. The end is the same whatever finishes first.
 */
export function graphProgram(steps: readonly GraphStep[], limit: number): Program {
  const dependents: number[][] = steps.map(() => []);
  const waits = steps.map(({ dependsOn }, position) => {
    const dependencies = new Set(dependsOn);
    for (const dependency of dependencies) dependents[dependency]?.push(position);
    return dependencies.size;
  });
  const decided = new Map<number, Decided>();
  const behind = new Map<number, Outcome>();
  /** Targets a choice did not take. */
  const untaken = new Map<number, string>();
  const handedOut = new Set<number>();
  const ready: number[] = [];
  let next = 0;
  let inFlight = 0;
  let stopped = false;
  let tolerated = false;
  let error: OrchestrationError | undefined;

  /** Decides a step, and with it all that now have nothing left to wait for. */
  function decide(position: number, how: Decided, skip: PassedOver[]): void {
    const queue: [number, Decided][] = [[position, how]];
    for (const [current, standing] of queue) {
      decided.set(current, standing);
      for (const dependent of dependents[current] ?? []) {
        const left = (waits[dependent] ?? 0) - 1;
        waits[dependent] = left;
        if (left > 0 || decided.has(dependent)) continue;
        const reason = reasonToPass(dependent);
        if (reason !== undefined) {
          skip.push({ position: dependent, reason });
          queue.push([dependent, "passed"]);
          continue;
        }
        const outcome = behind.get(dependent);
        if (outcome === undefined) ready.push(dependent);
        else queue.push([dependent, settledAs(dependent, outcome)]);
      }
    }
  }

  function reasonToPass(position: number): string | undefined {
    const step = steps[position];
    const choice = untaken.get(position);
    if (choice !== undefined) return `choice "${choice}" went another way`;
    const dependencies = step?.dependsOn ?? [];
    const failed = dependencies.find((dependency) => decided.get(dependency) === "failed");
    if (failed !== undefined) return `depends on "${steps[failed]?.name}", which did not complete`;
    const nothingCame = dependencies.length > 0 && dependencies.every((one) => decided.get(one) === "passed");
    return nothingCame ? "all it depends on was passed over" : undefined;
  }

  /** Notes where a choice went, so that its other target is passed over. */
  function settledAs(position: number, outcome: Outcome): Decided {
    const step = steps[position];
    if (outcome.status === "FAILED") return "failed";
    if (step?.branching !== undefined && outcome.status === "COMPLETED") {
      const { then, otherwise } = step.branching;
      const other = step.branchTaken(outcome) === "then" ? otherwise : then;
      if (other !== undefined) untaken.set(other, step.name);
    }
    if (outcome.next !== undefined && step !== undefined) {
      error ??= new OrchestrationError(
        `Step "${step.name}" went on with "${outcome.next}", but steps that depend on each other do not jump. Use a choice.`,
        { code: "STEP_JUMP_INVALID", context: { step: step.name, next: outcome.next } },
      );
      stopped = true;
    }
    return "done";
  }

  function moveOf(skip: PassedOver[]): Move {
    const run: number[] = [];
    const mayRun = stopped ? 0 : limit;
    for (; inFlight < mayRun && next < ready.length; next += 1) {
      const position = ready[next] ?? 0;
      handedOut.add(position);
      run.push(position);
      inFlight += 1;
    }
    if (inFlight > 0) return run.length === 0 && skip.length === 0 ? nothing : { run, skip };
    const passed = new Set(skip.map(({ position }) => position));
    for (const position of steps.keys()) {
      if (handedOut.has(position) || decided.has(position) || behind.has(position) || passed.has(position)) continue;
      skip.push({ position, reason: "an earlier step failed" });
    }
    const end: ProgramEnd = stopped ? "FAILED" : tolerated ? "PARTIAL" : "COMPLETED";
    return error === undefined ? { run, skip, end } : { run, skip, end, error };
  }

  return {
    start(settled) {
      for (const [position, outcome] of settled) behind.set(position, outcome);
      const skip: PassedOver[] = [];
      for (const [position, step] of steps.entries()) {
        if (step.dependsOn.length > 0) continue;
        const outcome = behind.get(position);
        if (outcome === undefined) ready.push(position);
        else decide(position, settledAs(position, outcome), skip);
      }
      ready.sort((a, b) => a - b);
      return moveOf(skip);
    },
    settle(position, outcome) {
      inFlight -= 1;
      const skip: PassedOver[] = [];
      if (outcome.status === "FAILED") {
        if (steps[position]?.onError === "continue") tolerated = true;
        else stopped = true;
      }
      const standing = settledAs(position, outcome);
      if (stopped) decided.set(position, standing);
      else decide(position, standing, skip);
      return moveOf(skip);
    },
  };
}
