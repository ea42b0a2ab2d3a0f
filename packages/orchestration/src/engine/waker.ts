import {
  type Clock,
  err,
  type Logger,
  msOf,
  ok,
  type Result,
  type ResultAsync,
  resultAsync,
  type RunRecord,
  sleep,
  type SpineError,
  type Store,
} from "@spine/core";
import type { Engine } from "./engine.ts";
import type { Executable } from "./executable.ts";
import type { Run } from "./run.ts";

export interface WakerOptions {
  /** Runs that are gone on with at once. @defaultValue 16 */
  readonly maxRuns?: number;
  /** How often the store is asked for the next run that is due; a run is late by this at most. @defaultValue 1,000 */
  readonly lookMs?: number;
  /** How often it is asked for runs whose process died. @defaultValue 15,000 */
  readonly recoverMs?: number;
}

/** What looks after runs nobody works on, until it is stopped. */
export interface Waker {
  /** Begins nothing more; runs that were begun go on. */
  stop(): void;
}

export type Passed = readonly { readonly runId: string; readonly result: Result<Run, SpineError> }[];

export interface WakerParts {
  readonly engine: Engine;
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  executableOf(record: RunRecord): Result<Executable, SpineError>;
}

/** Wakes runs that are due and goes on with abandoned ones: once by `pass`, again and again after `start`. */
export function createWaker({ engine, store, clock, logger, executableOf }: WakerParts) {
  const stops = new Set<AbortController>();

  async function goOn(record: RunRecord): Promise<Result<Run | undefined, SpineError>> {
    if (record.requested === "cancel") return engine.cancel(record.runId);
    const executable = executableOf(record);
    return executable.isErr() ? err(executable.error) : engine.wake(executable.value, record);
  }

  async function found(withAbandoned: boolean, limit: number): Promise<Result<Found, SpineError>> {
    const due = await store.runs.due({ limit });
    if (due.isErr()) return err(due.error);
    const abandoned = withAbandoned ? await engine.abandoned({ limit }) : ok([]);
    if (abandoned.isErr()) return err(abandoned.error);
    return ok({ runs: [...abandoned.value, ...due.value.runs], next: due.value.next });
  }

  async function loop(
    { maxRuns = 16, lookMs = 1000, recoverMs = 15_000 }: WakerOptions,
    { signal }: AbortController,
  ): Promise<void> {
    const begun = new Set<string>();
    let recoveredMs = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      let pauseMs = lookMs;
      const room = maxRuns - begun.size;
      const isTime = clock.monotonicMs() - recoveredMs >= recoverMs;
      const looked = room > 0 ? await found(isTime, room + begun.size) : undefined;
      if (looked?.isErr() === true)
        logger.warn("The store could not be asked for runs.", { error: looked.error.message });
      if (looked?.isOk() === true) {
        if (isTime) recoveredMs = clock.monotonicMs();
        const { next } = looked.value;
        if (next !== undefined) pauseMs = Math.min(lookMs, Math.max(1, msOf(next) - clock.nowMs()));
        for (const record of looked.value.runs.filter(({ runId }) => !begun.has(runId)).slice(0, room)) {
          begun.add(record.runId);
          void goOn(record).then((result) => {
            begun.delete(record.runId);
            if (result.isErr()) logger.warn("A run could not be gone on with.", errorFacts(record, result.error));
          });
        }
      }
      if (!signal.aborted) await sleep(clock, pauseMs, signal);
    }
  }

  return {
    start(options: WakerOptions = {}): Waker {
      const stop = new AbortController();
      stops.add(stop);
      void loop(options, stop);
      return Object.freeze({ stop: () => stop.abort() });
    },
    stop(): void {
      for (const stop of stops) stop.abort();
      stops.clear();
    },
    pass: (): ResultAsync<Passed, SpineError> =>
      resultAsync(async () => {
        const looked = await found(true, 100);
        if (looked.isErr()) return err(looked.error);
        const passed: { runId: string; result: Result<Run, SpineError> }[] = [];
        for (const record of looked.value.runs) {
          const result = await goOn(record);
          if (result.isErr()) passed.push({ runId: record.runId, result: err(result.error) });
          else if (result.value !== undefined) passed.push({ runId: record.runId, result: ok(result.value) });
        }
        return ok(passed);
      }),
  };
}

interface Found {
  readonly runs: readonly RunRecord[];
  readonly next: RunRecord["dueAt"];
}

function errorFacts({ runId, name }: RunRecord, error: SpineError): Readonly<Record<string, string>> {
  return { runId, name, code: error.code, error: error.message };
}
