import {
  err,
  type NewEvent,
  nowOf,
  ok,
  type Result,
  type ResultAsync,
  serializeError,
  SpineError,
  type StepSettlement,
  type Store,
  toSpineError,
  type Transition,
} from "@spine/core";
import type { RunIdentity, WorkflowContext } from "../workflows/context.ts";
import { spill } from "./attempt-work.ts";
import type { Executable } from "./executable.ts";
import type { Move, Outcome, Program } from "./program.ts";
import type { Recorder } from "./recorder.ts";
import { createRun, type Run } from "./run.ts";
import type { ChildRun, EngineEnvironment } from "./scope.ts";
import { executeStep, roundMs, type StepHost } from "./step-execution.ts";
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

export interface LiveRunOptions {
  readonly environment: EngineEnvironment;
  readonly executable: Executable;
  readonly program: Program;
  readonly context: WorkflowContext;
  readonly durable: Durable | undefined;
  readonly counter: Counter;
  /** Settlements so far, of earlier executions too. */
  readonly order: number;
  /** Attempts so far of steps that were interrupted. */
  readonly attempts: ReadonlyMap<number, number>;
  readonly signal: AbortSignal | undefined;
  readonly runGroup: (step: string, child: ChildRun, signal: AbortSignal) => ResultAsync<Run, SpineError>;
}

type RunEnd = NonNullable<Transition["end"]>;

/**
 * Drives one run from a move to its end: keeps as many steps going as may run at once, asks the program after each, and records
 * each transition before the steps it allows begin.
 */
export class LiveRun implements StepHost {
  readonly environment: EngineEnvironment;
  readonly identity: RunIdentity;
  readonly domain: string | undefined;
  readonly owner: string | undefined;
  readonly abortable: boolean;
  readonly #options: LiveRunOptions;
  readonly #abort = new AbortController();
  readonly #ready: number[] = [];
  readonly #settled: StepSettlement[] = [];
  readonly #startedMs: number;
  #context: WorkflowContext;
  #order: number;
  #next = 0;
  #active = 0;
  #firstError: { readonly step: string; readonly error: SpineError } | undefined;
  #end: RunEnd | undefined;
  #fatal: SpineError | undefined;
  #wake: () => void = () => undefined;

  constructor(options: LiveRunOptions) {
    this.#options = options;
    this.environment = options.environment;
    this.identity = options.context.run;
    this.domain = options.executable.domain;
    this.owner = options.durable?.owner;
    this.abortable = options.signal !== undefined || options.executable.timeoutMs !== undefined;
    this.#context = options.context;
    this.#order = options.order;
    this.#startedMs = options.environment.clock.monotonicMs();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  context(): WorkflowContext {
    return this.#context;
  }

