import { stat } from "node:fs/promises";
import { err, ok, type Result, sleep, SourceUnavailableError, type SpineError, systemClock } from "@spine/core";
import { isAborted, readAborted } from "../content/content-hash.ts";
import type { ReadOptions } from "../source.ts";
import type { ProblemSubject } from "../text/read-problem.ts";

export interface SettleOptions {
  /**
   * How long nobody may have written to a file before it counts as whole. Reading waits for that, three times as long at most, and then
   * fails with `SOURCE_UNAVAILABLE`. @defaultValue 0: a named file is taken for whole
   */
  readonly settleMs?: number;
}

/** Names that writers give to what they are still writing, or that are no data at all. */
const unfinished = /^[.~]|\.(part|partial|tmp|temp|crdownload|filepart|download|swp|lock)$|~$/i;

export function hasUnfinishedName(fileName: string): boolean {
  return unfinished.test(fileName);
}

/** Milliseconds until a file written at `modifiedMs` counts as whole; one from the future counts from now. */
export function settlesInMs(modifiedMs: number, nowMs: number, settleMs: number): number {
  return Math.max(0, settleMs - Math.max(0, nowMs - modifiedMs));
}

/** Waits until nobody has written to the file for `settleMs`. A file that is not there is left to be missed by its reader. */
export async function awaitSettled(
  subject: ProblemSubject,
  { settleMs = 0 }: SettleOptions,
  { signal, clock = systemClock }: ReadOptions,
): Promise<Result<void, SpineError>> {
  if (settleMs === 0) return ok(undefined);
  const untilMs = clock.nowMs() + 3 * settleMs;
  for (;;) {
    if (isAborted(signal)) return err(readAborted(subject, signal));
    const modifiedMs = await modifiedMsOf(subject.locator);
    if (modifiedMs === undefined) return ok(undefined);
    const waitMs = settlesInMs(modifiedMs, clock.nowMs(), settleMs);
    if (waitMs === 0) return ok(undefined);
    if (clock.nowMs() + waitMs > untilMs) return err(unsettled(subject, settleMs));
    await sleep(clock, waitMs, signal);
  }
}

async function modifiedMsOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs;
  } catch {
    // Whoever opens it says what is wrong with it.
    return undefined;
  }
}

function unsettled(subject: ProblemSubject, settleMs: number): SpineError {
  const remedy = "Try again when its writer is done.";
  return new SourceUnavailableError(
    `Could not read ${subject.locator}: it is still being written, never ${settleMs} ms without a change. ${remedy}`,
    { context: { ...subject, remedy } },
  );
}
