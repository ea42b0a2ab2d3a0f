import {
  type Clock,
  sleep,
  SpineError,
  type StepRecord,
  type Store,
  type Suspension,
  type Transition,
} from "@spine/core";

/** Keeps transitions durable, one after another for a run, together for runs that are waiting at the same time. */
export interface Recorder {
  /** Resolves once the transition is on disk; fails with `RUN_FENCED` when the run belongs to somebody else now. */
  record(transition: Transition): Promise<void>;
  /** Resolves once it is on disk what steps wait for; fails as {@link record} does. */
  suspend(suspension: Suspension): Promise<void>;
}

interface Queued {
  readonly transition: Transition;
  readonly resolve: () => void;
  readonly reject: (error: SpineError) => void;
}

const patienceMs = 30_000;

/**
 * One commit at a time: what arrives while it is in flight goes into the next one together, and nothing ever waits for company
 * (design 4.12). A store that cannot be reached for a moment is tried again for up to 30 s.
 */
export function createRecorder({ runs, history }: Pick<Store, "runs" | "history">, clock: Clock): Recorder {
  let queue: Queued[] = [];
  let flying = false;

  async function flush(): Promise<void> {
    flying = true;
    while (queue.length > 0) {
      const batch = queue;
      queue = [];
      try {
        const kept = await checkpoint(mergedByRun(batch.map(({ transition }) => transition)));
        for (const { transition, resolve, reject } of batch) {
          if (kept.has(transition.runId)) resolve();
          else reject(fenced(transition));
        }
      } catch (thrown) {
        for (const { reject } of batch) reject(thrown as SpineError);
      }
      // The runs of a shared commit go on now; those that come back at once share the next one too, instead of missing it by a moment.
      if (batch.length > 1) await turnOfTheLoop();
    }
    flying = false;
  }

  async function checkpoint(transitions: readonly Transition[]): Promise<ReadonlySet<string>> {
    const deadlineMs = clock.monotonicMs() + patienceMs;
    const kept = new Set<string>();
    let open = transitions;
    for (let delayMs = 50; ; delayMs = Math.min(delayMs * 2, 2000)) {
      const result = await runs.checkpoint(open);
      if (result.isOk()) {
        for (const runId of result.value.kept) kept.add(runId);
        return kept;
      }
      if (!result.error.retryable || clock.monotonicMs() + delayMs > deadlineMs) throw result.error;
      await sleep(clock, delayMs);
      // The try may have been kept and only its answer lost: what is there already is not written again.
      const left: Transition[] = [];
      for (const transition of open) {
        if (await isKept(transition)) kept.add(transition.runId);
        else left.push(transition);
      }
      if (left.length === 0) return kept;
      open = left;
    }
  }

  async function isKept({ runId, fence, end, settled, started }: Transition): Promise<boolean> {
    if (end !== undefined) {
      const run = (await history.get({ runId })).unwrapOr(undefined);
      return run?.status === end.status && run.fence === fence;
    }
    const steps = (await history.steps({ runId })).unwrapOr([]);
    const rowOf = (name: string): StepRecord | undefined => steps.find(({ step }) => step === name);
    const [ended] = settled;
    if (ended !== undefined)
      return rowOf(ended.step)?.status === ended.status && rowOf(ended.step)?.order === ended.order;
    const [begun] = started;
    return (
      begun !== undefined && rowOf(begun.step)?.status === "RUNNING" && rowOf(begun.step)?.attempt === begun.attempt
    );
  }

  async function suspend(suspension: Suspension): Promise<void> {
    const deadlineMs = clock.monotonicMs() + patienceMs;
    for (let delayMs = 50; ; delayMs = Math.min(delayMs * 2, 2000)) {
      const result = await runs.suspend(suspension);
      if (result.isOk() && result.value) return;
      // A try whose answer got lost has left the run parked under our fence.
      const { runId, fence, park } = suspension;
      const run = (await history.get({ runId })).unwrapOr(undefined);
      if (park !== undefined && run?.status === "WAITING" && run.fence === fence) return;
      if (result.isOk()) throw fenced(suspension);
      if (!result.error.retryable || clock.monotonicMs() + delayMs > deadlineMs) throw result.error;
      await sleep(clock, delayMs);
    }
  }

  return {
    suspend,
    record(transition) {
      return new Promise((resolve, reject) => {
        queue.push({ transition, resolve, reject });
        if (!flying) void flush();
      });
    },
  };
}

const turnOfTheLoop = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Steps that run side by side may settle in one batch; a store sees each run once, with its newest counts. */
function mergedByRun(transitions: readonly Transition[]): readonly Transition[] {
  if (transitions.length === 1) return transitions;
  const byRun = new Map<string, Transition>();
  for (const next of transitions) {
    const held = byRun.get(next.runId);
    byRun.set(next.runId, held === undefined ? next : merge(held, next));
  }
  return [...byRun.values()];
}

function merge(held: Transition, next: Transition): Transition {
  return {
    ...held,
    ...next,
    settled: [...held.settled, ...next.settled],
    started: [...held.started, ...next.started],
    attempts: [...held.attempts, ...next.attempts],
    events: [...held.events, ...next.events],
  };
}

export function fenced(transition: Pick<Transition, "runId">): SpineError {
  return new SpineError(
    "RUN_FENCED",
    `Run ${transition.runId} belongs to another process now, so this one stopped working on it.`,
    {
      context: { runId: transition.runId, remedy: `spine show ${transition.runId}` },
    },
  );
}
