import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseError, err, ok, type Result, type SpineError } from "@spine/core";

/** Lets one writer of this process at the connection at a time, in the order in which they asked. */
export interface WriteLock {
  /** Resolves to the function that lets the next one in. Fails with `DATABASE_BUSY` when it takes too long. */
  acquire(): Promise<Result<() => void, SpineError>>;
}

export interface BusyOptions {
  /** For texts. */
  readonly location: string;
  /** How long to wait for other writers. */
  readonly busyTimeoutMs: number;
}

export function createWriteLock({ location, busyTimeoutMs }: BusyOptions): WriteLock {
  const waiting = new Set<() => void>();
  let held = false;

  function releaser(): () => void {
    let released = false;
    return () => {
      if (released) return;
      released = true;
      for (const next of waiting) {
        waiting.delete(next);
        next();
        return;
      }
      held = false;
    };
  }

  return {
    async acquire() {
      if (!held) {
        held = true;
        return ok(releaser());
      }
      return new Promise((resolve) => {
        const next = (): void => {
          clearTimeout(timer);
          resolve(ok(releaser()));
        };
        const timer = setTimeout(() => {
          waiting.delete(next);
          resolve(err(busyError(location, busyTimeoutMs, "a transaction of this process")));
        }, busyTimeoutMs);
        waiting.add(next);
      });
    },
  };
}

/**
 * Tries again while another process has the file, between tries leaving the event loop to others: the driver's own waiting freezes
 * it, heartbeats included, so that is cut short and most of the waiting happens here.
 */
export async function retryWhileBusy<T>(
  work: () => T,
  { location, busyTimeoutMs }: BusyOptions,
): Promise<Result<T, SpineError>> {
  const startedMs = performance.now();
  for (let round = 0; ; round += 1) {
    try {
      return ok(work());
    } catch (thrown) {
      if (!isBusy(thrown)) throw thrown;
      if (performance.now() - startedMs >= busyTimeoutMs)
        return err(busyError(location, busyTimeoutMs, "another process", thrown));
    }
    await sleep(randomInt(1, Math.min(5 + round * 5, 50)));
  }
}

function isBusy(thrown: unknown): boolean {
  if (!(thrown instanceof Error) || !("code" in thrown) || typeof thrown.code !== "string") return false;
  return thrown.code.startsWith("SQLITE_BUSY") || thrown.code.startsWith("SQLITE_LOCKED");
}

function busyError(location: string, busyTimeoutMs: number, holder: string, cause?: unknown): SpineError {
  return new DatabaseError(
    `Could not write to SQLite ${location}: ${holder} has held its write lock for more than ${busyTimeoutMs} ms. Find who holds it, or raise busyTimeoutMs.`,
    {
      code: "DATABASE_BUSY",
      context: { remedy: `lsof "${location}"`, busyTimeoutMs },
      ...(cause === undefined ? {} : { cause }),
    },
  );
}
