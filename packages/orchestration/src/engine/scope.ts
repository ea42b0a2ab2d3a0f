import type {
  AttemptFacts,
  Clock,
  ContextService,
  EventBus,
  IdSource,
  Json,
  JsonObject,
  Logger,
  Pipeline,
  QualityMetrics,
  Registry,
  SpineError,
  ResultAsync,
  SignalRecord,
  Store,
} from "@spine/core";
import type { Group } from "../groups/group.ts";
import type { Workflow } from "../workflows/workflow.ts";
import type { AttemptWork } from "./attempt-work.ts";
import type { Outcome, StepOutcome, Wait } from "./program.ts";
import type { Run } from "./run.ts";

/** What the engine works with; made once from a host, or by hand for the runners. */
export interface EngineEnvironment {
  readonly pipelines: Registry<Pipeline>;
  readonly groups: Registry<Group>;
  readonly workflows: Registry<Workflow>;
  /** Without a store nothing is recorded and nothing survives. */
  readonly store: Store | undefined;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly logger: Logger;
  readonly services: Readonly<Record<string, ContextService>>;
  /** 0 ≤ random < 1, for jitter. */
  readonly random: () => number;
}

/** A run that a step starts. */
export interface ChildRun {
  readonly kind: "group" | "workflow";
  readonly name: string;
  readonly params: JsonObject;
  /** Tells several children of one step apart. */
  readonly key?: string;
  /** A run of its own that nobody waits for. @defaultValue false */
  readonly detached?: boolean;
}

/** Who writes for a run, as ports that are fenced want to know it. */
export interface RunOwnership {
  readonly runId: string;
  readonly owner: string;
  readonly fence: number;
}

export interface ItemScope extends StepScope {
  /** Shuts the item's doors. Resolves to how it ended, when its own `commit` has ended it. */
  end(outcome: StepOutcome): Promise<Outcome | undefined>;
}

/** What a step kind is given besides the context: one attempt's facts and doors. */
export interface StepScope {
  readonly environment: EngineEnvironment;
  readonly step: string;
  readonly attempt: number;
  /** Aborted on cancel and time-out. */
  readonly signal: AbortSignal;
  facts(): AttemptFacts;
  /** Measures for the step's history; the last call wins. */
  quality(metrics: QualityMetrics): void;
  /** Tells listeners how far the attempt is. */
  progress(fraction: number, message: string | undefined): void;
  /** Captures, commit and anomalies of this attempt. Throws `CAPABILITY_MISSING` without a store. */
  work(): AttemptWork;
  /** How the step ended, once its `commit` has ended it. */
  committed(): Outcome | undefined;
  /** Runs a group or workflow as a child of this step; one run per step (and key) of a run, however often it is tried. */
  runChild(child: ChildRun): ResultAsync<Run, SpineError>;
  /** What the step said it waits for, when it is asked again. */
  readonly wait: Wait | undefined;
  /** Signals of this name that no step of the run has taken yet, oldest first. Fails with `CAPABILITY_MISSING` without a store. */
  signals(name: string): ResultAsync<readonly SignalRecord[], SpineError>;
  /** The current capture of a slot as JSON, or undefined while there is none; whether it is ready is the store's word. */
  isReady(slot: {
    readonly domain: string;
    readonly partition: string;
    readonly stage: string;
    readonly tier?: string;
  }): ResultAsync<Json | undefined, SpineError>;
  /** Whether {@link signal} is aborted, without making one. */
  readonly isAborted: boolean;
  /** The scope of one item of a map step: its `commit` settles the item and not the step. */
  forItem(index: number, attempt: number): ItemScope;
  /** Undefined in a run that is not recorded. */
  readonly ownership: RunOwnership | undefined;
}
