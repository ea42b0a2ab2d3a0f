import type { AttemptEnd, StepSettlement, Transition } from "@spine/core";

/** Which tries of a transition the rows of the steps they ended stand for: see `AttemptsTable`. */
export interface HeldAttempts {
  /** Whether the settled step's row is its last try as well. */
  holds(settlement: StepSettlement): boolean;
  /** The tries that need a row of their own. */
  readonly others: readonly AttemptEnd[];
}

export function holdAttempts({ settled, attempts }: Transition): HeldAttempts {
  if (attempts.length === 0) return nothingHeld;
  const settlements = new Map(settled.map((settlement) => [settlement.step, settlement]));
  const held = new Set<StepSettlement>();
  const others: AttemptEnd[] = [];
  for (const attempt of attempts) {
    const settlement = settlements.get(attempt.step);
    if (settlement !== undefined && isSame(attempt, settlement)) held.add(settlement);
    else others.push(attempt);
  }
  return { holds: (settlement) => held.has(settlement), others };
}

const nothingHeld: HeldAttempts = { holds: () => false, others: [] };

/** A failed step may start again and its row then tells of the next try, so only a good end stands for its try. */
function isSame(attempt: AttemptEnd, settlement: StepSettlement): boolean {
  return (
    settlement.status !== "FAILED" &&
    attempt.status === settlement.status &&
    attempt.attempt === settlement.attempt &&
    attempt.durationMs === settlement.durationMs &&
    attempt.error === undefined &&
    settlement.error === undefined
  );
}
