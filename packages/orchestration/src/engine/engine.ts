import {
  contentHash,
  err,
  ok,
  okAsync,
  type Result,
  type ResultAsync,
  resultAsync,
  type RunRecord,
  type RunStatus,
  type SpineError,
} from "@spine/core";
import { groupExecutable } from "../groups/group-executable.ts";
import { workflowExecutable } from "../workflows/workflow-executable.ts";
import { childRunner } from "./child-runs.ts";
import { cancelRecorded, type RunControl } from "./control.ts";
import { claimRun, durableParts, storedRun } from "./durable-parts.ts";
import type { Executable } from "./executable.ts";
import { LiveRun } from "./live-run.ts";
import type { LiveRunOptions } from "./live-run-options.ts";
import { createLiveRuns, drained } from "./live-runs.ts";
import { groupsBefore } from "./group-order.ts";
import { deadHere, nobody, type Owner } from "./owner.ts";
import { prepareRun, type RunOptions } from "./prepare.ts";
import type { RerunOptions, ResumeOptions } from "./resume-options.ts";
import { type Move, nothing } from "./program.ts";
import { checkDefinition, historyOf } from "./resume.ts";
import { reuseSteps, reusedSteps } from "./reuse.ts";
import type { Run } from "./run.ts";
import type { Durable } from "./run-log.ts";
import { notResumable, notSubmittable, runEnded, runNotFound, shutDown } from "./run-errors.ts";
import { freshContext, newRun, type Parent, type Rerun, storedContext } from "./run-setup.ts";
import type { EngineEnvironment } from "./scope.ts";
import { takeSlot } from "./slots.ts";
import { tellStarted } from "./tell-started.ts";
import { startOf } from "./transitions.ts";
import { createTwins } from "./twins.ts";
import { waitWithin } from "./wait-within.ts";

/** How a run comes about. */
interface Beginning {
  readonly parent?: Parent;
  readonly rerun?: Rerun;
  /** Called when the store has it. */
  readonly onRecorded?: (runId: string) => void;
}

/** Runs executables: from nothing, or from where an earlier process left them. */
export interface Engine extends RunControl {
  readonly environment: EngineEnvironment;
  /** This process as an owner of runs and captures; without a store it can own nothing. */
  readonly owner: Owner;
  /** Err when the run could not be started or recorded; else look at its status. */
  start(executable: Executable, options?: RunOptions): ResultAsync<Run, SpineError>;
  /** Starts a run and hands its id out as soon as it is recorded; the run goes on by itself. Fails with `CAPABILITY_MISSING` without a store. */
  submit(executable: Executable, options?: RunOptions): ResultAsync<string, SpineError>;
  /**
   * Goes on with a run that was interrupted, failed, was cancelled, or waits: what completed does not run again. Fails with
   * `RUN_NOT_FOUND`, `RUN_NOT_RESUMABLE` (it completed), `RUN_OWNED` (a living process works on it), `DEFINITION_CHANGED`.
   */
  resume(executable: Executable, runId: string, options?: ResumeOptions): ResultAsync<Run, SpineError>;
  /** Like {@link resume}, but only while the run has one of these statuses; undefined when it has another by now. */
  wake(executable: Executable, record: RunRecord): ResultAsync<Run | undefined, SpineError>;
  /** A new run with the outputs an earlier one had before a step; linked to it by `rerunOf`. */
  rerun(executable: Executable, runId: string, options?: RerunOptions): ResultAsync<Run, SpineError>;
  /** Top-level runs that have no living owner, oldest first. @defaultValue limit 100 */
  abandoned(options?: { readonly limit?: number }): ResultAsync<readonly RunRecord[], SpineError>;
  /** @param options.drainMs how long steps under way may take to end; default 0 */
  close(options?: { readonly drainMs?: number }): ResultAsync<void, SpineError>;
}

