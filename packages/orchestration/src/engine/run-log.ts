import {
  type NewEvent,
  nowOf,
  serializeError,
  type SpineError,
  type StepCounts,
  type StepSettlement,
  type StepStart,
  type Store,
  type Transition,
} from "@spine/core";
import type { RunIdentity } from "../workflows/context.ts";
import type { Executable } from "./executable.ts";
import type { Move, Outcome } from "./program.ts";
import type { Recorder } from "./recorder.ts";
import type { EngineEnvironment } from "./scope.ts";
import {
  attemptEndOf,
  type Counter,
  countsOf,
  countSettlement,
  endEvent,
  passedOverOf,
  type Settling,
  settlementOf,
  startOf,
  stepEvent,
} from "./transitions.ts";

/** What makes a run durable; without it the run lives in this process only. */
export interface Durable {
  readonly store: Store;
  readonly recorder: Recorder;
  readonly owner: string;
  readonly fence: number;
}

export type RunEnd = NonNullable<Transition["end"]>;

export interface RunLogOptions {
  readonly environment: EngineEnvironment;
  readonly executable: Executable;
  readonly identity: RunIdentity;
  readonly durable: Durable | undefined;
  readonly counter: Counter;
  /** Settlements so far, of earlier executions too. */
  readonly order: number;
  /** Attempts so far of steps that were interrupted. */
  readonly attempts: ReadonlyMap<number, number>;
}

type Ending = Omit<Move, "end"> & { readonly end?: RunEnd["status"] };

type Draft = Partial<Pick<Transition, "settled" | "started" | "attempts" | "events" | "counts" | "end">>;

/** A run's error, and the step it came from, if any. */
interface Blame {
  readonly step: string | undefined;
  readonly error: SpineError;
}

/** What has happened in a run so far: numbers its settlements, counts them, keeps them durable and tells listeners. */
export class RunLog {
  readonly settled: StepSettlement[] = [];
  readonly #options: RunLogOptions;
  readonly #startedMs: number;
  #order: number;
  /** Places taken by commits whose steps have not been entered yet, by position. */
  readonly #taken = new Map<number, number>();
  #firstError: Blame | undefined;

  constructor(options: RunLogOptions) {
    this.#options = options;
    this.#order = options.order;
    this.#startedMs = options.environment.clock.monotonicMs();
  }

