import type { Anomaly } from "../quality/anomaly.ts";
import type { Reject } from "../quality/reject.ts";
import type { SpineError } from "../errors/spine-error.ts";
import type { ResultAsync } from "../result.ts";

export type NewAnomaly = Omit<Anomaly, "recordedAt">;
export type NewReject = Omit<Reject, "createdAt">;

/** Recorded data problems (`core_anomalies`) and refused records (`core_rejects`). */
export interface AnomalyStore {
  record(anomalies: readonly NewAnomaly[]): ResultAsync<void, SpineError>;
  /** Newest first. */
  list(filter: {
    readonly domain?: string | undefined;
    readonly captureId?: string | undefined;
    readonly runId?: string | undefined;
    readonly limit?: number | undefined;
  }): ResultAsync<readonly Anomaly[], SpineError>;
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
