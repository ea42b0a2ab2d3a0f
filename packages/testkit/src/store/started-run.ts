import type { NewRun, Store, StepStart, Transition } from "@spine/core";
import { buildRun, buildTransition } from "../builders.ts";
import { expectOk } from "../expect-result.ts";

/** A run that was created, with a builder of transitions that are its own. */
export interface StartedRun {
  readonly run: NewRun;
  readonly fence: number;
  readonly own: (transition?: Partial<Transition>) => Transition;
  /** Keeps a transition of this run, which must not have been lost. */
  readonly keep: (transition?: Partial<Transition>) => Promise<void>;
}

export async function startRun(
  store: Store,
  given: Partial<NewRun> = {},
  started: readonly StepStart[] = [],
): Promise<StartedRun> {
  const run = buildRun(given);
  const { fence } = await expectOk(store.runs.create({ run, started, events: [] }));
  const own = (transition: Partial<Transition> = {}): Transition =>
    buildTransition({ runId: run.runId, owner: run.owner, fence, ...transition });
  return {
    run,
    fence,
    own,
    async keep(transition) {
      const { kept } = await expectOk(store.runs.checkpoint([own(transition)]));
      if (!kept.has(run.runId)) throw new Error(`The transition of ${run.runId} was lost.`);
    },
  };
}
