import type { Capture, CaptureSlot } from "../captures/capture.ts";
import type { SpineError } from "../errors/spine-error.ts";
import type { IdSource } from "../ids.ts";
import type { JsonObject } from "../json.ts";
import type { Logger } from "../logger.ts";
import type { AnomalyReport } from "../quality/anomaly.ts";
import type { Gate, GateVerdict } from "../quality/gate.ts";
import type { QualityMetrics } from "../quality/metrics.ts";
import type { RejectReport } from "../quality/reject.ts";
import type { Result, ResultAsync } from "../result.ts";
import type { SqlExecutor, SqlValue } from "../store/sql.ts";
import type { Transaction } from "../store/transaction.ts";
import type { Clock, Instant, InstantInput } from "../time.ts";

/** Which try of which step of which run a piece of code is. */
export interface AttemptFacts {
  readonly runId: string;
  /** Workflow, group or pipeline that was started. */
  readonly name: string;
  readonly step: string;
  /** 1 for the first try. */
  readonly attempt: number;
  /** The same for every attempt of this step of this run: give it to services that know such keys. */
  readonly idempotencyKey: string;
  readonly executionId: string;
  readonly traceId: string;
  readonly batchId: string | undefined;
  readonly parentRunId: string | undefined;
}

/**
 * What a pipeline is given. Open: a part of the host adds its own by `declare module "@spine/core"` and a service of that name.
 */
export interface PipelineContext<Params = unknown, Output = unknown> {
  /** Parsed by the pipeline's schema. */
  readonly params: Params;
  readonly run: AttemptFacts;
  /** Aborted on cancel and time-out: pass it on, and stop soon. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly partition: string | undefined;
  /** Reads see the world as it was then (design 4.6). */
  readonly asOf: Instant | undefined;
  /** Statements outside any transaction. Fails with `SQL_UNAVAILABLE` on a store without SQL. */
  readonly sql: SqlExecutor;
  readonly capture: CaptureAccess;
  /** Records a data problem and goes on. */
  anomaly(this: void, report: AnomalyReport): ResultAsync<void, SpineError>;
  /** Measures for the step's history. The last call wins. */
  quality(this: void, metrics: QualityMetrics): void;
  /** Tells listeners how far the work is; not stored. */
  progress(this: void, fraction: number, message?: string): void;
  /**
   * Ends the step with one short transaction: what `work` writes, the completion of every capture begun in this attempt and
   * the step's own completion happen together or not at all (design 4.5). Only `tx` may be awaited inside; past 30 s it fails
   * with `TX_TOO_LONG`. Once per attempt (`COMMIT_TWICE`). Resolves to what `work` returned.
   */
  commit(this: void, work: (tx: Transaction) => CommitReturn<Output>): ResultAsync<Output, SpineError>;
}

/** What `commit`'s work may return: the step's output, or a Result of it; an Err undoes the transaction. */
export type CommitReturn<Output> =
  | Output
  | Result<Output, unknown>
  | ResultAsync<Output, unknown>
  | PromiseLike<Output | Result<Output, unknown>>;

export interface BeginCapture extends CaptureSlot {
  /** Clock 1: the partition's business date. */
  readonly effectiveDate?: string | undefined;
  /** Clock 2: when the source says it published. */
  readonly publishedAt?: InstantInput | undefined;
  /** Known before the rows are read; else give it to {@link RunningCapture.complete}. */
  readonly contentHash?: string | undefined;
  /** `forced` makes a capture of unchanged content, which makes nothing stale. @defaultValue `first` or `restatement` */
  readonly reason?: string | undefined;
  /** Captures this one is computed from. */
  readonly inputs?: readonly string[] | undefined;
  /**
   * Makes it history: it becomes available when the source published it, or at the instant given here, and is marked `imported`. In
   * whatever order history is loaded, readers get the same answers.
   */
  readonly imported?: boolean | { readonly availableAt: InstantInput } | undefined;
}

export interface CaptureFacts {
  /** @defaultValue the rows written by {@link RunningCapture.insert} */
  readonly rowCount?: number | undefined;
  /** @defaultValue the records given to {@link RunningCapture.reject} */
  readonly rejectCount?: number | undefined;
  readonly contentHash?: string | undefined;
  readonly publishedAt?: InstantInput | undefined;
  readonly metrics?: JsonObject | undefined;
}

/** Content that may be that of the present capture. */
export interface Content extends CaptureSlot {
  readonly contentHash: string;
  /** What it was computed from this time; the present capture keeps them as its own. */
  readonly inputs?: readonly string[] | undefined;
}

/**
 * The ledger of captures as a pipeline uses it: reads resolve as of the run's `asOf`, and a run with an `asOf` sees what it wrote itself
 * before what the world had then.
 */
export interface CaptureAccess {
  /** The capture readers see now (or saw at the run's `asOf`), if any. */
  current(slot: CaptureSlot): ResultAsync<Capture | undefined, SpineError>;
  /**
   * {@link CaptureAccess.current} for what is to be computed from it. Fails with `CAPTURE_NOT_FOUND` when there is none, and with
   * `PARTITION_BLOCKED` when a gate blocked a later capture of the slot: what depends on this partition waits, the rest of the world does not.
   */
  require(slot: CaptureSlot): ResultAsync<Capture, SpineError>;
  /**
   * The present capture when its content is this one, with the fact noted; undefined when there is something new to capture. Ask before
   * {@link CaptureAccess.begin} where the hash is known by then.
   */
  unchanged(content: Content): ResultAsync<Capture | undefined, SpineError>;
  /**
   * Starts a capture, in a commit of its own. No reader sees its rows before `commit`. Fails with `CAPTURE_HELD` while another
   * one of the same slot runs; an attempt that ends without `commit` fails it.
   */
  begin(capture: BeginCapture): ResultAsync<RunningCapture, SpineError>;
}

/** A capture being written by this attempt. */
export interface RunningCapture {
  readonly captureId: string;
  readonly slot: CaptureSlot;
  /**
   * Writes rows under this capture in short commits: each row gets `capture_id`, which is part of the table's key. Resolves to
   * how many were written.
   * @param options.provenance stamps `input_min_capture_id` and `input_max_capture_id` on each row (seed 001 §4, step 5)
   */
  insert(
    table: string,
    rows: readonly Readonly<Record<string, SqlValue>>[],
    options?: { readonly provenance?: boolean },
  ): ResultAsync<number, SpineError>;
  /** Keeps refused records with reason and line. */
  reject(rejects: readonly RejectReport[]): ResultAsync<void, SpineError>;
  /**
   * Runs a gate's checks on what was written and keeps what they found. `PASS`, `WARN` and `QUARANTINE` take effect with `commit`. A gate
   * that blocks ends the capture at once, kept and seen by nobody, and fails with `QUALITY_GATE_FAILED`.
   */
  gate<Subject>(gate: Gate<Subject>, subject: Subject): ResultAsync<GateVerdict, SpineError>;
  /**
   * Ends this capture when its content, known only after it was written, is that of the present one: what was written is swept, the fact
   * is noted, and the present capture comes back. Undefined, and nothing ends, when there is something new.
   */
  unchanged(contentHash: string): ResultAsync<Capture | undefined, SpineError>;
  /** Says what was captured; takes effect with `commit`. */
  complete(facts: CaptureFacts): void;
}
