import { type Clock, systemClock } from "@spine/core";

/** A clock on which a wait of less than `longMs` is over at once, as if the time had passed; longer ones never end by themselves. */
export interface HastyClock extends Clock {
  /** Waits that were over at once, in milliseconds. */
  readonly waits: readonly number[];
  /** Ends the waits that are still there. */
  ringLong(): void;
}

export function hastyClock({ start = "2025-12-20T00:00:00Z", longMs = 600_000 } = {}): HastyClock {
  const startMs = Date.parse(start);
  const waits: number[] = [];
  const long = new Set<() => void>();
  let passedMs = 0;
  return {
    waits,
    nowMs: () => startMs + passedMs,
    monotonicMs: () => passedMs,
    setTimer(delayMs, callback) {
      if (delayMs >= longMs) {
        long.add(callback);
        return () => void long.delete(callback);
      }
      return systemClock.setTimer(0, () => {
        waits.push(delayMs);
        passedMs += delayMs;
        callback();
      });
    },
    ringLong: () => long.forEach((callback) => callback()),
  };
}
