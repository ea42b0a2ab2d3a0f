import { type AttemptFacts, type Store, type Transition } from "@spine/core";
import type { Ending } from "./attempt-work.ts";
import type { Outcome } from "./program.ts";
import type { RunOwnership } from "./scope.ts";

/** A commit that ends a step: the run's transition joins it. */
export function stepEnding(
  { history }: Store,
  { runId, step, attempt }: AttemptFacts,
  transitionOf: (outcome: Outcome) => Transition,
): Ending {
  return {
    settle: async (tx, outcome) =>
      (await tx.runs.checkpoint([transitionOf(outcome)])).map(({ kept }) => kept.has(runId)),
    async wasKept() {
      const steps = await history.steps({ runId });
      const row = steps.unwrapOr([]).find((record) => record.step === step);
      return row?.status === "COMPLETED" && row.attempt === attempt;
    },
  };
}

/** A commit that ends one item of a map step. */
export function itemEnding(
  { items }: Store,
  {
    index,
    attempt,
    ...own
  }: RunOwnership & { readonly step: string; readonly index: number; readonly attempt: number },
): Ending {
  return {
    settle: async (tx, { output }) =>
      tx.items.settle({
        ...own,
        settled: [{ index, status: "COMPLETED", attempt, ...(output === undefined ? {} : { output }) }],
      }),
    async wasKept() {
      const page = await items.page({ runId: own.runId, step: own.step, after: index - 1, limit: 1 });
      const [row] = page.unwrapOr([]);
      return row?.index === index && row.status === "COMPLETED" && row.attempt === attempt;
    },
  };
}
