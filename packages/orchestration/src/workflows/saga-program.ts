import type { Move, Outcome, Program } from "../engine/program.ts";

/**
 * A program whose failure is made good: when it ends FAILED, the compensations of the steps that completed run one after another,
 * the last completed first, and then the run is FAILED. A compensation that fails does not keep the others from running.
 * @param compensations by the place of the step it makes good, its own place behind the program's steps
 */
export function sagaProgram(inner: Program, compensations: ReadonlyMap<number, number>): Program {
  const completed: number[] = [];
  const own = new Set(compensations.values());
  let toUndo: number[] | undefined;
  let ending: Move | undefined;

  function undoNext(skip: Move["skip"]): Move {
    const position = toUndo?.pop();
    if (position !== undefined) return { run: [position], skip };
    const { error } = ending ?? {};
    return { run: [], skip, end: "FAILED", ...(error === undefined ? {} : { error }) };
  }

  function follow(move: Move): Move {
    if (move.end !== "FAILED" || completed.length === 0) return move;
    ending = move;
    toUndo = completed.map((position) => compensations.get(position) ?? -1);
    return undoNext(move.skip);
  }

  function enter(position: number, outcome: Outcome): void {
    if (outcome.status === "COMPLETED" && compensations.has(position)) completed.push(position);
  }

  return {
    start(settled, begun = new Set()) {
      for (const [position, outcome] of settled) enter(position, outcome);
      const isUndoing = [...own].some((position) => settled.has(position) || begun.has(position));
      if (!isUndoing) {
        const behind = new Map([...settled].filter(([position]) => !own.has(position)));
        return follow(inner.start(behind));
      }
      toUndo = completed
        .map((position) => compensations.get(position) ?? -1)
        .filter((position) => !settled.has(position));
      return undoNext([]);
    },
    settle(position, outcome) {
      if (own.has(position)) return undoNext([]);
      enter(position, outcome);
      return follow(inner.settle(position, outcome));
    },
  };
}
