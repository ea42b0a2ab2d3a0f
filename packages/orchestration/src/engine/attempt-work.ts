import {
  type AnomalyReport,
  type AttemptFacts,
  type CommitReturn,
  encodeJson,
  err,
  type IdSource,
  isResult,
  type Instant,
  type Json,
  jsonSizeBytes,
  type NewEvent,
  ok,
  type QualityMetrics,
  type ReferenceStore,
  type Result,
  type ResultAsync,
  resultAsync,
  SpineError,
  toSpineError,
  type Store,
  type StoreTransaction,
  type Transaction,
} from "@spine/core";
import { type AttemptCaptures, createAttemptCaptures } from "./capture-access.ts";
import { eventsOfCompletion } from "./capture-events.ts";
import type { Outcome } from "./program.ts";
import { fenced } from "./recorder.ts";
import type { EngineEnvironment } from "./scope.ts";

/** Outputs above this many bytes of JSON text travel as references (design 4.4). */
const inlineLimitBytes = 64 * 1024;

type CommitWork<T> = (tx: Transaction) => CommitReturn<T>;
type OutputCheck = (output: unknown) => Promise<Result<unknown, SpineError>>;

/** The doors of one attempt to the store: captures, commit, anomalies. Closed when the attempt ends. */
export interface AttemptWork {
  readonly captures: AttemptCaptures;
  /** Ends the step in one short transaction; `check` is the pipeline's output schema. */
  commit<T>(work: CommitWork<T>, check: OutputCheck): ResultAsync<T, SpineError>;
  anomaly(report: AnomalyReport): ResultAsync<void, SpineError>;
  /** How the step ended, once `commit` has ended it. */
  readonly committed: Outcome | undefined;
  /** What happened to captures besides the commit, to be recorded with the step's end. */
  readonly events: readonly NewEvent[];
  /** Shuts the doors and fails captures that were begun and not completed. */
  close(reason: string): Promise<void>;
}

export interface AttemptWorkOptions {
  readonly environment: EngineEnvironment & { readonly store: Store };
  readonly facts: AttemptFacts;
  readonly owner: string;
  readonly domain: string | undefined;
  readonly partition: string | undefined;
  readonly asOf: Instant | undefined;
  readonly signal: AbortSignal;
  /** What the step has measured so far. */
  readonly measured: () => QualityMetrics | undefined;
  readonly ending: Ending;
}

/** How a commit ends what it was made for: a step, or one item of it. */
export interface Ending {
  /** Joins the transaction, used at most once. Resolves to whether the run is still ours. */
  settle(tx: StoreTransaction, outcome: Outcome): Promise<Result<boolean, SpineError>>;
  /** Whether the end is in the store, for a commit whose answer got lost. */
  wasKept(): Promise<boolean>;
}

