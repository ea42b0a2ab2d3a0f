import {
  err,
  errAsync,
  type NewEvent,
  nowOf,
  ok,
  type Result,
  type ResultAsync,
  type SignalRecord,
  SpineError,
  toSpineError,
  type Transition,
} from "@spine/core";
import type { RunIdentity, WorkflowContext } from "../workflows/context.ts";
import { graceMs } from "./attempt.ts";
import { spill } from "./attempt-work.ts";
import type { ExecutableStep } from "./executable.ts";
import { createContexts } from "./contexts.ts";
import { type Move, nothing, type Outcome, type Wait } from "./program.ts";
import { takenSignal } from "./resume.ts";
import type { Halt, LiveRunOptions } from "./live-run-options.ts";
import { createRun, type Run } from "./run.ts";
import { cancelled, noSignals, runTimedOut } from "./run-errors.ts";
import { type RunEnd, RunLog } from "./run-log.ts";
import type { ChildRun, EngineEnvironment, RunOwnership } from "./scope.ts";
import { executeStep, type StepHost, type StepRun } from "./step-execution.ts";
import type { Settling } from "./transitions.ts";
import { createWaits, waitDocument } from "./waits.ts";

/**
 * Drives one run from a move to its end: keeps as many steps going as may run at once, asks the program after each, and records
 * each transition before the steps it allows begin.
 */
export class LiveRun implements StepHost {
  readonly environment: EngineEnvironment;
  readonly identity: RunIdentity;
  readonly domain: string | undefined;
  readonly ownership: RunOwnership | undefined;
  readonly abortable: boolean;
  readonly #options: LiveRunOptions;
  readonly #log: RunLog;
  /** Steps that may begin, in order; those before `#next` have begun. */
  readonly #ready: number[] = [];
  #next = 0;
  #active = 0;
  readonly #waits: ReturnType<typeof createWaits>;
  readonly #contexts: ReturnType<typeof createContexts>;
  /** Attempts under way, by place. */
  readonly #inFlight = new Map<number, number>();
  #abort: AbortController | undefined;
  #context: WorkflowContext;
  #halted = false;
  #halt: Halt | undefined;
  #abandoned = false;
  #parked: { readonly dueAt: Run["dueAt"] } | undefined;
  /** When the run's own limit ends it, in milliseconds of the wall clock. */
  #deadlineMs: number | undefined;
  #end: RunEnd | undefined;
  #fatal: SpineError | undefined;
  #wake: () => void = () => undefined;

  constructor(options: LiveRunOptions) {
    this.#options = options;
    this.environment = options.environment;
    this.identity = options.context.run;
    this.domain = options.executable.domain;
    const { durable } = options;
    this.ownership =
      durable === undefined ? undefined : { runId: options.context.runId, owner: durable.owner, fence: durable.fence };
    this.abortable = options.signal !== undefined || options.executable.timeoutMs !== undefined;
    this.#context = options.context;
    this.#log = new RunLog({ ...options, identity: options.context.run });
    if (options.failure !== undefined) this.#log.blame(options.failure.error, options.failure.step);
    this.#waits = createWaits(options);
    this.#contexts = createContexts(options);
  }

  /** Made when somebody asks for it, as most steps do not. */
  get signal(): AbortSignal {
    return this.#controller().signal;
  }

  get isAborted(): boolean {
    return this.#abort?.signal.aborted === true;
  }

  context(position: number): WorkflowContext {
    return this.#contexts?.of(position) ?? this.#context;
  }

  waitOf(position: number): Wait | undefined {
    return this.#waits.of(position);
  }

  signals(name: string): ResultAsync<readonly SignalRecord[], SpineError> {
    const { durable } = this.#options;
    if (durable === undefined) return errAsync(noSignals(this.identity));
    return this.#waits.signals(name, durable.store.signals);
  }

