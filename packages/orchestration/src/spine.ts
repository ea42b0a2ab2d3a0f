import {
  type Calendar,
  type CaptureLedger,
  createCaptureLedger,
  createExpectations,
  createHost,
  didYouMean,
  err,
  type EventBus,
  type Expectation,
  type Expectations,
  type Host,
  type HostOptions,
  type HostPart,
  ok,
  OrchestrationError,
  type Pipeline,
  type Plugin,
  type Result,
  type ResultAsync,
  resultAsync,
  type RunRecord,
  type SpineError,
  type Store,
  sweepCaptures,
} from "@spine/core";
import { type Backfills, createBackfills } from "./backfill/backfills.ts";
import { createBackfillWorker } from "./backfill/backfill-worker.ts";
import { createEngine, type Engine } from "./engine/engine.ts";
import type { RerunOptions, ResumeOptions } from "./engine/resume-options.ts";
import type { Executable } from "./engine/executable.ts";
import { pipelineExecutable } from "./engine/pipeline-executable.ts";
import type { RunOptions } from "./engine/prepare.ts";
import type { Run } from "./engine/run.ts";
import { runNotFound } from "./engine/run-errors.ts";
import { createWaker, type Waker, type WakerOptions } from "./engine/waker.ts";
import { createRunsApi, type RunsApi } from "./runs-api.ts";
import { createDefinitions, type Definitions } from "./definitions.ts";
import type { Group } from "./groups/group.ts";
import { groupExecutable } from "./groups/group-executable.ts";
import { type GroupExecution, groupExecutionOf } from "./groups/group-execution.ts";
import { groupsOf } from "./groups/group-registry.ts";
import { type Plan, type PlanOptions, resolvePlan } from "./groups/plan.ts";
import type { AnyPipelineKey, ParamsOfKey } from "./workflows/step.ts";
import type { Workflow } from "./workflows/workflow.ts";
import { workflowExecutable } from "./workflows/workflow-executable.ts";
import type { GivenParams, WorkflowRun } from "./workflows/workflow-runner.ts";

declare module "@spine/core" {
  interface Contributions {
    readonly workflows?: readonly Workflow[];
    readonly groups?: readonly Group[];
  }
}

export interface SpineOptions<Parts extends readonly HostPart[] = readonly HostPart[]> extends Omit<
  HostOptions,
  "parts"
> {
  readonly workflows?: readonly Workflow[];
  readonly groups?: readonly Group[];
  /** What should exist, besides what plugins expect. */
  readonly expectations?: readonly Expectation[];
  /** Business calendars that expectations name; `weekdays` is always there. */
  readonly calendars?: readonly Calendar[];
  /** Packages that join with an API of their own, such as `sources()`. */
  readonly parts?: Parts;
}

/** The APIs of the parts, by their names. */
export type PartApis<Parts extends readonly HostPart[]> = {
  readonly [P in Parts[number] as P["name"]]: P extends HostPart<string, infer Api> ? Api : never;
};

export interface WorkflowsApi {
  /** Runs a registered workflow by name, or one that is given. Err when it could not be started or recorded. */
  run<Params, Outputs>(
    workflow: Workflow<Params, Outputs>,
    options?: RunOptions<GivenParams<Params>>,
  ): ResultAsync<WorkflowRun<Outputs>, SpineError>;
  run(workflow: string, options?: RunOptions): ResultAsync<WorkflowRun<UntypedOutputs>, SpineError>;
  get(name: string): Result<Workflow, SpineError>;
  list(): readonly Workflow[];
}

// A workflow named by a string has outputs that only its author knows.
export type UntypedOutputs = Readonly<Record<string, unknown>>;

export interface GroupsApi {
  run(group: string | Group, options?: RunOptions): ResultAsync<Run, SpineError>;
  /** Starts a run and returns as soon as it is recorded; it goes on by itself. */
  submit(group: string | Group, options?: RunOptions): ResultAsync<GroupExecution, SpineError>;
  /** How far a run is: every step of its definition, PENDING until it is begun. Fails with `RUN_NOT_FOUND`. */
  status(runId: string): ResultAsync<GroupExecution, SpineError>;
  plan(group: string | Group, options?: Omit<PlanOptions, "pipelines">): Result<Plan, SpineError>;
  get(name: string): Result<Group, SpineError>;
  /** @param filter.domain only groups of this domain */
  list(filter?: { readonly domain?: string }): readonly Group[];
}

export interface PipelinesApi {
  run<Key extends AnyPipelineKey>(pipeline: Key, options?: RunOptions<ParamsOfKey<Key>>): ResultAsync<Run, SpineError>;
  get(key: string): Result<Pipeline, SpineError>;
  list(): readonly Pipeline[];
}