  /**
   * Err when the run could not be recorded any further; it can then be resumed.
   * @param options.recorded whether the store knows already that the first steps have started
   */
  async drive(first: Move, options: { readonly recorded: boolean }): Promise<Result<Run, SpineError>> {
    const release = this.#watch();
    try {
      if (!options.recorded || first.skip.length > 0 || first.end !== undefined) await this.#accept(first, [], [], []);
      else this.#ready.push(...first.run);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#pump();
      });
      if (this.#fatal === undefined && this.#end === undefined) await this.#stopEarly();
    } catch (thrown) {
      this.#fatal ??= toSpineError(thrown, "INTERNAL");
    } finally {
      release();
    }
    return this.#fatal === undefined ? ok(this.#toRun()) : err(this.#fatal);
  }

  committing(settling: Settling, outcome: Outcome): Transition {
    const ordered = { ...settling, order: this.#order + 1 };
    const settlement = settlementOf(ordered, outcome);
    const counts = { ...this.#options.counter };
    countSettlement(counts, settlement.status);
    return this.#transition([settlement], [], [attemptEndOf(ordered, outcome)], [stepEvent(settlement)], counts);
  }

  async retrying(settling: Settling, outcome: Outcome, delayMs: number): Promise<void> {
    const { step, position, attempt } = settling;
    const end = attemptEndOf(settling, outcome);
    const event: NewEvent = {
      type: "step.retrying",
      step: step.name,
      payload: { attempt, nextAttempt: attempt + 1, delayMs, code: end.error?.code ?? "", message: end.error?.message ?? "" },
    };
    const started = { step: step.name, kind: step.kind, position, attempt: attempt + 1 };
    await this.#record(this.#transition([], [started], [end], [event]));
  }

  runGroup(step: string, child: ChildRun): ResultAsync<Run, SpineError> {
    return this.#options.runGroup(step, child, this.signal);
  }

  #watch(): () => void {
    const { signal, executable } = this.#options;
    const onAbort = (): void => this.#abort.abort(cancelled(this.identity, signal?.reason));
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
    const { timeoutMs } = executable;
    const cancelTimer =
      timeoutMs === undefined
        ? undefined
        : this.environment.clock.setTimer(timeoutMs, () => this.#abort.abort(runTimedOut(this.identity, timeoutMs)));
    return () => {
      signal?.removeEventListener("abort", onAbort);
      cancelTimer?.();
    };
  }

  #pump(): void {
    const { maxConcurrency } = this.#options.executable;
    while (this.#mayGoOn() && this.#active < maxConcurrency && this.#next < this.#ready.length) {
      this.#active += 1;
      void this.#work();
    }
    if (this.#active === 0) this.#wake();
  }

  #mayGoOn(): boolean {
    return this.#fatal === undefined && this.#end === undefined && !this.#abort.signal.aborted;
  }

  /** Takes steps one after another for as long as there are any; as many of these run as steps may run at once. */
  async #work(): Promise<void> {
    try {
      while (this.#mayGoOn()) {
        const position = this.#ready[this.#next];
        if (position === undefined) break;
        this.#next += 1;
        await this.#perform(position);
        if (this.#next < this.#ready.length - 1) this.#pump();
      }
    } catch (thrown) {
      this.#fatal ??= toSpineError(thrown, "INTERNAL");
    }
    this.#active -= 1;
    this.#pump();
  }

  async #perform(position: number): Promise<void> {
    const step = this.#options.executable.steps[position];
    if (step === undefined) throw new SpineError("INTERNAL", `The program of "${this.identity.name}" names step ${position}, which does not exist.`);
    const firstAttempt = this.#options.attempts.get(position) ?? 1;
    const { outcome: given, attempt, durationMs, committed } = await executeStep(step, position, firstAttempt, this);
    const outcome = await this.#spilled(given, committed);
    this.#order += 1;
    const settling: Settling = { step, position, attempt, order: this.#order, durationMs };
    if (outcome.status === "FAILED") this.#firstError ??= { step: step.name, error: outcome.error };
    else this.#enter(step.name, outcome);
    const settlement = settlementOf(settling, outcome);
    this.#settled.push(settlement);
    countSettlement(this.#options.counter, settlement.status);
    const move = this.#options.program.settle(position, outcome);
    if (!this.#observed()) this.#take(move);
    else if (committed) await this.#accept(move, [], [], this.#eventsOf(outcome));
    else await this.#accept(move, [settlement], [attemptEndOf(settling, outcome)], [stepEvent(settlement), ...this.#eventsOf(outcome)]);
  }

  #eventsOf(outcome: Outcome): readonly NewEvent[] {
    return outcome.events ?? [];
  }

  #enter(step: string, { output, updates }: Outcome): void {
    if (output !== undefined) this.#context = this.#context.withOutput(step, output);
    if (updates !== undefined) this.#context = this.#context.withUpdates(updates);
  }

  async #spilled(outcome: Outcome, committed: boolean): Promise<Outcome> {
    const { durable } = this.#options;
    if (durable === undefined || committed || outcome.output === undefined) return outcome;
    const kept = await spill(outcome.output, durable.store.references, this.environment.ids, this.identity.runId);
    if (kept.isErr()) throw kept.error;
    return kept.value === outcome.output ? outcome : { ...outcome, output: kept.value };
  }

  /** Whether anybody wants to know of transitions: a store, or a listener. */
  #observed(): boolean {
    return this.#options.durable !== undefined || this.environment.bus.active;
  }

  /** Follows a move: passed-over steps, the end, steps that may begin; recorded first, as one transition. */
  async #accept(
    move: Move,
    settled: readonly StepSettlement[],
    attempts: Transition["attempts"],
    events: readonly NewEvent[],
  ): Promise<void> {
    const { steps } = this.#options.executable;
    const skipped = move.skip.map((passed) => passedOverOf(steps, passed, ++this.#order));
    for (const settlement of skipped) {
      this.#settled.push(settlement);
      countSettlement(this.#options.counter, "SKIPPED");
    }
    if (move.error !== undefined) this.#firstError ??= { step: this.#settled.at(-1)?.step ?? "", error: move.error };
    const end = move.end === undefined ? undefined : this.#endOf(move.end);
    const started = move.run.map((position) => startOf(steps, position, this.#options.attempts.get(position)));
    const all = [...events, ...skipped.map(stepEvent), ...(end === undefined ? [] : [endEvent(end, this.identity.name)])];
    if (this.#observed() && (settled.length > 0 || all.length > 0 || started.length > 0)) {
      await this.#record({
        ...this.#transition([...settled, ...skipped], started, attempts, all),
        ...(end === undefined ? {} : { end }),
      });
    }
    this.#end ??= end;
    for (const position of move.run) this.#ready.push(position);
  }

  #take(move: Move): void {
    if (move.skip.length > 0 || move.end !== undefined || move.error !== undefined) void this.#accept(move, [], [], []);
    else for (const position of move.run) this.#ready.push(position);
  }

  /** Cancelled, or out of time: what was not begun never will be. */
  async #stopEarly(): Promise<void> {
    const reason: unknown = this.#abort.signal.reason;
    const error = reason instanceof SpineError ? reason : new SpineError("INTERNAL", `The program of "${this.identity.name}" stopped without an end.`);
    const end: RunEnd = {
      ...this.#endOf(error.code === "CANCELLED" ? "CANCELLED" : "FAILED"),
      error: serializeError(error),
    };
    this.#firstError ??= { step: this.#settled.at(-1)?.step ?? "", error };
    await this.#record({ ...this.#transition([], [], [], [endEvent(end, this.identity.name)]), end });
    this.#end = end;
  }

  #endOf(status: RunEnd["status"]): RunEnd {
    const first = this.#firstError;
    return {
      status,
      durationMs: roundMs(this.environment.clock.monotonicMs() - this.#startedMs),
      ...(first === undefined ? {} : { error: serializeError(first.error), errorStep: first.step }),
    };
  }

  #transition(
    settled: readonly StepSettlement[],
    started: Transition["started"],
    attempts: Transition["attempts"],
    events: readonly NewEvent[],
    counts = countsOf(this.#options.counter),
  ): Transition {
    const { durable } = this.#options;
    return { runId: this.identity.runId, owner: durable?.owner ?? "", fence: durable?.fence ?? 0, settled, started, attempts, events, counts };
  }

  async #record(transition: Transition): Promise<void> {
    await this.#options.durable?.recorder.record(transition);
    const { bus, clock } = this.environment;
    if (!bus.active) return;
    const at = nowOf(clock);
    const { runId } = this.identity;
    for (const { type, step, payload } of transition.events) bus.emit({ type, at, runId, step, payload });
    for (const { step, attempt } of transition.started) bus.emit({ type: "step.started", at, runId, step, payload: { attempt } });
  }

  #toRun(): Run {
    const { executable, counter } = this.#options;
    const { identity } = this;
    return createRun({
      runId: identity.runId,
      kind: executable.kind,
      name: executable.name,
      status: this.#end?.status ?? "FAILED",
      outputs: this.#context.outputs,
      steps: this.#settled,
      counts: countsOf(counter),
      error: this.#firstError?.error,
      errorStep: this.#firstError?.step,
      startedAt: identity.startedAt,
      completedAt: nowOf(this.environment.clock),
      durationMs: this.#end?.durationMs ?? 0,
      batchId: identity.batchId,
      traceId: identity.traceId,
    });
  }
}

function cancelled(identity: RunIdentity, cause: unknown): SpineError {
  return new SpineError("CANCELLED", `Run ${identity.runId} of "${identity.name}" was cancelled.`, {
    context: { runId: identity.runId, remedy: `spine resume ${identity.runId}` },
    cause,
  });
}

function runTimedOut(identity: RunIdentity, timeoutMs: number): SpineError {
  return new SpineError("RUN_TIMEOUT", `Run ${identity.runId} of "${identity.name}" took longer than ${timeoutMs} ms.`, {
    context: { runId: identity.runId, timeoutMs, remedy: `spine resume ${identity.runId}` },
  });
}
