import {
  type AttemptFacts,
  type NewEvent,
  nowOf,
  type QualityMetrics,
  type ResultAsync,
  type SignalRecord,
  sleep,
  SpineError,
  type Store,
  toSpineError,
  type Transition,
} from "@spine/core";
import type { RunIdentity, WorkflowContext } from "../workflows/context.ts";
import { attemptAbortable, attemptStep } from "./attempt.ts";
import { type AttemptWork, createAttemptWork, type Ending } from "./attempt-work.ts";
import { itemEnding, stepEnding } from "./endings.ts";
import type { ExecutableStep } from "./executable.ts";
import type { Outcome, StepOutcome, Wait } from "./program.ts";
import { mayRetry, noRetry, type RetryPolicy, retryDelayMs } from "./retry.ts";
import type { Run } from "./run.ts";
import { roundMs } from "./run-log.ts";
import type { ChildRun, EngineEnvironment, ItemScope, RunOwnership, StepScope } from "./scope.ts";
import { readySlot } from "./ready-slot.ts";
import type { Settling } from "./transitions.ts";

/** What a step's execution needs of the run it belongs to. */
export interface StepHost {
  readonly environment: EngineEnvironment;
  readonly identity: RunIdentity;
  readonly domain: string | undefined;
  readonly ownership: RunOwnership | undefined;
  readonly signal: AbortSignal;
  readonly isAborted: boolean;
  /** Whether anything but a time-out of the step can abort an attempt. */
  readonly abortable: boolean;
  /** What the step at this place sees. */
  context(position: number): WorkflowContext;
  /** The run's transition when a step ends so inside its own `commit`. */
  committing(settling: Omit<Settling, "order">, outcome: Outcome): Transition;
  /** Records a failed attempt that will be tried again. */
  retrying(settling: Omit<Settling, "order">, outcome: Outcome, delayMs: number): Promise<void>;
  runChild(step: string, child: ChildRun, signal: AbortSignal): ResultAsync<Run, SpineError>;
  /** What the step at this place waited for. */
  waitOf(position: number): Wait | undefined;
  signals(name: string): ResultAsync<readonly SignalRecord[], SpineError>;
}

export interface StepRun {
  readonly outcome: StepOutcome;
  readonly attempt: number;
  readonly durationMs: number;
  /** Whether the step's own `commit` recorded its end already. */
  readonly committed: boolean;
}

/** Runs a step until it ends: attempts, time-outs, waits between attempts. Rejects only when a failed attempt cannot be recorded. */
export async function executeStep(
  step: ExecutableStep,
  position: number,
  firstAttempt: number,
  host: StepHost,
): Promise<StepRun> {
  const { clock, random } = host.environment;
  const policy = retryOf(step);
  const firstMs = clock.monotonicMs();
  const { totalTimeoutMs = Number.POSITIVE_INFINITY } = step;
  for (let attempt = firstAttempt; ; attempt += 1) {
    const startedMs = clock.monotonicMs();
    const scope = new AttemptScope(host, step, position, attempt, () => clock.monotonicMs() - startedMs);
    // What it waited for is the first try's business: a later one begins anew.
    if (attempt === firstAttempt) scope.wait = host.waitOf(position);
    const outcome = await runAttempt(step, position, scope, host, totalTimeoutMs - (startedMs - firstMs));
    const durationMs = roundMs(clock.monotonicMs() - startedMs);
    const committed = scope.started === undefined ? undefined : await endWork(scope.started, outcome);
    if (committed !== undefined) return { outcome: committed, attempt, durationMs, committed: true };

    if (outcome.status === "WAITING") return { outcome, attempt, durationMs, committed: false };
    const settled = withEvents(
      scope.measured === undefined ? outcome : { quality: scope.measured, ...outcome },
      scope.started?.events,
    );
    if (settled.status !== "FAILED" || host.isAborted || !mayRetry(policy, attempt, settled.error)) {
      return { outcome: settled, attempt, durationMs, committed: false };
    }
    const delayMs = retryDelayMs(policy, attempt, random(), settled.error.retryAfterMs);
    if (clock.monotonicMs() - firstMs + delayMs >= totalTimeoutMs) {
      return { outcome: settled, attempt, durationMs, committed: false };
    }
    await host.retrying({ step, position, attempt, durationMs }, settled, delayMs);
    await sleep(clock, delayMs, host.signal);
    if (host.isAborted) {
      // The attempt that was recorded as started never was; it ends for the reason the run stops for.
      const error = toSpineError(host.signal.reason, "CANCELLED");
      return { outcome: { status: "FAILED", error }, attempt: attempt + 1, durationMs: 0, committed: false };
    }
  }
}

function withEvents(outcome: Outcome, events: readonly NewEvent[] = []): Outcome {
  return events.length === 0 ? outcome : { ...outcome, events: [...(outcome.events ?? []), ...events] };
}

function retryOf(step: ExecutableStep): RetryPolicy {
  return step.retry ?? (step.onError === "retry" ? {} : noRetry);
}

async function runAttempt(
  step: ExecutableStep,
  position: number,
  scope: AttemptScope,
  host: StepHost,
  leftMs: number,
): Promise<StepOutcome> {
  if (!hasLimit(step) && !host.abortable) return attemptStep(step, host.context(position), scope);
  const { clock, logger } = host.environment;
  const limitMs = Math.min(step.timeoutMs ?? Number.POSITIVE_INFINITY, leftMs);
  const timeoutMs = Number.isFinite(limitMs) ? Math.max(0, limitMs) : undefined;
  const cancelTimer =
    timeoutMs === undefined ? undefined : clock.setTimer(timeoutMs, () => scope.abort(timedOut(step, timeoutMs)));
  const outcome = await attemptAbortable(step, host.context(position), scope, { signal: scope.signal, clock, logger });
  cancelTimer?.();
  return outcome;
}

