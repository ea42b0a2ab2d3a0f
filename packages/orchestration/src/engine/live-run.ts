import {
  err,
  type NewEvent,
  nowOf,
  ok,
  type Result,
  type ResultAsync,
  SpineError,
  toSpineError,
  type Transition,
} from "@spine/core";
import type { RunIdentity, WorkflowContext } from "../workflows/context.ts";
import { spill } from "./attempt-work.ts";
import type { ExecutableStep } from "./executable.ts";
import { type Move, nothing, type Outcome, type Program } from "./program.ts";
import { createRun, type Run } from "./run.ts";
import { type RunEnd, RunLog, type RunLogOptions } from "./run-log.ts";
import type { ChildRun, EngineEnvironment } from "./scope.ts";
import { executeStep, type StepHost, type StepRun } from "./step-execution.ts";
import type { Settling } from "./transitions.ts";

export interface LiveRunOptions extends Omit<RunLogOptions, "identity"> {
  readonly program: Program;
  readonly context: WorkflowContext;
  /** Steps whose process ended too often while they ran: they fail without being begun. */
  readonly wornOut: ReadonlySet<number>;
  /** Aborting it cancels the run. */
  readonly signal: AbortSignal | undefined;
  readonly runGroup: (step: string, child: ChildRun, signal: AbortSignal) => ResultAsync<Run, SpineError>;
}

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
  readonly #log: RunLog;
  /** Steps that may begin, in order; those before `#next` have begun. */
  readonly #ready: number[] = [];
  #next = 0;
  #active = 0;
  #abort: AbortController | undefined;
  #context: WorkflowContext;
  #halted = false;
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
    this.#log = new RunLog({ ...options, identity: options.context.run });
  }

  /** Made when somebody asks for it, as most steps do not. */
  get signal(): AbortSignal {
    return this.#controller().signal;
  }

  get isAborted(): boolean {
    return this.#abort?.signal.aborted === true;
  }

  context(): WorkflowContext {
    return this.#context;
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

  committing(settling: Omit<Settling, "order">, outcome: Outcome): Transition {
    return this.#log.committing(settling, outcome);
  }

  retrying(settling: Omit<Settling, "order">, outcome: Outcome, delayMs: number): Promise<void> {
    return this.#log.retrying(settling, outcome, delayMs);
  }

  runGroup(step: string, child: ChildRun, signal: AbortSignal): ResultAsync<Run, SpineError> {
    return this.#options.runGroup(step, child, signal);
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
    const cancelTimer =
      timeoutMs === undefined
        ? noRelease
        : this.environment.clock.setTimer(timeoutMs, () =>
            this.#controller().abort(runTimedOut(this.identity, timeoutMs)),
          );
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
    return this.#fatal === undefined && this.#end === undefined && !this.isAborted;
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
    const {
      outcome: given,
      attempt,
      durationMs,
      committed,
    } = await this.#execute(step, position, attempts.get(position) ?? 1);
    const outcome = committed ? given : await this.#spilled(given);
    const { settlement, ...draft } = this.#log.settle({ step, position, attempt, durationMs }, outcome);
    if (outcome.status !== "FAILED") this.#enter(settlement.step, outcome);
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

  #enter(step: string, { output, updates }: Outcome): void {
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
    const skip = this.#ready.slice(this.#next).map((position) => ({ position, reason: "the run stopped before it" }));
    this.#log.overrule(error);
    this.#end = await this.#log.follow({ run: [], skip, end: error.code === "CANCELLED" ? "CANCELLED" : "FAILED" }, {});
  }

  #toRun(): Run {
    const { executable } = this.#options;
    const { identity } = this;
    return createRun({
      runId: identity.runId,
      kind: executable.kind,
      name: executable.name,
      status: this.#end?.status ?? "FAILED",
      outputs: this.#context.outputs,
      steps: this.#log.settled,
      counts: this.#log.counts,
      error: this.#log.firstError?.error,
      errorStep: this.#log.firstError?.step,
      startedAt: identity.startedAt,
      completedAt: nowOf(this.environment.clock),
      durationMs: this.#end?.durationMs ?? 0,
      batchId: identity.batchId,
      traceId: identity.traceId,
    });
  }
}

const noRelease = (): void => undefined;

function cancelled(identity: RunIdentity, cause: unknown): SpineError {
  return new SpineError("CANCELLED", `Run ${identity.runId} of "${identity.name}" was cancelled.`, {
    context: { runId: identity.runId, remedy: `spine resume ${identity.runId}` },
    cause,
  });
}

function runTimedOut(identity: RunIdentity, timeoutMs: number): SpineError {
  return new SpineError(
    "RUN_TIMEOUT",
    `Run ${identity.runId} of "${identity.name}" took longer than ${timeoutMs} ms.`,
    {
      context: { runId: identity.runId, timeoutMs, remedy: `spine resume ${identity.runId}` },
    },
  );
}
