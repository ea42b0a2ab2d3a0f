import {
  type AnomalyReport,
  type AttemptFacts,
  type Capture,
  encodeJson,
  err,
  type IdSource,
  type Instant,
  type Json,
  jsonSizeBytes,
  type NewEvent,
  nowOf,
  ok,
  type QualityMetrics,
  type ReferenceStore,
  type Result,
  type ResultAsync,
  resultAsync,
  SpineError,
  type Store,
  type Transaction,
  type Transition,
} from "@spine/core";
import { type AttemptCaptures, createAttemptCaptures } from "./capture-access.ts";
import type { Outcome } from "./program.ts";
import { fenced } from "./recorder.ts";
import type { EngineEnvironment } from "./scope.ts";

/** Outputs above this many bytes of JSON text travel as references (design 4.4). */
export const inlineLimitBytes = 64 * 1024;

/** The doors of one attempt: captures, commit, anomalies, quality, progress. Closed when the attempt ends. */
export interface AttemptWork {
  readonly captures: AttemptCaptures;
  /** Ends the step in one short transaction; `check` is the pipeline's output schema. */
  commit<T>(
    work: (tx: Transaction) => PromiseLike<T> | T,
    check: (output: unknown) => Promise<Result<unknown, SpineError>>,
  ): ResultAsync<T, SpineError>;
  anomaly(report: AnomalyReport): ResultAsync<void, SpineError>;
  quality(metrics: QualityMetrics): void;
  progress(fraction: number, message: string | undefined): void;
  readonly measured: QualityMetrics | undefined;
  /** How the step ended, once `commit` has ended it. */
  readonly committed: Outcome | undefined;
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
  /** The run's transition when this step ends so; used at most once. */
  readonly transitionOf: (outcome: Outcome) => Transition;
}

export function createAttemptWork(options: AttemptWorkOptions): AttemptWork {
  const { environment, facts, signal } = options;
  const { store, ids, bus, clock } = environment;
  let open = true;
  let committing = false;
  let committed: Outcome | undefined;
  let measured: QualityMetrics | undefined;

  const captures = createAttemptCaptures(
    environment,
    { runId: facts.runId, step: facts.step, owner: options.owner, asOf: options.asOf },
    () => open && committed === undefined,
  );

  async function refuse(): Promise<SpineError | undefined> {
    if (committing)
      return new SpineError(
        "COMMIT_TWICE",
        `Step "${facts.step}" called commit a second time. A step ends with one commit.`,
      );
    if (open && !signal.aborted) return undefined;
    return new SpineError("CANCELLED", `Step "${facts.step}" came too late to commit: its attempt has ended.`, {
      cause: signal.reason,
    });
  }

  return {
    captures,
    get measured() {
      return measured;
    },
    get committed() {
      return committed;
    },
    commit: (work, check) =>
      resultAsync(async () => {
        const refused = await refuse();
        if (refused !== undefined) return err(refused);
        committing = true;
        let outcome: Outcome | undefined;
        const result = await store.transaction(async (tx) => {
          const returned = await work(tx);
          const checked = unwrap(await check(returned));
          const output = unwrap(checked === undefined ? ok(undefined) : encodeJson(checked));
          const events: NewEvent[] = [];
          for (const completion of captures.completions()) {
            events.push(capturedEvent(facts.step, unwrap(await tx.captures.complete(completion))));
          }
          const kept = output === undefined ? undefined : unwrap(await spill(output, tx.references, ids, facts.runId));
          outcome = {
            status: "COMPLETED",
            ...(kept === undefined ? {} : { output: kept }),
            ...(measured === undefined ? {} : { quality: measured }),
            ...(events.length === 0 ? {} : { events }),
          };
          // The fence is checked last: whoever lost the run loses all of this (design 4.5).
          const transition = options.transitionOf(outcome);
          const { kept: passed } = unwrap(await tx.runs.checkpoint([transition]));
          if (!passed.has(transition.runId) || !open || signal.aborted) throw fenced(transition);
          return returned;
        });
        if (result.isOk()) committed = outcome;
        else committing = result.error.code === "RUN_FENCED";
        return result;
      }),
    anomaly: (report) =>
      store.anomalies.record([
        {
          anomalyId: ids.next("ano"),
          code: report.code,
          severity: report.severity ?? "WARNING",
          message: report.message,
          captureId: report.captureId,
          domain: report.domain ?? options.domain,
          partition: report.partition ?? options.partition,
          stage: report.stage,
          runId: facts.runId,
          step: facts.step,
          context: report.context ?? {},
        },
      ]),
    quality(metrics) {
      measured = metrics;
    },
    progress(fraction, message) {
      if (!bus.active) return;
      bus.emit({
        type: "step.progress",
        at: nowOf(clock),
        runId: facts.runId,
        step: facts.step,
        payload: { fraction, ...(message === undefined ? {} : { message }) },
      });
    },
    async close(reason) {
      open = false;
      if (committed === undefined) await captures.abandon(reason);
    },
  };
}

function capturedEvent(step: string, capture: Capture): NewEvent {
  const { captureId, domain, partition, stage, tier, rowCount, rejectCount, reason, supersedes } = capture;
  return {
    type: "capture.completed",
    step,
    payload: {
      captureId,
      domain,
      partition,
      stage,
      tier,
      rowCount: rowCount ?? 0,
      rejectCount: rejectCount ?? 0,
      ...(reason === undefined ? {} : { reason }),
      ...(supersedes === undefined ? {} : { supersedes }),
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
  if ((typeof output !== "object" && typeof output !== "string") || jsonSizeBytes(output) <= inlineLimitBytes) return ok(output);
  const reference = await references.put({ id: ids.next("ref"), value: output, runId });
  return reference.map(({ $ref, sizeBytes, contentHash }) => Object.freeze({ $ref, sizeBytes, contentHash }));
}

function unwrap<T>(result: Result<T, SpineError>): T {
  if (result.isErr()) throw result.error;
  return result.value;
}