export function createEngine(environment: EngineEnvironment): Engine {
  const parts = durableParts(environment);
  const { clock, logger } = environment;
  const lives = createLiveRuns(clock, parts && { runs: parts.store.runs, owner: parts.owner.id });
  const twins = createTwins(parts, lives);

  async function drive(
    options: Omit<LiveRunOptions, "environment" | "runChild">,
    first: Move,
    how: Parameters<LiveRun["drive"]>[1],
  ): Promise<Result<Run, SpineError>> {
    const { context, executable } = options;
    const live = new LiveRun({
      ...options,
      environment,
      runChild: (step, child, signal) => resultAsync(() => runChild(context, step, child, signal)),
    });
    if (options.durable === undefined) return live.drive(first, how);
    const run = await lives.during(context.runId, live, () => live.drive(first, how));
    if (executable.concurrency !== undefined && run.isOk() && run.value.status !== "WAITING") {
      const released = await options.durable.store.slots.release({ runId: context.runId });
      // Its slot is free as the run has ended; only the next of the queue is not told, and looks for itself.
      if (released.isErr()) logger.warn("A slot could not be released.", { runId: context.runId });
    }
    return run;
  }

  async function start(
    executable: Executable,
    options: RunOptions,
    { parent, rerun, onRecorded = () => undefined }: Beginning = {},
  ): Promise<Result<Run, SpineError>> {
    const before = await groupsBefore(executable, options, environment, start);
    if (before.isErr()) return err(before.error);
    const prepared = await prepareRun(executable, options, environment);
    if (prepared.isErr()) return err(prepared.error);
    const context = freshContext(executable, options, prepared.value, environment, parent);
    const program = executable.program();
    const counter = { total: executable.ownSteps ?? executable.steps.length, completed: 0, failed: 0, skipped: 0 };
    const common = {
      executable,
      program,
      context,
      counter,
      order: 0,
      attempts: noAttempts,
      wornOut: noSteps,
      signal: options.signal,
    };
    if (parts === undefined || context.isDryRun) {
      const first = program.start(new Map());
      tellStarted(environment, context, executable, nothing);
      return drive({ ...common, durable: undefined }, first, { recorded: false });
    }

    const { store, recorder, owner } = parts;
    if (options.idempotencyKey !== undefined) {
      const twin = await twins.join(executable, options.idempotencyKey, onRecorded);
      if (twin.isErr() || twin.value !== undefined) return twin as Result<Run, SpineError>;
    }
    const owned = await owner.ensure();
    if (owned.isErr()) return err(owned.error);
    // A run that begins with another one's outputs, or has to queue, begins its first step in a later commit.
    const later = rerun !== undefined || executable.concurrency !== undefined;
    const first = later ? nothing : program.start(new Map());
    const created = await store.runs.create({
      run: newRun(executable, context, {
        params: prepared.value.params,
        owner: owner.id,
        triggeredBy: options.triggeredBy ?? (parent === undefined ? "api" : "parent"),
        counts: counter,
        idempotencyKey: options.idempotencyKey,
        priority: options.priority,
        rerun,
      }),
      started: first.run.map((position) => startOf(executable.steps, position)),
      events: [{ type: "run.started", payload: { name: executable.name, kind: executable.kind } }],
    });
    if (created.isErr()) return twins.insteadOf(executable, options, created.error, onRecorded);
    onRecorded(context.runId);
    tellStarted(environment, context, executable, first);
    const durable: Durable = { store, recorder, owner: owner.id, fence: created.value.fence };
    if (!later) return drive({ ...common, durable }, first, { recorded: true });
    return goOn(executable, context.runId, durable, { signal: options.signal });
  }

  async function submit(executable: Executable, options: RunOptions): Promise<Result<string, SpineError>> {
    if (parts === undefined || options.dryRun === true) return err(notSubmittable(executable));
    return new Promise((resolve) => {
      const run = start(executable, options, { onRecorded: (runId) => resolve(ok(runId)) });
      void run.then((ended) => {
        if (ended.isOk()) return resolve(ok(ended.value.runId));
        // Who submitted it has its id and is gone; an error after that is in the log.
        logger.warn("A submitted run could not be gone on with.", {
          name: executable.name,
          error: ended.error.message,
        });
        return resolve(err(ended.error));
      });
    });
  }

  async function resume(
    executable: Executable,
    runId: string,
    options: ResumeOptions,
    statuses?: readonly RunStatus[],
  ): Promise<Result<Run, SpineError>> {
    if (parts === undefined) return err(runNotFound(runId));
    const { store, recorder, owner } = parts;
    const found = await store.history.get({ runId });
    if (found.isErr()) return err(found.error);
    if (found.value === undefined) return err(runNotFound(runId));
    if (found.value.status === "COMPLETED") return err(notResumable(found.value));
    const madeGood = await wasMadeGood(executable, found.value);
    if (madeGood.isErr()) return err(madeGood.error);
    if (madeGood.value) return err(notResumable(found.value, "was made good by its compensations"));
    const unchanged = await checkDefinition(executable, found.value, store);
    const isChanged = unchanged.isErr() && unchanged.error.code === "DEFINITION_CHANGED";
    if (unchanged.isErr() && !(isChanged && options.onDefinitionChange === "use-current")) return err(unchanged.error);
    const definition = { hash: contentHash(executable.document), document: executable.document };
    const claimed = await claimRun(parts, found.value, { statuses, ...(isChanged ? { definition } : {}) });
    if (claimed.isErr()) return err(claimed.error);
    const durable: Durable = { store, recorder, owner: owner.id, fence: claimed.value.fence };
    return goOn(executable, runId, durable, {
      signal: options.signal,
      claimed: claimed.value,
      before: found.value,
      differences: isChanged && unchanged.isErr() ? unchanged.error.context["differences"] : undefined,
    });
  }

  /** Whether compensations have undone what the run's completed steps had done. */
  async function wasMadeGood(
    { ownSteps }: Executable,
    { runId, status }: RunRecord,
  ): Promise<Result<boolean, SpineError>> {
    if (parts === undefined || ownSteps === undefined || status !== "FAILED") return ok(false);
    const steps = await parts.store.history.steps({ runId });
    return steps.map((records) => records.some(({ position }) => position >= ownSteps));
  }

  /** Goes on with a run that is ours, from what the store has of it. */
  async function goOn(
    executable: Executable,
    runId: string,
    durable: Durable,
    options: {
      readonly signal: AbortSignal | undefined;
      /** The run as it is now, and as it was before it was claimed. @defaultValue it was just created */
      readonly claimed?: RunRecord;
      readonly before?: RunRecord;
      readonly differences?: unknown;
    },
  ): Promise<Result<Run, SpineError>> {
    const { store } = durable;
    const record = options.claimed === undefined ? await store.history.get({ runId }) : ok(options.claimed);
    if (record.isErr()) return err(record.error);
    if (record.value === undefined) return err(runNotFound(runId));
    const queued = await takeSlot(executable, record.value, durable, environment);
    if (queued.isErr() || queued.value !== undefined) return queued as Result<Run, SpineError>;
    const reused = await reuseSteps(executable, record.value, durable, environment);
    if (reused.isErr()) return err(reused.error);
    const steps = await store.history.steps({ runId });
    if (steps.isErr()) return err(steps.error);

    const base = storedContext(record.value, environment);
    const history = historyOf(executable, steps.value, base);
    const program = executable.program();
    const first = program.start(history.settled, history.begun);
    const { before } = options;
    const { timeoutMs } = executable;
    const spentMs = clock.nowMs() - Date.parse(record.value.startedAt);
    return drive(
      {
        ...history,
        executable,
        program,
        base,
        durable,
        signal: options.signal,
        leftMs: timeoutMs !== undefined && before?.status === "WAITING" ? timeoutMs - spentMs : undefined,
      },
      first,
      {
        recorded: false,
        events:
          before === undefined
            ? []
            : [
                {
                  type: before.status === "WAITING" ? "run.woken" : "run.resumed",
                  payload: {
                    name: executable.name,
                    fence: durable.fence,
                    ...(Array.isArray(options.differences) ? { differences: options.differences.map(String) } : {}),
                  },
                },
              ],
      },
    );
  }

  const runChild = childRunner({
    environment,
    parts,
    executableOf: ({ kind, name }) =>
      kind === "group"
        ? environment.groups.get(name).andThen(groupExecutable)
        : environment.workflows.get(name).map(workflowExecutable),
    start: (executable, options, parent) => start(executable, options, { parent }),
    resume,
  });

  /** A run that was started for itself may wait; its caller may give it time to. */
  const within = (executable: Executable, run: Promise<Result<Run, SpineError>>, options: RunOptions) =>
    waitWithin(run, { environment, signal: options.signal, waitMs: options.waitMs ?? 0 }, (record) =>
      resume(executable, record.runId, { signal: options.signal }, ["WAITING"]),
    );

  async function runAgain(
    executable: Executable,
    runId: string,
    options: RerunOptions,
  ): Promise<Result<Run, SpineError>> {
    if (parts === undefined) return err(runNotFound(runId));
    const found = await parts.store.history.get({ runId });
    if (found.isErr()) return err(found.error);
    if (found.value === undefined) return err(runNotFound(runId));
    const record = found.value;
    const from = options.from ?? executable.steps[0]?.name ?? "";
    const reused = await reusedSteps(executable, { of: runId, from }, parts.store);
    if (reused.isErr()) return err(reused.error);
    const { signal, triggeredBy = "rerun" } = options;
    return start(
      executable,
      {
        params: { ...record.params, ...options.params },
        partition: record.partition,
        asOf: record.asOf,
        batchId: record.batchId,
        priority: record.priority,
        runId: options.runId,
        triggeredBy,
        signal,
      },
      { rerun: { of: runId, from } },
    );
  }

  async function endOrStatus(runId: string, request: "cancel" | "pause"): Promise<Result<Run, SpineError>> {
    if (parts === undefined) return err(runNotFound(runId));
    const entry = lives.get(runId);
    if (entry !== undefined) {
      if (request === "cancel") entry.live.cancel("it was asked to");
      else {
        const asked = await parts.store.runs.request({ runId, request });
        if (asked.isErr()) return err(asked.error);
        entry.live.halt("pause");
      }
      return entry.done;
    }
    const record = await parts.store.runs.request({ runId, request });
    if (record.isErr()) return err(record.error);
    if (record.value === undefined) return err(runNotFound(runId));
    const { status } = record.value;
    const what = request === "cancel" ? "cancelled" : "paused";
    if (status !== "RUNNING" && status !== "WAITING") {
      return request === "cancel" && status === "CANCELLED"
        ? storedRun(parts, record.value)
        : err(runEnded(record.value, what));
    }
    return request === "cancel" ? cancelRecorded(parts, record.value, clock) : storedRun(parts, record.value);
  }

  return Object.freeze({
    environment,
    owner: parts?.owner ?? nobody,
    start: (executable: Executable, options: RunOptions = {}) =>
      resultAsync(() => within(executable, start(executable, options), options)),
    submit: (executable: Executable, options: RunOptions = {}) => resultAsync(() => submit(executable, options)),
    resume: (executable: Executable, runId: string, options: ResumeOptions = {}) =>
      resultAsync(() => within(executable, resume(executable, runId, options), options)),
    wake: (executable: Executable, { runId, status }: RunRecord) =>
      resultAsync(async () => {
        const woken = await resume(executable, runId, {}, [status]);
        return woken.isErr() && woken.error.code === "RUN_OWNED" ? ok(undefined) : woken;
      }),
    rerun: (executable: Executable, runId: string, options: RerunOptions = {}) =>
      resultAsync(() => within(executable, runAgain(executable, runId, options), options)),
    cancel: (runId: string) => resultAsync(() => endOrStatus(runId, "cancel")),
    pause: (runId: string) => resultAsync(() => endOrStatus(runId, "pause")),
    signal: (runId, name, payload = null) =>
      resultAsync(async () => {
        if (parts === undefined) return err(runNotFound(runId));
        const record = await parts.store.history.get({ runId });
        if (record.isErr()) return err(record.error);
        if (record.value === undefined) return err(runNotFound(runId));
        const { status } = record.value;
        if (status !== "RUNNING" && status !== "WAITING") return err(runEnded(record.value, "signalled"));
        const sent = await parts.store.signals.send({ id: environment.ids.next("sig"), runId, name, payload });
        return sent.andThen((signal) => (signal === undefined ? err(runNotFound(runId)) : ok(undefined)));
      }),
    abandoned: ({ limit = 100 } = {}) =>
      resultAsync(async () => {
        if (parts === undefined) return ok([]);
        const owners = await parts.store.owners.list();
        if (owners.isErr()) return err(owners.error);
        const deadOwners = deadHere(owners.value).map(({ owner }) => owner);
        const runs = await parts.store.runs.abandoned({ deadOwners, limit });
        return runs.map((records) => records.filter(({ parentRunId }) => parentRunId === undefined));
      }),
    close: ({ drainMs = 0 } = {}) =>
      resultAsync(async () => {
        const left = lives.all();
        for (const { live } of left) live.halt("shutdown");
        if (drainMs > 0 && left.length > 0) await drained(left, clock, drainMs);
        for (const { live } of lives.all()) live.abandon(shutDown());
        return parts === undefined ? okAsync(undefined) : parts.owner.retire();
      }),
  } satisfies Engine);
}

const noAttempts: ReadonlyMap<number, number> = new Map();
const noSteps: ReadonlySet<number> = new Set();
