import { type Clock, ConfigError, sleep } from "@spine/core";

export interface RateLimitOptions {
  /** Requests that may be made in `perMs`, and at once after a rest. */
  readonly requests: number;
  readonly perMs: number;
}

/** A budget of requests for each host. Sources that are given the same one share it. */
export interface RateLimiter {
  readonly options: RateLimitOptions;
  /** Resolves when a request to the host may be made, first come first served, or when the signal aborts. */
  take(host: string, context: { readonly clock: Clock; readonly signal?: AbortSignal | undefined }): Promise<void>;
}

interface Bucket {
  tokens: number;
  updatedMs: number;
}

/** A token bucket for each host. Throws on numbers that cannot be meant (`CONFIG_INVALID`). */
export function createRateLimiter(options: RateLimitOptions): RateLimiter {
  const { requests, perMs } = options;
  if (!(requests >= 1) || !(perMs > 0))
    throw new ConfigError(
      `A rate limit of ${requests} requests in ${perMs} ms cannot be kept. Pass 1 or more, and a time above 0.`,
    );
  const buckets = new Map<string, Bucket>();
  return Object.freeze({
    options: Object.freeze({ requests, perMs }),
    async take(host: string, { clock, signal }: { readonly clock: Clock; readonly signal?: AbortSignal | undefined }) {
      const nowMs = clock.monotonicMs();
      const bucket = buckets.get(host) ?? { tokens: requests, updatedMs: nowMs };
      buckets.set(host, bucket);
      bucket.tokens = Math.min(requests, bucket.tokens + ((nowMs - bucket.updatedMs) * requests) / perMs);
      bucket.updatedMs = nowMs;
      // Below zero it says how far the queue reaches: each taker waits for the place it took.
      bucket.tokens -= 1;
      if (bucket.tokens < 0) await sleep(clock, Math.ceil((-bucket.tokens * perMs) / requests), signal);
    },
  });
}
