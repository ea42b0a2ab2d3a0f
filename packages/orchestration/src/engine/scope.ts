import type {
  AttemptFacts,
  Clock,
  ContextService,
  EventBus,
  IdSource,
  JsonObject,
  Logger,
  Pipeline,
  QualityMetrics,
  Registry,
  SpineError,
  ResultAsync,
  Store,
} from "@spine/core";
import type { Group } from "../groups/group.ts";
import type { AttemptWork } from "./attempt-work.ts";
import type { Outcome } from "./program.ts";
import type { Run } from "./run.ts";

/** What the engine works with; made once from a host, or by hand for the runners. */
export interface EngineEnvironment {
  readonly pipelines: Registry<Pipeline>;
  readonly groups: Registry<Group>;
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

export interface ChildRun {
  readonly group: string;
  readonly params: JsonObject;
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
  /** Runs a group as a child of this step; one run per step of a run, however often it is tried. */
  runGroup(child: ChildRun): ResultAsync<Run, SpineError>;
}