  /** Ends the run CANCELLED: attempts are told to stop, and after a grace period it ends without them. */
  cancel(reason?: unknown): void {
    this.#stopNow(cancelled(this.identity, reason));
  }

  /** Begins no further step; when those under way have ended the run waits, for ever or for whoever takes it next. */
  halt(why: Halt): void {
    this.#halt ??= why;
    if (this.#active === 0) this.#wake();
  }

  /** Stops at once and records nothing more: the run is as it would be after a crash. */
  abandon(reason: SpineError): void {
    this.#fatal ??= reason;
    this.#abandoned = true;
    this.#controller().abort(reason);
    this.#wake();
  }

  /**
   * Err when the run could not be recorded any further; it can then be resumed.
   * @param options.recorded whether the store knows already that the first steps have started
   */
  async drive(
    first: Move,
    options: { readonly recorded: boolean; readonly events?: readonly NewEvent[] },
  ): Promise<Result<Run, SpineError>> {
    const release = this.#watch();
    try {
      if (options.recorded && first.skip.length === 0 && first.end === undefined) this.#ready.push(...first.run);
      else await this.#follow(first, options.events === undefined ? {} : { events: options.events });
      do {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
          this.#pump();
        });
      } while (await this.#waitHere());
      if (this.#fatal === undefined && this.#end === undefined && this.#parked === undefined) await this.#stopEarly();
    } catch (thrown) {
      this.#fatal ??= toSpineError(thrown, "INTERNAL");
    } finally {
      release();
    }
    return this.#fatal === undefined ? ok(this.#toRun()) : err(this.#fatal);
  }

  committing(settling: Omit<Settling, "order">, outcome: Outcome): Transition {
    return this.#log.committing(settling, outcome);
  }

  retrying(settling: Omit<Settling, "order">, outcome: Outcome, delayMs: number): Promise<void> {
    return this.#log.retrying(settling, outcome, delayMs);
  }

  runChild(step: string, child: ChildRun, signal: AbortSignal): ResultAsync<Run, SpineError> {
    return this.#options.runChild(step, child, signal);
  }

  /** Without a store nobody else could wake the run, so it waits here; with one it is parked. */
  async #waitHere(): Promise<boolean> {
    if (this.#fatal !== undefined || this.#end !== undefined || this.isAborted) return false;
    if (this.#waits.isEmpty && this.#halt === undefined) return false;
    if (this.#options.durable !== undefined) {
      await this.#park(this.#options.durable);
      return false;
    }
    if (this.#halt !== undefined) return false;
    this.#ready.push(...(await this.#waits.elapse(this.environment.clock, this.signal)));
    return true;
  }

  async #park(durable: NonNullable<LiveRunOptions["durable"]>): Promise<void> {
    const { executable } = this.#options;
    const notBegun = this.#ready.slice(this.#next).map((position) => [position, { reason: "pending" }] as const);
    const halt = this.#halt;
    const { park, dueAt } = this.#waits.parking({
      halt,
      now: nowOf(this.environment.clock),
      deadlineMs: this.#deadlineMs,
    });
    const waits = [...this.#waits.entries(), ...notBegun].map(([position, wait]) => ({
      step: executable.steps[position]?.name ?? "",
      wait: waitDocument(wait),
    }));
    const payload = { reason: halt ?? "waiting", ...(dueAt === undefined ? {} : { dueAt }) };
    const events = [{ type: halt === "pause" ? "run.paused" : "run.waiting", payload }];
    await durable.recorder.suspend({ ...this.#own(durable), waits, events, park });
    this.#parked = { dueAt };
    this.#log.tell(events);
  }

  /** A step waits: that is kept at once when others go on, else with the parking of the run. */
  async #suspend(position: number, wait: Wait): Promise<void> {
    this.#waits.add(position, wait);
    const { durable, executable } = this.#options;
    if (durable === undefined || (this.#active === 1 && this.#next >= this.#ready.length)) return;
    const waits = [{ step: executable.steps[position]?.name ?? "", wait: waitDocument(wait) }];
    await durable.recorder.suspend({ ...this.#own(durable), waits, events: [] });
  }

  #own({ owner, fence }: NonNullable<LiveRunOptions["durable"]>): RunOwnership {
    return { runId: this.identity.runId, owner, fence };
  }

  /** Who does not look at the signal within the grace period is left behind; the run ends without it. */
  #stopNow(reason: SpineError): void {
    if (this.isAborted) return;
    this.#controller().abort(reason);
    if (this.#active === 0) {
      this.#wake();
      return;
    }
    if (this.abortable) return;
    this.environment.clock.setTimer(graceMs, () => {
      if (this.#active === 0 || this.#end !== undefined) return;
      this.#abandoned = true;
      this.#wake();
    });
  }

  #controller(): AbortController {
    return (this.#abort ??= new AbortController());
  }

  #watch(): () => void {
    const { signal, executable } = this.#options;
    if (!this.abortable) return noRelease;
    const onAbort = (): void => this.#controller().abort(cancelled(this.identity, signal?.reason));
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
    const { timeoutMs } = executable;
    const { clock } = this.environment;
    const leftMs = this.#options.leftMs ?? timeoutMs;
    if (leftMs !== undefined) this.#deadlineMs = clock.nowMs() + leftMs;
    const cancelTimer =
      timeoutMs === undefined || leftMs === undefined
        ? noRelease
        : clock.setTimer(Math.max(0, leftMs), () => this.#controller().abort(runTimedOut(this.identity, timeoutMs)));
    return () => {
      signal?.removeEventListener("abort", onAbort);
      cancelTimer();
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
    return this.#fatal === undefined && this.#end === undefined && !this.isAborted && this.#halt === undefined;
  }

  /** Takes steps one after another for as long as there are any; as many of these run as steps may run at once. */
  async #work(): Promise<void> {
    try {
      while (this.#mayGoOn()) {
        const position = this.#ready[this.#next];
        if (position === undefined) break;
        this.#next += 1;
        await this.#perform(position);
        // One of the steps that may begin is for this worker; others want workers of their own.
        if (this.#next < this.#ready.length - 1) this.#pump();
      }
    } catch (thrown) {
      this.#fatal ??= toSpineError(thrown, "INTERNAL");
    }
    this.#active -= 1;
    this.#pump();
  }

  async #perform(position: number): Promise<void> {
    const { executable, attempts, program } = this.#options;
    const step = executable.steps[position];
    if (step === undefined) {
      throw new SpineError(
        "INTERNAL",
        `The program of "${this.identity.name}" names step ${position}, which does not exist.`,
      );
    }
    const firstAttempt = attempts.get(position) ?? 1;
    this.#inFlight.set(position, firstAttempt);
    const { outcome: given, attempt, durationMs, committed } = await this.#execute(step, position, firstAttempt);
    if (this.#abandoned) {
      this.environment.logger.warn("An abandoned step ended after all; what it returned was dropped.", {
        runId: this.identity.runId,
        step: step.name,
      });
      return;
    }
    this.#inFlight.delete(position);
    if (given.status === "WAITING") return this.#suspend(position, given.wait);
    this.#waits.done(position);
    const outcome = committed ? given : await this.#spilled(given);
    const { settlement, ...draft } = this.#log.settle({ step, position, attempt, durationMs }, outcome);
    if (outcome.status !== "FAILED") this.#enter(position, settlement.step, outcome);
    const move = this.#unlessHalted(program.settle(position, outcome), outcome);
    if (!committed) return this.#follow(move, draft);
    this.#log.tell(draft.events ?? []);
    return this.#follow(move, {});
  }

  async #execute(step: ExecutableStep, position: number, attempt: number): Promise<StepRun> {
    if (!this.#options.wornOut.has(position)) return executeStep(step, position, attempt, this);
    const error = new SpineError(
      "STEP_INTERRUPTED",
      `Step "${step.name}" was begun ${attempt - 1} times and its process ended each time, so it is not begun again.`,
      { context: { step: step.name, attempt, remedy: "Find out what ends the process, then resume the run." } },
    );
    return { outcome: { status: "FAILED", error }, attempt, durationMs: 0, committed: false };
  }

  /** Once the run is aborted nothing more begins, and what an interrupted step means to the program is not how the run ends. */
  #unlessHalted(move: Move, outcome: Outcome): Move {
    if (this.isAborted && (outcome.status === "FAILED" || move.end === undefined)) this.#halted = true;
    return this.#halted ? nothing : move;
  }

  #follow(move: Move, draft: Parameters<RunLog["follow"]>[1]): Promise<void> | void {
    if (!this.#log.isObserved && move.skip.length === 0 && move.end === undefined) {
      for (const position of move.run) this.#ready.push(position);
      return;
    }
    return this.#log.follow(move, draft).then((end) => {
      this.#end ??= end;
      for (const position of move.run) this.#ready.push(position);
    });
  }

  #enter(position: number, step: string, outcome: Outcome): void {
    const { output, updates } = outcome;
    const signal = takenSignal(outcome);
    if (signal !== undefined) this.#waits.take(signal.name, signal.sequence);
    this.#contexts?.enter(position, outcome);
    if (output !== undefined) this.#context = this.#context.withOutput(step, output);
    if (updates !== undefined) this.#context = this.#context.withUpdates(updates);
  }

  async #spilled(outcome: Outcome): Promise<Outcome> {
    const { durable } = this.#options;
    if (durable === undefined || outcome.output === undefined) return outcome;
    const kept = await spill(outcome.output, durable.store.references, this.environment.ids, this.identity.runId);
    if (kept.isErr()) throw kept.error;
    return kept.value === outcome.output ? outcome : { ...outcome, output: kept.value };
  }

  /** Cancelled, or out of time: what was not begun never will be. */
  async #stopEarly(): Promise<void> {
    const reason: unknown = this.#abort?.signal.reason;
    const error =
      reason instanceof SpineError
        ? reason
        : new SpineError("INTERNAL", `The program of "${this.identity.name}" stopped without an end.`);
    const { executable } = this.#options;
    const left = [...this.#ready.slice(this.#next), ...[...this.#waits.entries()].map(([position]) => position)];
    const skip = left.map((position) => ({ position, reason: "the run stopped before it" }));
    this.#log.overrule(error);
    for (const [position, attempt] of this.#inFlight) {
      const step = executable.steps[position];
      if (step === undefined) continue;
      const { settlement: _, ...draft } = this.#log.settle(
        { step, position, attempt, durationMs: 0 },
        { status: "FAILED", error },
      );
      await this.#log.follow(nothing, draft);
    }
    this.#end = await this.#log.follow({ run: [], skip, end: error.code === "CANCELLED" ? "CANCELLED" : "FAILED" }, {});
  }

  #toRun(): Run {
    const { executable } = this.#options;
    const { identity } = this;
    const now = nowOf(this.environment.clock);
    return createRun({
      runId: identity.runId,
      kind: executable.kind,
      name: executable.name,
      status: this.#end?.status ?? (this.#parked === undefined ? "FAILED" : "WAITING"),
      outputs: this.#context.outputs,
      steps: this.#log.settled,
      counts: this.#log.counts,
      error: this.#log.firstError?.error,
      errorStep: this.#log.firstError?.step,
      startedAt: identity.startedAt,
      completedAt: this.#parked === undefined ? now : undefined,
      durationMs: this.#end?.durationMs ?? 0,
      dueAt: this.#parked?.dueAt,
      batchId: identity.batchId,
      traceId: identity.traceId,
    });
  }
}

const noRelease = (): void => undefined;