  get counts(): StepCounts {
    return countsOf(this.#options.counter);
  }

  get firstError(): Blame | undefined {
    return this.#firstError;
  }

  /** Whether anybody wants to know of transitions: a store, or a listener. */
  get isObserved(): boolean {
    return this.#options.durable !== undefined || this.#options.environment.bus.active;
  }

  blame(error: SpineError, step = this.settled.at(-1)?.step): void {
    this.#firstError ??= { step, error };
  }

  /** Makes this the run's error whatever failed before and was tolerated. */
  overrule(error: SpineError): void {
    if (this.#firstError?.error !== error) this.#firstError = { step: this.settled.at(-1)?.step, error };
  }

  /** Enters the end of a step. Nothing is recorded yet. */
  settle(settling: Omit<Settling, "order">, outcome: Outcome): Draft & { readonly settlement: StepSettlement } {
    const ordered = { ...settling, order: this.#taken.get(settling.position) ?? ++this.#order };
    this.#taken.delete(settling.position);
    const settlement = settlementOf(ordered, outcome);
    this.settled.push(settlement);
    countSettlement(this.#options.counter, settlement.status);
    if (outcome.status === "FAILED") this.blame(outcome.error, settling.step.name);
    return { settlement, ...endingDraft(ordered, settlement, outcome) };
  }

  /** Enters what a move decides: steps passed over, the end, steps that begin. Recorded together with `draft`, as one transition. */
  async follow(move: Ending, draft: Draft): Promise<RunEnd | undefined> {
    const { executable, attempts, identity, counter } = this.#options;
    if (move.error !== undefined) this.blame(move.error);
    const skipped = move.skip.map((passed) => passedOverOf(executable.steps, passed, ++this.#order));
    for (const settlement of skipped) {
      this.settled.push(settlement);
      countSettlement(counter, "SKIPPED");
    }
    const end = move.end === undefined ? undefined : this.endOf(move.end);
    if (!this.isObserved) return end;
    const settled = [...(draft.settled ?? []), ...skipped];
    const started = move.run.map((position) => startOf(executable.steps, position, attempts.get(position)));
    const events = [
      ...(draft.events ?? []),
      ...skipped.map(stepEvent),
      ...(end === undefined ? [] : [endEvent(end, identity.name)]),
    ];
    if (settled.length + started.length + events.length === 0) return end;
    await this.record({ ...draft, settled, started, events, ...(end === undefined ? {} : { end }) });
    return end;
  }

  /** The transition of a step that ends inside its own `commit`; {@link settle} enters it afterwards. */
  committing(settling: Omit<Settling, "order">, outcome: Outcome): Transition {
    const ordered = { ...settling, order: ++this.#order };
    this.#taken.set(settling.position, ordered.order);
    const settlement = settlementOf(ordered, outcome);
    const counter = { ...this.#options.counter };
    countSettlement(counter, settlement.status);
    return this.#transition({ ...endingDraft(ordered, settlement, outcome), counts: countsOf(counter) });
  }

  /** Records a failed attempt that will be tried again. */
  async retrying(settling: Omit<Settling, "order">, outcome: Outcome, delayMs: number): Promise<void> {
    const { step, position, attempt } = settling;
    const end = attemptEndOf({ ...settling, order: 0 }, outcome);
    const payload = {
      attempt,
      nextAttempt: attempt + 1,
      delayMs,
      code: end.error?.code ?? "",
      message: end.error?.message ?? "",
    };
    const started: StepStart = { step: step.name, kind: step.kind, position, attempt: attempt + 1 };
    await this.record({
      started: [started],
      attempts: [end],
      events: [{ type: "step.retrying", step: step.name, payload }],
    });
  }

  endOf(status: RunEnd["status"]): RunEnd {
    const first = this.#firstError;
    return {
      status,
      durationMs: roundMs(this.#options.environment.clock.monotonicMs() - this.#startedMs),
      ...(first === undefined ? {} : { error: serializeError(first.error) }),
      ...(first?.step === undefined ? {} : { errorStep: first.step }),
    };
  }

  async record(draft: Draft): Promise<void> {
    const transition = this.#transition(draft);
    await this.#options.durable?.recorder.record(transition);
    this.tell(transition.events, transition.started);
  }

  tell(events: readonly NewEvent[], started: readonly StepStart[] = []): void {
    const { bus, clock } = this.#options.environment;
    if (!bus.active) return;
    const at = nowOf(clock);
    const { runId } = this.#options.identity;
    for (const { type, step, payload } of events) bus.emit({ type, at, runId, step, payload });
    for (const { step, attempt } of started) bus.emit({ type: "step.started", at, runId, step, payload: { attempt } });
  }

  #transition(draft: Draft): Transition {
    const { durable, identity } = this.#options;
    return {
      runId: identity.runId,
      owner: durable?.owner ?? "",
      fence: durable?.fence ?? 0,
      settled: draft.settled ?? none,
      started: draft.started ?? none,
      attempts: draft.attempts ?? none,
      events: draft.events ?? none,
      counts: draft.counts ?? this.counts,
      ...(draft.end === undefined ? {} : { end: draft.end }),
    };
  }
}

/** What a transition says of a step that ends. */
function endingDraft(settling: Settling, settlement: StepSettlement, outcome: Outcome): Draft {
  return {
    settled: [settlement],
    attempts: [attemptEndOf(settling, outcome)],
    events: [stepEvent(settlement), ...(outcome.events ?? [])],
  };
}

const none: readonly never[] = Object.freeze([]);

/** Microseconds are enough for history, and short numbers are for people. */
export function roundMs(durationMs: number): number {
  return Math.round(durationMs * 1000) / 1000;
}
