import {
  err,
  nowOf,
  ok,
  okAsync,
  OrchestrationError,
  type Result,
  type ResultAsync,
  resultAsync,
  type RunRecord,
  type SpineError,
  type Store,
} from "@spine/core";
import { groupExecutable } from "../groups/group-executable.ts";
import type { WorkflowContext } from "../workflows/context.ts";
import type { Executable } from "./executable.ts";
import { LiveRun, type LiveRunOptions } from "./live-run.ts";
import { createOwner, deadHere, nobody, type Owner } from "./owner.ts";
import { prepareRun, type RunOptions } from "./prepare.ts";
import { type Move, nothing } from "./program.ts";
import { createRecorder, type Recorder } from "./recorder.ts";
import { checkDefinition, historyOf } from "./resume.ts";
import type { Run } from "./run.ts";
import type { Durable } from "./run-log.ts";
import { freshContext, newRun, type Parent, runOfHistory, storedContext } from "./run-setup.ts";
import type { ChildRun, EngineEnvironment } from "./scope.ts";
import { startOf } from "./transitions.ts";

export type ResumeOptions = Pick<RunOptions, "signal">;

/** Runs executables: from nothing, or from where an earlier process left them. */
export interface Engine {
  readonly environment: EngineEnvironment;
  /** This process as an owner of runs and captures; without a store it can own nothing. */
  readonly owner: Owner;
  /** Err when the run could not be started or recorded; else look at its status. */
  start(executable: Executable, options?: RunOptions): ResultAsync<Run, SpineError>;
  /**
   * Goes on with a run that was interrupted, failed or was cancelled: what completed does not run again. Fails with `RUN_NOT_FOUND`,
   * `RUN_NOT_RESUMABLE` (it completed), `RUN_OWNED` (a living process works on it), `DEFINITION_CHANGED`.
   */
  resume(executable: Executable, runId: string, options?: ResumeOptions): ResultAsync<Run, SpineError>;
  /** Top-level runs that have no living owner, oldest first. @defaultValue limit 100 */
  abandoned(options?: { readonly limit?: number }): ResultAsync<readonly RunRecord[], SpineError>;
  close(): ResultAsync<void, SpineError>;
}

interface DurableParts {
  readonly store: Store;
  readonly recorder: Recorder;
  readonly owner: Owner;
}

export function createEngine(environment: EngineEnvironment): Engine {
  const parts = durableParts(environment);

  function live(options: Omit<LiveRunOptions, "environment" | "runGroup">): LiveRun {
    return new LiveRun({
      ...options,
      environment,
      runGroup: (step, child, signal) => resultAsync(() => runGroup(options.context, step, child, signal)),
    });
  }

  async function start(executable: Executable, options: RunOptions, parent?: Parent): Promise<Result<Run, SpineError>> {
    const prepared = await prepareRun(executable, options, environment);
    if (prepared.isErr()) return err(prepared.error);
    const context = freshContext(executable, options, prepared.value, environment, parent);
    const program = executable.program();
    const first = program.start(new Map());
    const counter = { total: executable.steps.length, completed: 0, failed: 0, skipped: 0 };
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
      tellStarted(environment, context, executable, nothing);
      return live({ ...common, durable: undefined }).drive(first, { recorded: false });
    }

    const { store, recorder, owner } = parts;
    const owned = await owner.ensure();
    if (owned.isErr()) return err(owned.error);
    const created = await store.runs.create({
      run: newRun(executable, context, {
        params: prepared.value.params,
        owner: owner.id,
        triggeredBy: options.triggeredBy ?? (parent === undefined ? "api" : "parent"),
        counts: counter,
      }),
      started: first.run.map((position) => startOf(executable.steps, position)),
      events: [{ type: "run.started", payload: { name: executable.name, kind: executable.kind } }],
    });
    if (created.isErr()) return err(created.error);
    tellStarted(environment, context, executable, first);
    const durable: Durable = { store, recorder, owner: owner.id, fence: created.value.fence };
    return live({ ...common, durable }).drive(first, { recorded: true });
  }

  async function resume(
    executable: Executable,
    runId: string,
    options: ResumeOptions,
  ): Promise<Result<Run, SpineError>> {
    if (parts === undefined) return err(runNotFound(runId));
    const { store, recorder, owner } = parts;
    const found = await store.history.get({ runId });
    if (found.isErr()) return err(found.error);
    if (found.value === undefined) return err(runNotFound(runId));
    if (found.value.status === "COMPLETED") return err(notResumable(found.value));
    const unchanged = await checkDefinition(executable, found.value, store);
    if (unchanged.isErr()) return err(unchanged.error);
    const claimed = await claim(parts, found.value);
    if (claimed.isErr()) return err(claimed.error);
    const record = claimed.value;
    const steps = await store.history.steps({ runId });
    if (steps.isErr()) return err(steps.error);

    const history = historyOf(executable, steps.value, storedContext(record, environment));
    const program = executable.program();
    const first = program.start(history.settled);
    return live({
      executable,
      program,
      context: history.context,
      counter: history.counter,
      order: history.order,
      attempts: history.attempts,
      wornOut: history.wornOut,
      signal: options.signal,
      durable: { store, recorder, owner: owner.id, fence: record.fence },
    }).drive(first, {
      recorded: false,
      events: [{ type: "run.resumed", payload: { name: executable.name, fence: record.fence } }],
    });
  }

  /** One child run per step: a repeated attempt finds it by its id and goes on with it. */
  async function runGroup(
    context: WorkflowContext,
    step: string,
    child: ChildRun,
    signal: AbortSignal,
  ): Promise<Result<Run, SpineError>> {
    const group = environment.groups.get(child.group);
    if (group.isErr()) return err(group.error);
    const executable = groupExecutable(group.value);
    if (executable.isErr()) return err(executable.error);
    const childRunId = `${context.runId}:${step}`;
    if (parts !== undefined && !context.isDryRun) {
      const earlier = await parts.store.history.get({ runId: childRunId });
      if (earlier.isErr()) return err(earlier.error);
      if (earlier.value?.status === "COMPLETED") return storedRun(parts.store, earlier.value);
      if (earlier.value !== undefined) return resume(executable.value, childRunId, { signal });
    }
    return start(executable.value, { params: child.params, signal }, { context, childRunId });
  }

  return Object.freeze({
    environment,
    owner: parts?.owner ?? nobody,
    start: (executable: Executable, options: RunOptions = {}) => resultAsync(() => start(executable, options)),
    resume: (executable: Executable, runId: string, options: ResumeOptions = {}) =>
      resultAsync(() => resume(executable, runId, options)),
    abandoned: ({ limit = 100 } = {}) =>
      resultAsync(async () => {
        if (parts === undefined) return ok([]);
        const owners = await parts.store.owners.list();
        if (owners.isErr()) return err(owners.error);
        const deadOwners = deadHere(owners.value).map(({ owner }) => owner);
        const runs = await parts.store.runs.abandoned({ deadOwners, limit });
        return runs.map((records) => records.filter(({ parentRunId }) => parentRunId === undefined));
      }),
    close: () => (parts === undefined ? okAsync(undefined) : parts.owner.retire()),
  });
}