export function createAttemptWork(options: AttemptWorkOptions): AttemptWork {
  const { environment, facts, signal } = options;
  const { store, ids } = environment;
  let open = true;
  let committing = false;
  let inFlight: ResultAsync<unknown, SpineError> | undefined;
  let committed: Outcome | undefined;
  const told: NewEvent[] = [];

  const captures = createAttemptCaptures({
    environment,
    holder: { runId: facts.runId, step: facts.step, owner: options.owner, asOf: options.asOf },
    isOpen: () => open && committed === undefined,
    tell: (event) => void told.push(event),
  });

  function refuse(): SpineError | undefined {
    if (!committing) return tooLate();
    return new SpineError(
      "COMMIT_TWICE",
      `Step "${facts.step}" called commit a second time. A step ends with one commit.`,
    );
  }

  function tooLate(): SpineError | undefined {
    if (open && !signal.aborted) return undefined;
    return new SpineError("CANCELLED", `Step "${facts.step}" came too late to commit: its attempt has ended.`, {
      cause: signal.reason,
    });
  }

  /** Completes the captures and says how the step ends, inside its transaction. */
  async function outcomeIn(tx: StoreTransaction, returned: unknown): Promise<Outcome> {
    const output = returned === undefined ? undefined : unwrap(encodeJson(returned));
    const events: NewEvent[] = [...told];
    for (const completion of captures.completions()) {
      events.push(...eventsOfCompletion(facts.step, unwrap(await tx.captures.complete(completion))));
    }
    const kept = output === undefined ? undefined : unwrap(await spill(output, tx.references, ids, facts.runId));
    const measured = options.measured();
    return {
      status: "COMPLETED",
      ...(kept === undefined ? {} : { output: kept }),
      ...(measured === undefined ? {} : { quality: measured }),
      ...(events.length === 0 ? {} : { events }),
    };
  }

  /** A connection that breaks during COMMIT leaves open whether it was kept; the step's row knows. */
  async function wasKept(error: SpineError): Promise<boolean> {
    if (error.category !== "DATABASE" || !error.retryable) return false;
    return options.ending.wasKept();
  }

  async function endStep<T>(work: CommitWork<T>, check: OutputCheck): Promise<Result<T, SpineError>> {
    const refused = refuse();
    if (refused !== undefined) return err(refused);
    committing = true;
    const ended: { value?: T; outcome?: Outcome } = {};
    const result = await store.transaction(async (tx) => {
      const value = valueOf(await work(tx));
      ended.value = value;
      ended.outcome = await outcomeIn(tx, unwrap(await check(value)));
      // The fence is checked last: whoever lost the run loses all of this (design 4.5).
      if (!unwrap(await options.ending.settle(tx, ended.outcome))) throw fenced(facts);
      const late = tooLate();
      if (late !== undefined) throw late;
    });
    if (result.isOk() || (ended.outcome !== undefined && (await wasKept(result.error)))) {
      committed = ended.outcome;
      return ok(ended.value as T);
    }
    committing = result.error.code === "RUN_FENCED";
    return err(result.error);
  }

  return {
    captures,
    events: told,
    get committed() {
      return committed;
    },
    commit: (work, check) => {
      const isFirst = !committing;
      const ending = resultAsync(() => endStep(work, check));
      if (isFirst) inFlight = ending;
      return ending;
    },
    anomaly: (report) => {
      const slot = report.captureId === undefined ? undefined : captures.slotOf(report.captureId);
      return store.anomalies.record([
        {
          anomalyId: ids.next("ano"),
          code: report.code,
          severity: report.severity ?? "WARNING",
          message: report.message,
          captureId: report.captureId,
          domain: report.domain ?? slot?.domain ?? options.domain,
          partition: report.partition ?? slot?.partition ?? options.partition,
          stage: report.stage ?? slot?.stage,
          runId: facts.runId,
          step: facts.step,
          context: report.context ?? {},
        },
      ]);
    },
    async close(reason) {
      open = false;
      // A commit that is under way ends within its deadline, and only then it is known how the step ended.
      await inFlight;
      if (committed !== undefined) return;
      await captures.abandon(reason);
      await captures.sweep();
    },
  };
}

/** The output itself, or a reference to it when it is too large to travel. */
export async function spill(
  output: Json,
  references: ReferenceStore,
  ids: IdSource,
  runId: string,
): Promise<Result<Json, SpineError>> {
  if ((typeof output !== "object" && typeof output !== "string") || jsonSizeBytes(output) <= inlineLimitBytes)
    return ok(output);
  const reference = await references.put({ id: ids.next("ref"), value: output, runId });
  return reference.map(({ $ref, sizeBytes, contentHash }) => Object.freeze({ $ref, sizeBytes, contentHash }));
}

function unwrap<T>(result: Result<T, SpineError>): T {
  if (result.isErr()) throw result.error;
  return result.value;
}

/** User code may return a Result; its Err undoes the transaction as a throw would. */
function valueOf<T>(returned: T | Result<T, unknown>): T {
  if (!isResult(returned)) return returned;
  if (returned.isErr()) throw toSpineError(returned.error, "STEP_THREW");
  return returned.value;
}
