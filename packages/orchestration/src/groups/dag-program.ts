import { type Move, nothing, type Outcome, type PassedOver, type Program, type ProgramEnd } from "../engine/program.ts";
import type { Plan } from "./plan.ts";

/**
 * A plan as a program: a step may run once all it depends on completed; what depends on a failed or skipped step is skipped.
 * After a failure under `stop` nothing new begins. Positions are places in the plan's order. Hands out no more steps than may
 * run at once: one that was handed out has begun, in history too, and nothing can stop it any more.
 */
export function dagProgram(plan: Plan): Program {
  const limit = plan.policy.execution === "parallel" ? plan.policy.maxConcurrency : 1;
  const positions = new Map(plan.steps.map(({ name }, position) => [name, position]));
  const dependents: number[][] = plan.steps.map(() => []);
  const waits = plan.steps.map((step, position) => {
    const dependencies = new Set(step.dependsOn);
    for (const name of dependencies) dependents[positions.get(name) ?? -1]?.push(position);
    return dependencies.size;
  });
  /** Undecided: neither handed out, nor skipped, nor settled. */
  const undecided = new Set(plan.steps.keys());
  /** Steps that wait for nothing but their turn; those before `next` have had it. */
  const ready: number[] = [];
  let next = 0;
  let inFlight = 0;
  let succeeded = 0;
  let failed = 0;
  let unmet = 0;
  let stopped = false;

  function decide(free: readonly number[], skip: PassedOver[]): number[] {
    const run: number[] = [];
    for (const position of free) ready.push(position);
    if (stopped) {
      for (const position of undecided) skip.push({ position, reason: "an earlier step failed and the group stops" });
      unmet += undecided.size;
      undecided.clear();
      return run;
    }
    for (; inFlight < limit && next < ready.length; next += 1) {
      const position = ready[next] ?? 0;
      if (!undecided.delete(position)) continue;
      run.push(position);
      inFlight += 1;
    }
    return run;
  }

  function release(position: number): number[] {
    const free: number[] = [];
    for (const dependent of dependents[position] ?? []) {
      const left = (waits[dependent] ?? 0) - 1;
      waits[dependent] = left;
      if (left === 0 && undecided.has(dependent)) free.push(dependent);
    }
    return free;
  }

  /** Skips everything that depends on a step that will give nothing, however far away. */
  function skipAfter(position: number, skip: PassedOver[]): void {
    const queue = [position];
    for (let head = 0; head < queue.length; head += 1) {
      const from = queue[head] ?? 0;
      const name = plan.steps[from]?.name ?? "";
      for (const dependent of dependents[from] ?? []) {
        if (!undecided.delete(dependent)) continue;
        skip.push({ position: dependent, reason: `depends on "${name}", which did not complete` });
        unmet += 1;
        queue.push(dependent);
      }
    }
  }

  function moveOf(run: readonly number[], skip: readonly PassedOver[]): Move {
    if (inFlight > 0 || undecided.size > 0) return run.length === 0 && skip.length === 0 ? nothing : { run, skip };
    return { run, skip, end: endOf() };
  }

  function endOf(): ProgramEnd {
    if (failed === 0 && unmet === 0) return "COMPLETED";
    if (failed > 0 && plan.policy.onFailure === "stop") return "FAILED";
    return succeeded > 0 ? "PARTIAL" : "FAILED";
  }

  return {
    start(settled) {
      const free: number[] = [];
      for (const [position] of plan.steps.entries()) {
        // In plan order, so everything a settled step depends on was walked before it.
        if (settled.has(position)) {
          undecided.delete(position);
          succeeded += 1;
          free.push(...release(position));
        } else if (waits[position] === 0) free.push(position);
      }
      return moveOf(decide(free, []), []);
    },
    settle(position, outcome: Outcome) {
      inFlight -= 1;
      const skip: PassedOver[] = [];
      let free: readonly number[] = [];
      if (outcome.status === "FAILED") {
        failed += 1;
        if (plan.policy.onFailure === "stop") stopped = true;
        else skipAfter(position, skip);
      } else {
        // A pipeline that says SKIPPED had nothing to do: what depends on it finds everything in place.
        succeeded += 1;
        free = stopped ? [] : release(position);
      }
      return moveOf(decide(free, skip), skip);
    },
  };
}
