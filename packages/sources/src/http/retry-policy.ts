import type { SpineError } from "@spine/core";

export interface HttpRetryOptions {
  /** Tries of one request, the first included. @defaultValue 5 */
  readonly maxAttempts?: number;
  /** Wait before the second try; doubled for each one after. @defaultValue 500 */
  readonly baseDelayMs?: number;
  /** @defaultValue 30,000 */
  readonly maxDelayMs?: number;
  /**
   * Longest wait that a server may ask for. When it asks for more, the reading fails at once and its error says `retryAfterMs`: who
   * schedules has better things to do than to sleep. @defaultValue 300,000
   */
  readonly maxRetryAfterMs?: number;
}

export interface HttpRetryPolicy {
  readonly maxAttempts: number;
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  readonly maxRetryAfterMs: number;
}

export function resolveRetryPolicy(options: HttpRetryOptions = {}): HttpRetryPolicy {
  const { maxAttempts = 5, baseDelayMs = 500, maxDelayMs = 30_000, maxRetryAfterMs = 300_000 } = options;
  return Object.freeze({ maxAttempts, baseDelayMs, maxDelayMs, maxRetryAfterMs });
}

/**
 * How long to wait before the next try, or undefined when there is none. What the server asks for is waited, otherwise a random part of a
 * wait that doubles ("full jitter"), so that many readers do not come back together.
 * @param attempt the one that failed, from 1
 * @param random from 0 to below 1
 */
export function retryDelayMs(
  error: SpineError,
  { attempt, policy, random }: { readonly attempt: number; readonly policy: HttpRetryPolicy; readonly random: number },
): number | undefined {
  if (!error.retryable || attempt >= policy.maxAttempts) return undefined;
  if (error.retryAfterMs !== undefined)
    return error.retryAfterMs <= policy.maxRetryAfterMs ? error.retryAfterMs : undefined;
  return Math.floor(random * Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (attempt - 1)));
}

/** Milliseconds that `Retry-After` asks for, in seconds or as a date (RFC 9110, 10.2.3); undefined when it says nothing readable. */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  const text = value?.trim();
  if (text === undefined || text === "") return undefined;
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}