function timedOut(step: ExecutableStep, timeoutMs: number): SpineError {
  return new SpineError("STEP_TIMEOUT", `Step "${step.name}" took longer than ${timeoutMs} ms.`, {
    context: { step: step.name, timeoutMs, remedy: "Raise its timeoutMs, or make it faster." },
  });
}

function hasLimit({ timeoutMs, totalTimeoutMs }: ExecutableStep): boolean {
  return timeoutMs !== undefined || totalTimeoutMs !== undefined;
}

async function endWork(work: AttemptWork, outcome: StepOutcome): Promise<Outcome | undefined> {
  const why = outcome.status === "FAILED" ? outcome.error.message : "The step ended without commit.";
  await work.close(why);
  return work.committed;
}

/** One attempt's facts and doors, made only when a step asks for them. */
class AttemptScope implements ItemScope {
  readonly #host: StepHost;
  readonly #position: number;
  readonly #definition: ExecutableStep;
  readonly #elapsedMs: () => number;
  readonly attempt: number;
  /** Of a map step, the item this attempt is for. */
  #item: number | undefined;
  /** The scope of the step, when this is an item's. */
  #outer: AttemptScope | undefined;
  #timeOut: AbortController | undefined;
  #signal: AbortSignal | undefined;
  started: AttemptWork | undefined;
  measured: QualityMetrics | undefined;
  wait: Wait | undefined;

  constructor(host: StepHost, definition: ExecutableStep, position: number, attempt: number, elapsedMs: () => number) {
    this.#host = host;
    this.#definition = definition;
    this.#position = position;
    this.attempt = attempt;
    this.#elapsedMs = elapsedMs;
  }

  get environment(): EngineEnvironment {
    return this.#host.environment;
  }

  get step(): string {
    return this.#definition.name;
  }

  get signal(): AbortSignal {
    if (this.#outer !== undefined) return this.#outer.signal;
    if (!hasLimit(this.#definition)) return this.#host.signal;
    return (this.#signal ??= AbortSignal.any([this.#host.signal, this.#ownController().signal]));
  }

  get isAborted(): boolean {
    if (this.#outer !== undefined) return this.#outer.isAborted;
    return this.#host.isAborted || this.#timeOut?.signal.aborted === true;
  }

  forItem(index: number, attempt: number): ItemScope {
    const { clock } = this.environment;
    const startedMs = clock.monotonicMs();
    const elapsedMs = (): number => clock.monotonicMs() - startedMs;
    const scope = new AttemptScope(this.#host, this.#definition, this.#position, attempt, elapsedMs);
    scope.#item = index;
    scope.#outer = this;
    return scope;
  }

  async end(outcome: StepOutcome): Promise<Outcome | undefined> {
    return this.started === undefined ? undefined : endWork(this.started, outcome);
  }

  abort(reason: SpineError): void {
    this.#ownController().abort(reason);
  }

  #ownController(): AbortController {
    return (this.#timeOut ??= new AbortController());
  }

  facts(): AttemptFacts {
    const { identity } = this.#host;
    return {
      runId: identity.runId,
      name: identity.name,
      step: this.step,
      attempt: this.attempt,
      idempotencyKey: `${identity.runId}:${this.step}${this.#item === undefined ? "" : `:${this.#item}`}`,
      executionId: identity.executionId,
      traceId: identity.traceId,
      batchId: identity.batchId,
      parentRunId: identity.parentRunId,
    };
  }

  quality(metrics: QualityMetrics): void {
    this.measured = metrics;
  }

  progress(fraction: number, message: string | undefined): void {
    const { bus, clock } = this.environment;
    if (!bus.active) return;
    const payload = { fraction, ...(message === undefined ? {} : { message }) };
    bus.emit({ type: "step.progress", at: nowOf(clock), runId: this.#host.identity.runId, step: this.step, payload });
  }

  work(): AttemptWork {
    return (this.started ??= this.#createWork());
  }

  committed(): Outcome | undefined {
    return this.started?.committed;
  }

  get ownership(): RunOwnership | undefined {
    return this.#host.ownership;
  }

  signals(name: string): ResultAsync<readonly SignalRecord[], SpineError> {
    return this.#host.signals(name);
  }

  isReady(slot: Parameters<StepScope["isReady"]>[0]): ReturnType<StepScope["isReady"]> {
    return readySlot(this.environment, slot, this.#host.identity.asOf);
  }

  #createWork(): AttemptWork {
    const { environment, identity, ownership, domain } = this.#host;
    const { store } = environment;
    if (store === undefined || ownership === undefined) {
      throw new SpineError(
        "CAPABILITY_MISSING",
        `Step "${this.step}" needs a store, and this runner has none. Give it one: memory(), sqlite() or postgres().`,
      );
    }
    return createAttemptWork({
      environment: { ...environment, store: store satisfies Store },
      facts: this.facts(),
      owner: ownership.owner,
      domain,
      partition: identity.partition,
      asOf: identity.asOf,
      signal: this.signal,
      measured: () => this.measured,
      ending: this.#ending(store, ownership),
    });
  }

  #ending(store: Store, ownership: RunOwnership): Ending {
    const { attempt, step } = this;
    if (this.#item !== undefined) return itemEnding(store, { ...ownership, step, attempt, index: this.#item });
    return stepEnding(store, this.facts(), (outcome) =>
      this.#host.committing(
        {
          step: this.#definition,
          position: this.#position,
          attempt,
          durationMs: roundMs(this.#elapsedMs()),
        },
        outcome,
      ),
    );
  }

  runChild(child: ChildRun): ResultAsync<Run, SpineError> {
    return this.#host.runChild(this.step, child, this.signal);
  }
}
