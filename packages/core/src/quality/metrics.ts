import type { JsonObject } from "../json.ts";

/** What a step measured of its data (seed 000, D4). Counts are of records. */
export interface QualityMetrics {
  readonly recordCount?: number;
  readonly validCount?: number;
  readonly invalidCount?: number;
  readonly nullCount?: number;
  /** The step's own verdict. */
  readonly passed?: boolean;
  /** Measures of the domain. */
  readonly custom?: JsonObject;
}
