import { type Clock, type InstantInput, parseInstant } from "@spine/core";

/** A clock that is moved by hand: nothing happens on it until a test says so. */
export interface FakeClock extends Clock {
  /**
   * Lets `durationMs` pass. Timers that come due fire in the order of their time (then of their making), each at its own time;
   * promises settle between them, so a timer set by what an earlier one woke up still fires in this call when it is due.
   */
  advance(durationMs: number): Promise<void>;
  /** Sets the machine's clock, as a person or NTP does: timers and {@link Clock.monotonicMs} do not move. */
  set(instant: InstantInput): void;
  /** How many timers wait. */
  readonly pending: number;
}

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** @param start default 2025-12-20T00:00:00Z */
export function fakeClock(start: InstantInput = "2025-12-20T00:00:00Z"): FakeClock {
  const timers = new Set<Timer>();
  let wallMs = epochMsOf(start);
  let monotonicMs = 0;

  function move(toMs: number): void {
    wallMs += toMs - monotonicMs;
    monotonicMs = toMs;
  }

  function nextDue(untilMs: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of timers) {
      if (timer.dueMs <= untilMs && (next === undefined || timer.dueMs < next.dueMs)) next = timer;
    }
    return next;
  }

  return {
    nowMs: () => wallMs,
    monotonicMs: () => monotonicMs,
    setTimer(delayMs, callback) {
      const timer = { dueMs: monotonicMs + Math.max(0, delayMs), callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    async advance(durationMs) {
      const untilMs = monotonicMs + durationMs;
      await settlePromises();
      for (let timer = nextDue(untilMs); timer !== undefined; timer = nextDue(untilMs)) {
        timers.delete(timer);
        move(Math.max(monotonicMs, timer.dueMs));
        timer.callback();
        await settlePromises();
      }
      move(Math.max(monotonicMs, untilMs));
    },
    set(instant) {
      wallMs = epochMsOf(instant);
    },
    get pending() {
      return timers.size;
    },
  };
}

/** An immediate runs after every promise callback that is ready, and after those that they make ready. */
function settlePromises(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function epochMsOf(instant: InstantInput): number {
  const parsed = parseInstant(instant);
  if (parsed.isErr()) throw parsed.error;
  return Date.parse(parsed.value);
}