/** An instance of spine: definitions, engine and store together. Closing it releases everything it opened. */
export interface Spine {
  readonly workflows: WorkflowsApi;
  readonly groups: GroupsApi;
  readonly pipelines: PipelinesApi;
  /** Runs that have been started: what became of them, and what may be asked of them. */
  readonly runs: RunsApi;
  /** The ledger of captures, for code outside pipelines. */
  readonly captures: CaptureLedger;
  /** What should exist, compared with what does: gaps, lateness, readiness. */
  readonly expectations: Expectations;
  readonly backfills: Backfills;
  readonly store: Store;
  readonly events: EventBus;
  readonly plugins: readonly Plugin[];
  /** Runs whatever has this name: a workflow, else a group, else a pipeline. Fails with `RUNNABLE_NOT_FOUND`. */
  run(name: string, options?: RunOptions): ResultAsync<Run, SpineError>;
  /** Starts whatever has this name and hands the run out as soon as it is recorded; it goes on by itself. */
  submit(name: string, options?: RunOptions): ResultAsync<RunRecord, SpineError>;
  /** Goes on with an interrupted or failed run; what completed does not run again. */
  resume(runId: string, options?: ResumeOptions): ResultAsync<Run, SpineError>;
  /**
   * Begins to look after runs: wakes those that are due, goes on with those whose process died. Until it is called, nothing happens
   * in the background. Resolves to what stops it.
   */
  start(options?: WakerOptions): Waker;
  /** Runs that have no living owner, oldest first. */
  abandoned(): ResultAsync<readonly RunRecord[], SpineError>;
  /**
   * One pass: goes on with every abandoned run and with every waiting one that is due, and removes rows that captures without a reader
   * have left. Resolves to what became of each run; `backfills.recover` does the same for backfills.
   */
  recover(): ResultAsync<readonly { readonly runId: string; readonly result: Result<Run, SpineError> }[], SpineError>;
  /**
   * Stops looking after runs, begins no further step, and releases everything. Runs under way wait for whoever takes them next.
   * @param options.drainMs how long steps under way may take to end; default 0: they are interrupted
   */
  close(options?: { readonly drainMs?: number }): ResultAsync<void, SpineError>;
}

/**
 * Opens the store, loads plugins and parts, checks that every workflow and group names pipelines that are there, and starts
 * the engine. Fails with the store's errors, `PLUGIN_INVALID`, `KEY_DUPLICATE`, `PIPELINE_NOT_FOUND`, `GROUP_CYCLE`, ….
 * @example
 * const spine = await orThrow(createSpine({ store: sqlite("spine.db"), plugins: [finraOtc] }));
 * const run = await orThrow(spine.workflows.run("finra.weekly_refresh", { params: { week: "2025-11-14" } }));
 */
export function createSpine<const Parts extends readonly HostPart[] = readonly []>(
  options: SpineOptions<Parts>,
): ResultAsync<Spine & PartApis<Parts>, SpineError> {
  const definitions = createDefinitions(options.workflows ?? [], options.groups ?? []);
  const own: HostPart<string, Expectations> = {
    name: "orchestration",
    reads: ["workflows", "groups", "expectations", "calendars"],
    start: (host) =>
      definitions
        .load(host)
        .andThen(() => expectationsOf(host, options))
        .map((api) => ({ api })),
  };
  return createHost({ ...options, parts: [...(options.parts ?? []), own] }).map((host) => {
    const engine = createEngine({
      ...host,
      groups: definitions.groups,
      workflows: definitions.workflows,
      random: Math.random,
    });
    const apis = Object.fromEntries((options.parts ?? []).map(({ name }) => [name, host.part(name)]));
    const expectations = host.part(own.name) as Expectations;
    return Object.freeze({ ...apis, ...spineOf(host, engine, definitions, expectations) }) as unknown as Spine &
      PartApis<Parts>;
  });
}

function expectationsOf(host: Host, options: SpineOptions): Result<Expectations, SpineError> {
  const all = (kind: string, given: readonly unknown[] = []) => [
    ...host.contributions(kind),
    ...given.map((value) => ({ owner: "host", value })),
  ];
  return createExpectations({
    ...host,
    definitions: all("expectations", options.expectations),
    calendars: all("calendars", options.calendars),
  });
}

