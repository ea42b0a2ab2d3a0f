import type { ErrorCategory, SpineError } from "@spine/core";

/** When and how often a failed attempt is tried again. */
export interface RetryPolicy {
  /** All tries together, the first included; at least 1. @defaultValue 3 */
  readonly maxAttempts?: number;
  /** Wait before the second try. @defaultValue 1,000 */
  readonly delayMs?: number;
  /** How waits grow: by `factor` each time, by `delayMs` each time, or not at all. @defaultValue exponential */
  readonly backoff?: "exponential" | "linear" | "constant";
  /** Each exponential wait is this many times the one before. @defaultValue 2 */
  readonly factor?: number;
  /** @defaultValue 60,000 */
  readonly maxDelayMs?: number;
  /** Part of the wait that is left to chance, 0 to 1. @defaultValue 0.25 */
  readonly jitter?: number;
  /** Only failures of these categories are tried again, and never those that are known to stay. @defaultValue all */
  readonly categories?: readonly ErrorCategory[];
}

/** What happens after the last attempt failed: the run stops, or goes on and ends PARTIAL; `retry` = {@link RetryPolicy} with defaults, then stop. */
export type ErrorPolicy = "stop" | "continue" | "retry";

export const noRetry: RetryPolicy = Object.freeze({ maxAttempts: 1 });

/**
 * Whether an error is worth another attempt: what is known to be passing, and what nobody can tell (category UNKNOWN); never what
 * is known to stay, such as VALIDATION, CONFIG or AUTH.
 */
export function mayRetry(policy: RetryPolicy, attempt: number, error: SpineError): boolean {
  const { maxAttempts = 3, categories } = policy;
  if (categories?.includes(error.category) === false) return false;
  return attempt < maxAttempts && (error.retryable || error.category === "UNKNOWN");
}

/**
 * Wait after the given attempt (1 = the first). What the other side asked for counts as the least.
 * @param random 0 ≤ random < 1
 */
export function retryDelayMs(policy: RetryPolicy, attempt: number, random: number, retryAfterMs = 0): number {
  const { delayMs = 1000, maxDelayMs = 60_000, jitter = 0.25 } = policy;
  const full = Math.min(delayMs * growth(policy, attempt), maxDelayMs);
  return Math.max(retryAfterMs, Math.round(full * (1 - jitter * random)));
}

function growth({ backoff = "exponential", factor = 2 }: RetryPolicy, attempt: number): number {
  if (backoff === "constant") return 1;
  return backoff === "linear" ? attempt : factor ** (attempt - 1);
}
