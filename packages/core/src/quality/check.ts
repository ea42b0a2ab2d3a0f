import type { Capture, CaptureSlot } from "../captures/capture.ts";
import type { Json } from "../json.ts";
import type { Result, ResultAsync } from "../result.ts";
import type { SqlExecutor } from "../store/sql.ts";
import type { Instant } from "../time.ts";

export type CheckCategory = "INTEGRITY" | "COMPLETENESS" | "BUSINESS_RULE";
export type CheckStatus = "PASS" | "WARN" | "FAIL";

/** What one check says of the data. */
export interface CheckVerdict {
  readonly status: CheckStatus;
  readonly message: string;
  readonly actual?: Json | undefined;
  readonly expected?: Json | undefined;
}

/** What a check may look at. */
export interface CheckContext<Subject = unknown> {
  readonly slot: CaptureSlot;
  /** The capture that is being judged, its rows written and seen by nobody yet. */
  readonly captureId: string;
  /** What the pipeline hands to the gate: counts, sums, rows. */
  readonly subject: Subject;
  /** The last captures of the slot's domain, stage and tier that were available, newest first: other partitions as well. */
  history(limit: number): ResultAsync<readonly Capture[], Error>;
  readonly sql: SqlExecutor;
}

type Verdict = CheckVerdict | Result<CheckVerdict, unknown>;

/** A named rule about data. A check that throws or returns an Err has failed, and the others still run. */
export interface Check<Subject = unknown> {
  readonly name: string;
  readonly category: CheckCategory;
  check(context: CheckContext<Subject>): Verdict | PromiseLike<Verdict> | ResultAsync<CheckVerdict, unknown>;
}

/** A verdict as it is kept (`core_quality`). */
export interface CheckResult extends CheckVerdict {
  readonly resultId: string;
  readonly captureId: string;
  readonly gate: string;
  readonly check: string;
  readonly category: CheckCategory;
  readonly runId: string | undefined;
  readonly step: string | undefined;
  readonly recordedAt: Instant;
}
