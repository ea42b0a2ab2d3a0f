import { ValidationError } from "./errors/families.ts";
import { err, ok, type Result } from "./result.ts";

declare const instantBrand: unique symbol;

/** A point in time: ISO 8601 in UTC with milliseconds, `2025-12-20T00:00:00.000Z`. Text order is time order. */
export type Instant = string & { readonly [instantBrand]: true };

/** What spine takes as a point in time; it always hands out {@link Instant}. */
export type InstantInput = string | Date | number;

/**
 * Time as spine sees it. Tests and drills give a clock that is moved by hand (`fakeClock` of the testkit), so nothing in
 * spine asks the machine for the time in any other way.
 */
export interface Clock {
  /** Milliseconds since 1970 in UTC; may step when the machine's clock is set. */
  nowMs(): number;
  /** Milliseconds that only ever grow, for durations. */
  monotonicMs(): number;
  /**
   * Calls back once, `delayMs` from now, unless cancelled by the function it returns.
   * @param options.background does not keep the process alive; default false
   */
  setTimer(delayMs: number, callback: () => void, options?: { readonly background?: boolean }): () => void;
}

/** The machine's clock. */
export const systemClock: Clock = Object.freeze({
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer(delayMs: number, callback: () => void, options?: { readonly background?: boolean }) {
    const timer = setTimeout(callback, delayMs);
    if (options?.background === true) timer.unref();
    return () => clearTimeout(timer);
  },
});

export function nowOf(clock: Clock): Instant {
  return instantOfMs(clock.nowMs());
}

/** Formats milliseconds since 1970. Throws RangeError outside the years a Date can hold. */
export function instantOfMs(epochMs: number): Instant {
  return new Date(epochMs).toISOString() as Instant;
}

export function msOf(instant: Instant): number {
  return Date.parse(instant);
}

const instantForm = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/;
const dayForm = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Reads ISO 8601 with a zone, a Date, or milliseconds since 1970; fails with `INSTANT_INVALID`. A bare date is refused, as it
 * names a day and not a point in time; a text without a zone is refused, as it would depend on the machine.
 */
export function parseInstant(input: InstantInput): Result<Instant, ValidationError> {
  const text = input instanceof Date ? "a Date" : JSON.stringify(input);
  const bad = (why: string): Result<Instant, ValidationError> =>
    err(
      new ValidationError(`${text} is not a point in time: ${why}.`, {
        code: "INSTANT_INVALID",
        value: input,
        context: { remedy: "Pass ISO 8601 with a zone, such as 2025-12-20T00:00:00Z." },
      }),
    );
  if (typeof input === "string" && dayForm.test(input))
    return bad(`it names a day; write ${input}T00:00:00Z or another hour`);
  if (typeof input === "string" && !instantForm.test(input))
    return bad("pass ISO 8601 with a zone, such as 2025-12-20T00:00:00Z");
  const epochMs = typeof input === "number" ? input : new Date(input).getTime();
  if (!Number.isFinite(epochMs) || Math.abs(epochMs) > 8.64e15) return bad("there is no such date");
  // Date.parse rolls 2025-02-30 over to March; a day that comes back changed was not a day.
  if (typeof input === "string" && !dayExists(input.slice(0, 10))) return bad("there is no such date");
  return ok(instantOfMs(epochMs));
}

function dayExists(day: string): boolean {
  const epochMs = Date.parse(`${day}T00:00:00Z`);
  return Number.isFinite(epochMs) && new Date(epochMs).toISOString().startsWith(day);
}

/** Resolves after `delayMs` on the given clock, or at once when the signal aborts; which one is for the caller to look up. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const done = (): void => {
      cancel();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.setTimer(delayMs, done);
    signal?.addEventListener("abort", done, { once: true });
  });
}
