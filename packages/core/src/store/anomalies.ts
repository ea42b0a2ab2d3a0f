import type { Anomaly, AnomalyChange, AnomalySeverity, AnomalyStatus } from "../quality/anomaly.ts";
import type { Reject } from "../quality/reject.ts";
import type { SpineError } from "../errors/spine-error.ts";
import type { ResultAsync } from "../result.ts";

export type NewAnomaly = Omit<Anomaly, "recordedAt" | "status" | "statusBy" | "statusReason" | "statusAt">;
export type NewReject = Omit<Reject, "createdAt">;

/** Recorded data problems (`core_anomalies`) and refused records (`core_rejects`). */
export interface AnomalyStore {
  record(anomalies: readonly NewAnomaly[]): ResultAsync<void, SpineError>;
  /** Newest first. */
  list(filter: {
    readonly domain?: string | undefined;
    readonly partition?: string | undefined;
    readonly captureId?: string | undefined;
    readonly runId?: string | undefined;
    /** Any of them. */
    readonly statuses?: readonly AnomalyStatus[] | undefined;
    readonly severity?: AnomalySeverity | undefined;
    readonly limit?: number | undefined;
  }): ResultAsync<readonly Anomaly[], SpineError>;
  /**
   * Moves an anomaly on: OPEN → ACKNOWLEDGED → RESOLVED or ACCEPTED, or there at once; back to OPEN from any. Fails with
   * `ANOMALY_NOT_FOUND`, `ANOMALY_STATUS_INVALID`.
   */
  change(change: Omit<AnomalyChange, "at">): ResultAsync<Anomaly, SpineError>;
  /** Every step of an anomaly's life, oldest first. */
  changes(anomaly: { readonly anomalyId: string }): ResultAsync<readonly AnomalyChange[], SpineError>;
  reject(rejects: readonly NewReject[]): ResultAsync<void, SpineError>;
  /** In the order in which they were written. */
  rejects(filter: {
    readonly captureId: string;
    readonly limit?: number | undefined;
  }): ResultAsync<readonly Reject[], SpineError>;
  /** How many rejects a capture has, by reason, the most frequent first. */
  rejectCounts(filter: {
    readonly captureId: string;
  }): ResultAsync<readonly { readonly reasonCode: string; readonly count: number }[], SpineError>;
}
