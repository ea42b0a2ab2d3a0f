import type { Clock, Result, RunStore, SpineError } from "@spine/core";
import type { LiveRun } from "./live-run.ts";
import type { Run } from "./run.ts";

/** How often a process looks whether somebody asked to pause or cancel one of its runs: one query for all of them. */
const lookMs = 1000;

/** The runs this process works on at this moment. */
export interface LiveRuns {
  get(runId: string): LiveEntry | undefined;
  all(): readonly LiveEntry[];
  /** Drives a run with this id known, and for requests watched, until it has ended or is parked. */
  during(runId: string, live: LiveRun, drive: () => Promise<Result<Run, SpineError>>): Promise<Result<Run, SpineError>>;
}

export interface LiveEntry {
  readonly live: LiveRun;
  readonly done: Promise<Result<Run, SpineError>>;
}

/** @param requests given, runs are asked for in it while there are any */
export function createLiveRuns(clock: Clock, requests?: { readonly runs: RunStore; readonly owner: string }): LiveRuns {
  const entries = new Map<string, LiveEntry>();
  let stopLooking: (() => void) | undefined;

  function look(): void {
    if (requests === undefined || stopLooking !== undefined) return;
    stopLooking = clock.setTimer(
      lookMs,
      () => {
        stopLooking = undefined;
        if (entries.size === 0) return;
        void requests.runs.requests({ owner: requests.owner }).map((asked) => {
          for (const { runId, request } of asked) {
            const live = entries.get(runId)?.live;
            if (request === "cancel") live?.cancel("it was asked to");
            else live?.halt("pause");
          }
        });
        look();
      },
      { background: true },
    );
  }

  return {
    get: (runId) => entries.get(runId),
    all: () => [...entries.values()],
    async during(runId, live, drive) {
      const done = drive();
      entries.set(runId, { live, done });
      look();
      try {
        return await done;
      } finally {
        entries.delete(runId);
        if (entries.size === 0) {
          stopLooking?.();
          stopLooking = undefined;
        }
      }
    },
  };
}

/** Resolves when all of them have ended, or after a time. */
export async function drained(left: readonly LiveEntry[], clock: Clock, drainMs: number): Promise<void> {
  let cancelTimer: () => void = () => undefined;
  const late = new Promise<void>((resolve) => {
    cancelTimer = clock.setTimer(drainMs, resolve);
  });
  await Promise.race([Promise.allSettled(left.map(({ done }) => done)), late]);
  cancelTimer();
}