const noAttempts: ReadonlyMap<number, number> = new Map();
const noSteps: ReadonlySet<number> = new Set();

function durableParts({ store, ids, clock, logger }: EngineEnvironment): DurableParts | undefined {
  if (store === undefined) return undefined;
  return {
    store,
    recorder: createRecorder(store, clock),
    owner: createOwner({ owners: store.owners, ids, clock, logger }),
  };
}

/** Takes a run over; captures its last owner was still writing end as FAILED, as nobody writes them any more. */
async function claim({ store, owner }: DurableParts, record: RunRecord): Promise<Result<RunRecord, SpineError>> {
  const owned = await owner.ensure();
  if (owned.isErr()) return err(owned.error);
  const owners = await store.owners.list();
  if (owners.isErr()) return err(owners.error);
  const holder = owners.value.find((candidate) => candidate.owner === record.owner);
  const dead = holder === undefined ? undefined : deadHere([holder])[0];
  const claimed = await store.runs.claim({ runId: record.runId, owner: owner.id, deadOwner: dead?.owner });
  if (claimed.isErr()) return err(claimed.error);
  if (claimed.value === undefined) {
    const who = holder === undefined ? "Another process" : `Process ${holder.pid} (lease until ${holder.leaseUntil})`;
    return err(
      new OrchestrationError(`${who} is working on run ${record.runId}. Wait for it, or for its lease to run out.`, {
        code: "RUN_OWNED",
        context: { runId: record.runId, owner: record.owner, remedy: `spine show ${record.runId}` },
      }),
    );
  }
  // A process that this machine sees is gone keeps no lease: whatever else it left is free as well.
  if (dead !== undefined) await store.owners.retire({ owner: dead.owner });
  const captures = await store.captures.list({ runId: record.runId, status: "RUNNING" });
  if (captures.isErr()) return err(captures.error);
  for (const { captureId } of captures.value) {
    const failed = await store.captures.fail({
      captureId,
      error: "The process that wrote it ended before it was complete.",
    });
    if (failed.isErr()) return err(failed.error);
  }
  return ok(claimed.value);
}

async function storedRun(store: Store, record: RunRecord): Promise<Result<Run, SpineError>> {
  const steps = await store.history.steps({ runId: record.runId });
  return steps.map((records) => runOfHistory(record, records));
}

function tellStarted(
  { bus, clock }: EngineEnvironment,
  context: WorkflowContext,
  executable: Executable,
  first: Move,
): void {
  if (!bus.active) return;
  const at = nowOf(clock);
  const { runId } = context;
  bus.emit({
    type: "run.started",
    at,
    runId,
    payload: { name: executable.name, kind: executable.kind, steps: executable.steps.length },
  });
  for (const position of first.run) {
    const { step, attempt } = startOf(executable.steps, position);
    bus.emit({ type: "step.started", at, runId, step, payload: { attempt } });
  }
}

export function runNotFound(runId: string): SpineError {
  return new OrchestrationError(`Run ${runId} is not in this store. List runs with \`spine runs\`.`, {
    code: "RUN_NOT_FOUND",
    context: { runId },
  });
}

function notResumable({ runId, name }: RunRecord): SpineError {
  return new OrchestrationError(
    `Run ${runId} of "${name}" completed, so there is nothing to resume. Start a new run.`,
    {
      code: "RUN_NOT_RESUMABLE",
      context: { runId },
    },
  );
}
