import type { SpineError } from "../errors/spine-error.ts";
import type { CheckResult } from "../quality/check.ts";
import type { ResultAsync } from "../result.ts";

export type NewCheckResult = Omit<CheckResult, "recordedAt">;

/** What checks found, kept for each capture (`core_quality`). */
export interface QualityStore {
  record(results: readonly NewCheckResult[]): ResultAsync<void, SpineError>;
  /** In the order in which they were recorded. */
  results(filter: {
    readonly captureId?: string | undefined;
    readonly runId?: string | undefined;
    readonly limit?: number | undefined;
  }): ResultAsync<readonly CheckResult[], SpineError>;
}
