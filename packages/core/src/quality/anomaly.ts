import type { JsonObject } from "../json.ts";
import type { Instant } from "../time.ts";

export type AnomalySeverity = "DEBUG" | "INFO" | "WARNING" | "ERROR" | "CRITICAL";

/** OPEN until somebody has seen it (ACKNOWLEDGED); in the end it is RESOLVED, or ACCEPTED as it is. */
export type AnomalyStatus = "OPEN" | "ACKNOWLEDGED" | "RESOLVED" | "ACCEPTED";

/** A data problem that is worth keeping and does not stop the work (seed 001 §3). */
export interface Anomaly {
  readonly anomalyId: string;
  /** Upper case words: `NULL_VOLUME`, `STALE_DATA`. */
  readonly code: string;
  readonly severity: AnomalySeverity;
  readonly message: string;
  readonly captureId: string | undefined;
  readonly domain: string | undefined;
  readonly partition: string | undefined;
  readonly stage: string | undefined;
  readonly runId: string | undefined;
  readonly step: string | undefined;
  readonly context: JsonObject;
  readonly recordedAt: Instant;
  readonly status: AnomalyStatus;
  /** Who moved it to its status, why and when; undefined while it is OPEN. */
  readonly statusBy: string | undefined;
  readonly statusReason: string | undefined;
  readonly statusAt: Instant | undefined;
}

/** A step in an anomaly's life (`core_anomaly_changes`). */
export interface AnomalyChange {
  readonly anomalyId: string;
  readonly status: AnomalyStatus;
  readonly by: string;
  readonly why: string;
  readonly at: Instant;
}

/** What a caller says of an anomaly; the rest is filled in from where it happens. @defaultValue severity WARNING */
export interface AnomalyReport {
  readonly code: string;
  readonly message: string;
  readonly severity?: AnomalySeverity | undefined;
  readonly captureId?: string | undefined;
  readonly domain?: string | undefined;
  readonly partition?: string | undefined;
  readonly stage?: string | undefined;
  readonly context?: JsonObject | undefined;
}
