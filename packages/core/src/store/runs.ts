import type { SerializedError } from "../errors/serialize.ts";
import type { SpineError } from "../errors/spine-error.ts";
import type { Json, JsonObject } from "../json.ts";
import type { QualityMetrics } from "../quality/metrics.ts";
import type { ResultAsync } from "../result.ts";
import type { Instant } from "../time.ts";

export type RunKind = "workflow" | "group" | "pipeline";
export type RunStatus = "RUNNING" | "WAITING" | "COMPLETED" | "FAILED" | "PARTIAL" | "CANCELLED";
export type StepStatus = "RUNNING" | "WAITING" | "COMPLETED" | "FAILED" | "SKIPPED";
/** What somebody asked of a run that another process may be working on; its owner looks and obeys. */
export type RunRequest = "cancel" | "pause";
export type AttemptStatus = "COMPLETED" | "FAILED" | "SKIPPED";

export interface StepCounts {
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** One execution of a workflow, group or pipeline (`core_workflow_runs`). */
export interface RunRecord {
  readonly runId: string;
  readonly kind: RunKind;
  readonly name: string;
  readonly version: string;
  readonly domain: string | undefined;
  readonly partition: string | undefined;
  readonly asOf: Instant | undefined;
  readonly status: RunStatus;
  /** As given, after defaults. */
  readonly params: JsonObject;
  readonly error: SerializedError | undefined;
  /** The first step that failed, in time. */
  readonly errorStep: string | undefined;
  readonly counts: StepCounts;
  readonly startedAt: Instant;
  readonly completedAt: Instant | undefined;
  readonly durationMs: number | undefined;
  readonly triggeredBy: string;
  readonly parentRunId: string | undefined;
  readonly batchId: string | undefined;
  readonly traceId: string;
  readonly executionId: string;
  readonly dryRun: boolean;
  /** Hash of the definition the run started with; its text by {@link RunStore.definition}. */
  readonly definitionHash: string;
  /** Process that owns a running run, and the number that grows with each owner. */
  readonly owner: string | undefined;
  readonly fence: number;
  /** Unique among the runs of one kind and name: the same key is the same run. */
  readonly idempotencyKey: string | undefined;
  /** The run whose outputs this one began with, and the first step it did anew. */
  readonly rerunOf: string | undefined;
  readonly rerunFrom: string | undefined;
  /** Of runs that are due or queued, those with more come first. */
  readonly priority: number;
  /** What it holds a slot of, or queues for. */
  readonly concurrencyKey: string | undefined;
  /** When a WAITING run goes on by itself; without one it waits to be signalled or resumed. */
  readonly dueAt: Instant | undefined;
  readonly requested: RunRequest | undefined;
}

/** One step of one run (`core_workflow_steps`): its present state. */
export interface StepRecord {
  readonly runId: string;
  readonly step: string;
  readonly kind: string;
  /** Position in the definition, from 0. */
  readonly position: number;
  readonly status: StepStatus;
  /** Tries so far, the running one included. */
  readonly attempt: number;
  readonly startedAt: Instant | undefined;
  readonly completedAt: Instant | undefined;
  readonly durationMs: number | undefined;
  readonly output: Json | undefined;
  /** What the step merged into the run's parameters. */
  readonly updates: JsonObject | undefined;
  readonly error: SerializedError | undefined;
  /** Why it was skipped. */
  readonly reason: string | undefined;
  readonly quality: QualityMetrics | undefined;
  /** The step it said to go on with. */
  readonly next: string | undefined;
  /** Counts settlements within the run: the order in which outputs and updates entered the context. */
  readonly order: number | undefined;
  /** What it waits for, or waited for last, in the words of its kind. */
  readonly wait: JsonObject | undefined;
}

/** One finished try of a step (`core_workflow_attempts`). */
export interface AttemptRecord {
  readonly runId: string;
  readonly step: string;
  readonly attempt: number;
  readonly status: AttemptStatus;
  readonly startedAt: Instant;
  readonly completedAt: Instant;
  readonly durationMs: number;
  readonly error: SerializedError | undefined;
}

/** An entry of the event log (`core_workflow_events`); `sequence` grows with every event of the store. */
export interface EventRecord {
  readonly sequence: number;
  readonly runId: string;
  readonly step: string | undefined;
  readonly type: string;
  readonly at: Instant;
  readonly payload: JsonObject;
}

type Given = "idempotencyKey" | "rerunOf" | "rerunFrom" | "priority" | "concurrencyKey";

export type NewRun = Omit<
  RunRecord,
  | "status"
  | "error"
  | "errorStep"
  | "startedAt"
  | "completedAt"
  | "durationMs"
  | "fence"
  | "owner"
  | "dueAt"
  | "requested"
  | Given
> &
  Partial<Pick<RunRecord, Given>> & { readonly owner: string; readonly definition: JsonObject };

export interface StepStart {
  readonly step: string;
  readonly kind: string;
  readonly position: number;
  readonly attempt: number;
}

export interface StepSettlement {
  readonly step: string;
  readonly kind: string;
  readonly position: number;
  readonly status: "COMPLETED" | "FAILED" | "SKIPPED";
  /** 0 for a step that was passed over and never tried. */
  readonly attempt: number;
  readonly order: number;
  readonly durationMs?: number | undefined;
  readonly output?: Json | undefined;
  readonly updates?: JsonObject | undefined;
  readonly error?: SerializedError | undefined;
  readonly reason?: string | undefined;
  readonly quality?: QualityMetrics | undefined;
  readonly next?: string | undefined;
}

export interface AttemptEnd {
  readonly step: string;
  readonly attempt: number;
  readonly status: AttemptStatus;
  readonly durationMs: number;
  readonly error?: SerializedError | undefined;
}

export interface NewEvent {
  readonly type: string;
  readonly step?: string | undefined;
  readonly payload: JsonObject;
}

/** One durable transition of a run: all of it or nothing, and only while the owner and fence are still its own. */
export interface Transition {
  readonly runId: string;
  readonly owner: string;
  readonly fence: number;
  readonly settled: readonly StepSettlement[];
  readonly started: readonly StepStart[];
  readonly attempts: readonly AttemptEnd[];
  readonly events: readonly NewEvent[];
  readonly counts: StepCounts;
  /** Given when the run ends with this transition. */
  readonly end?: {
    readonly status: Exclude<RunStatus, "RUNNING" | "WAITING">;
    readonly durationMs: number;
    readonly error?: SerializedError | undefined;
    readonly errorStep?: string | undefined;
  };
}

export interface CheckpointResult {
  /** Runs whose transition was kept; one that is not here belongs to somebody else now. */
  readonly kept: ReadonlySet<string>;
  /** The store's clock at the commit. */
  readonly at: Instant;
}

/** Steps that wait, and whether the run is left to itself until it is due. */
export interface Suspension {
  readonly runId: string;
  readonly owner: string;
  readonly fence: number;
  readonly waits: readonly { readonly step: string; readonly wait: JsonObject }[];
  readonly events: readonly NewEvent[];
  /** Given when nothing of the run can go on now: it becomes WAITING, without an owner. */
  readonly park?: {
    /** When it is due; without one it waits to be signalled or resumed. */
    readonly dueAt: Instant | undefined;
    /** The last signal the run knows of; if there is a later one it is due at once. */
    readonly signalsSeen: number;
    /** Runs it waits for: it is due when the first of them is, or has ended. */
    readonly children?: readonly string[] | undefined;
  };
}

/** The writes of the engine. Each is one commit. */
export interface RunStore {
  /** Records a run, owned, with its first steps started. Resolves to the store's clock at the commit. */
  create(run: {
    readonly run: NewRun;
    readonly started: readonly StepStart[];
    readonly events: readonly NewEvent[];
  }): ResultAsync<{ readonly at: Instant; readonly fence: number }, SpineError>;
  /** Keeps transitions of any number of runs in one commit. A lost fence loses its own run's transition only. */
  checkpoint(transitions: readonly Transition[]): ResultAsync<CheckpointResult, SpineError>;
  /**
   * Makes a run ours when it has no owner, when its owner's lease ran out, or when its owner is `deadOwner`, which the caller
   * knows to be gone, and it has not COMPLETED. The status becomes RUNNING (error, end, due instant and request are cleared), the
   * fence grows, and steps found RUNNING count one more attempt. Resolves to undefined when somebody else owns it.
   */
  claim(run: {
    readonly runId: string;
    readonly owner: string;
    readonly deadOwner?: string | undefined;
    /** Only a run of one of these statuses: a waker must not begin what failed meanwhile. @defaultValue all but COMPLETED */
    readonly statuses?: readonly RunStatus[] | undefined;
    /** The definition it goes on with, when that is not its own any more. */
    readonly definition?: { readonly hash: string; readonly document: JsonObject } | undefined;
  }): ResultAsync<RunRecord | undefined, SpineError>;
  /** Records what steps wait for, fenced as a checkpoint is. Resolves to whether it was kept. */
  suspend(suspension: Suspension): ResultAsync<boolean, SpineError>;
  /** WAITING runs that are due and nobody's child, by priority then age, and when the next one is. */
  due(filter: {
    readonly limit: number;
  }): ResultAsync<{ readonly runs: readonly RunRecord[]; readonly next: Instant | undefined }, SpineError>;
  /** Leaves a request for whoever owns the run; a WAITING run that is to be cancelled is due at once. */
  request(run: {
    readonly runId: string;
    readonly request: RunRequest;
  }): ResultAsync<RunRecord | undefined, SpineError>;
  /** Requests for the running runs of an owner. */
  requests(filter: {
    readonly owner: string;
  }): ResultAsync<readonly { readonly runId: string; readonly request: RunRequest }[], SpineError>;
  /** Running runs whose owner's lease ran out, or is one of `deadOwners`; oldest first. */
  abandoned(filter: {
    readonly deadOwners: readonly string[];
    readonly limit: number;
  }): ResultAsync<readonly RunRecord[], SpineError>;
  /** The definition a run started with. */
  definition(run: { readonly definitionHash: string }): ResultAsync<JsonObject | undefined, SpineError>;
}

export interface ListRuns {
  readonly name?: string | undefined;
  readonly kind?: RunKind | undefined;
  readonly status?: RunStatus | undefined;
  readonly partition?: string | undefined;
  readonly batchId?: string | undefined;
  readonly parentRunId?: string | undefined;
  readonly domain?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly rerunOf?: string | undefined;
  /** Started at this instant or later. */
  readonly startedFrom?: Instant | undefined;
  /** Started before this instant. */
  readonly startedUntil?: Instant | undefined;
  /** Only runs older than this one: the last id of the page before. */
  readonly before?: string | undefined;
  /** @defaultValue 50 */
  readonly limit?: number | undefined;
}

/** The reads of history. */
export interface RunHistory {
  get(run: { readonly runId: string }): ResultAsync<RunRecord | undefined, SpineError>;
  /** Newest first. */
  list(filter: ListRuns): ResultAsync<readonly RunRecord[], SpineError>;
  /** By position, then name. */
  steps(run: { readonly runId: string }): ResultAsync<readonly StepRecord[], SpineError>;
  attempts(run: { readonly runId: string }): ResultAsync<readonly AttemptRecord[], SpineError>;
  /** Oldest first, after a sequence number; of one run or of all. */
  events(filter: {
    readonly runId?: string | undefined;
    readonly after?: number | undefined;
    readonly limit?: number | undefined;
  }): ResultAsync<readonly EventRecord[], SpineError>;
}