function spineOf(host: Host, engine: Engine, { workflows, groups }: Definitions, expectations: Expectations): Spine {
  const workflowOf = (given: string | Workflow): Result<Executable, SpineError> =>
    typeof given === "string" ? workflows.get(given).map(workflowExecutable) : ok(workflowExecutable(given));
  const groupOf = (given: string | Group): Result<Group, SpineError> =>
    typeof given === "string" ? groups.get(given) : ok(given);
  const start = (executable: Result<Executable, SpineError>, options?: RunOptions): ResultAsync<Run, SpineError> =>
    resultAsync(async () => (executable.isErr() ? err(executable.error) : engine.start(executable.value, options)));

  function named(name: string): Result<Executable, SpineError> {
    if (workflows.has(name)) return workflowOf(name);
    if (groups.has(name)) return groups.get(name).andThen(groupExecutable);
    if (host.pipelines.has(name)) return host.pipelines.get(name).map(pipelineExecutable);
    const hint = didYouMean(name, [...workflows.keys(), ...groups.keys(), ...host.pipelines.keys()]);
    return err(
      new OrchestrationError(`Nothing is registered as "${name}": no workflow, group or pipeline.${hint}`, {
        code: "RUNNABLE_NOT_FOUND",
        context: { name },
      }),
    );
  }

  function executableOf(record: RunRecord): Result<Executable, SpineError> {
    if (record.kind === "workflow") return workflowOf(record.name);
    if (record.kind === "group") return groups.get(record.name).andThen(groupExecutable);
    return host.pipelines.get(record.name).map(pipelineExecutable);
  }

  const resume = (runId: string, options?: ResumeOptions): ResultAsync<Run, SpineError> =>
    resultAsync(async () => {
      const record = await host.store.history.get({ runId });
      if (record.isErr()) return err(record.error);
      if (record.value === undefined) return err(runNotFound(runId));
      const executable = executableOf(record.value);
      return executable.isErr() ? err(executable.error) : engine.resume(executable.value, runId, options);
    });

  const rerun = (runId: string, options?: RerunOptions): ResultAsync<Run, SpineError> =>
    resultAsync(async () => {
      const record = await host.store.history.get({ runId });
      if (record.isErr()) return err(record.error);
      if (record.value === undefined) return err(runNotFound(runId));
      const executable = executableOf(record.value);
      return executable.isErr() ? err(executable.error) : engine.rerun(executable.value, runId, options);
    });

  const submit = (executable: Result<Executable, SpineError>, options?: RunOptions): ResultAsync<string, SpineError> =>
    resultAsync(async () => (executable.isErr() ? err(executable.error) : engine.submit(executable.value, options)));
  const { store, ids, clock, logger } = host;
  const runs = createRunsApi({ engine, store, resume, rerun });
  const waker = createWaker({ engine, store, clock, logger, executableOf });
  const backfills = createBackfills({
    store: store.backfills,
    ids,
    expectations,
    checkTarget: named,
    worker: createBackfillWorker({
      store: store.backfills,
      owners: store.owners,
      history: store.history,
      owner: engine.owner,
      ids,
      clock,
      logger,
      start: (name, options) => start(named(name), options),
      resume,
    }),
  });
  let closing: ResultAsync<void, SpineError> | undefined;
  return {
    runs,
    start: (options) => waker.start(options),
    workflows: {
      run: (workflow: string | Workflow, options?: RunOptions) => start(workflowOf(workflow), options),
      get: (name) => workflows.get(name),
      list: () => workflows.list().map(({ value }) => value),
    },
    groups: {
      run: (group, options) => start(groupOf(group).andThen(groupExecutable), options),
      submit: (group, options) =>
        submit(groupOf(group).andThen(groupExecutable), options).andThen((runId) =>
          groupExecutionOf(host.store, runId),
        ),
      status: (runId) => groupExecutionOf(host.store, runId),
      plan: (group, options) =>
        groupOf(group).andThen((found) => resolvePlan(found, { ...options, pipelines: host.pipelines })),
      get: (name) => groups.get(name),
      list: ({ domain } = {}) => groupsOf(groups.list(), domain),
    },
    pipelines: {
      run: (key, options) => start(host.pipelines.get(key).map(pipelineExecutable), options as RunOptions),
      get: (key) => host.pipelines.get(key),
      list: () => host.pipelines.list().map(({ value }) => value),
    },
    captures: createCaptureLedger({ store, ids, owner: engine.owner }),
    expectations,
    backfills,
    store,
    events: host.bus,
    plugins: host.plugins,
    run: (name, options) => start(named(name), options),
    submit: (name, options) => submit(named(name), options).andThen((runId) => runs.get(runId)),
    resume,
    abandoned: () => engine.abandoned(),
    recover: () => waker.pass().andThen((passed) => sweepCaptures(store).map(() => passed)),
    close: (options) =>
      (closing ??= resultAsync(async () => {
        waker.stop();
        return closeBoth(engine, host, options);
      })),
  };
}

/** The host closes also when the engine could not say goodbye to the store. */
async function closeBoth(
  engine: Engine,
  host: Host,
  options?: { readonly drainMs?: number },
): Promise<Result<void, SpineError>> {
  const retired = await engine.close(options);
  const closed = await host.close();
  return retired.isErr() ? retired : closed;
}
