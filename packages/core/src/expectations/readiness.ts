import type { GateDecision } from "../captures/capture.ts";
import type { Instant } from "../time.ts";

/** Why a partition may not be used. */
export interface Blocker {
  /** `MISSING`, `STALE`, `BLOCKED`, `QUARANTINED`, `FAILED`, `CRITICAL_ANOMALY`, `TOO_OLD`, `REQUIREMENT`. */
  readonly code: string;
  readonly message: string;
}

/** What was found of one stage of a partition. */
export interface CertifiedStage {
  readonly stage: string;
  readonly tier: string;
  /** The capture readers see; undefined when there is none. */
  readonly captureId: string | undefined;
  readonly contentHash: string | undefined;
  readonly availableAt: Instant | undefined;
  readonly gate: GateDecision | undefined;
  /** The captures it was computed from. */
  readonly inputs: readonly string[];
}

/** Whether a partition may be used, on what grounds, as of when. Certificates are kept, never changed. */
export interface Certificate {
  readonly certificateId: string;
  readonly expectation: string;
  readonly domain: string;
  readonly partition: string;
  readonly ready: boolean;
  readonly stages: readonly CertifiedStage[];
  /** Certificates of what this partition requires, by expectation. */
  readonly requirements: readonly {
    readonly expectation: string;
    readonly partition: string;
    readonly ready: boolean;
  }[];
  /** Empty when it is ready. */
  readonly blockers: readonly Blocker[];
  readonly certifiedAt: Instant;
  readonly runId: string | undefined;
}
