import { resultAsync, systemClock } from "@spine/core";
import type { ReadOptions, Source } from "../source.ts";
import type { RateLimiter } from "./rate-limit.ts";
import { readStream, wrapSource } from "./wrap-source.ts";

/** Waits for its turn before each reading; sources that are given the same limiter take turns. For single requests see `httpSource`. */
export function withRateLimit<Row>(source: Source<Row>, limiter: RateLimiter): Source<Row> {
  const turn = ({ clock = systemClock, signal }: ReadOptions): Promise<void> =>
    limiter.take("readings", { clock, signal });
  return wrapSource(source, {
    async *read(options) {
      await turn(options);
      return yield* readStream(source.stream(options));
    },
    hasChanged: (previous, options) =>
      resultAsync(async () => {
        await turn(options);
        return source.hasChanged(previous, options);
      }),
  });
}
