import { err, type ResultAsync, type Result, resultAsync, sleep, type SpineError, systemClock } from "@spine/core";
import { isAborted } from "../content/content-hash.ts";
import { type HttpRetryOptions, resolveRetryPolicy, retryDelayMs } from "../http/retry-policy.ts";
import type { ReadOptions, Source } from "../source.ts";
import type { SourceVersion } from "../source-metadata.ts";
import type { BatchReader } from "../source-stream.ts";
import { wrapSource } from "./wrap-source.ts";

export interface RetryOptions extends HttpRetryOptions {
  /** From 0 to below 1, for waits. @defaultValue Math.random */
  readonly random?: () => number;
}

/**
 * Reads again what failed with a retryable error, after a wait. A stream is begun again only while none of its rows has been delivered:
 * behind that the failure goes on to the reader, who alone can take rows back. `fetch` keeps its rows to itself and may always try again.
 */
export function withRetry<Row>(source: Source<Row>, options: RetryOptions = {}): Source<Row> {
  const policy = resolveRetryPolicy(options);
  const { random = Math.random } = options;

  async function mayRetry(error: SpineError, attempt: number, { clock, signal }: ReadOptions): Promise<boolean> {
    const delayMs = retryDelayMs(error, { attempt, policy, random: random() });
    if (delayMs === undefined || isAborted(signal)) return false;
    await sleep(clock ?? systemClock, delayMs, signal);
    return !isAborted(signal);
  }

  async function retried<T>(
    work: () => PromiseLike<Result<T, SpineError>>,
    readOptions: ReadOptions,
  ): Promise<Result<T, SpineError>> {
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await work();
      if (outcome.isOk() || !(await mayRetry(outcome.error, attempt, readOptions))) return outcome;
    }
  }

  async function* read(readOptions: ReadOptions): BatchReader<Row> {
    for (let attempt = 1; ; attempt += 1) {
      const stream = source.stream(readOptions);
      let failure: SpineError | undefined;
      let isDelivered = false;
      for await (const batch of stream) {
        if (batch.isErr()) {
          failure = batch.error;
          break;
        }
        isDelivered = true;
        yield batch.value;
      }
      if (failure === undefined) return stream.summary();
      if (isDelivered || !(await mayRetry(failure, attempt, readOptions))) return err(failure);
    }
  }

  const wrapped = wrapSource(source, {
    read,
    hasChanged: (previous: SourceVersion, readOptions: ReadOptions): ResultAsync<boolean, SpineError> =>
      resultAsync(() => retried(() => source.hasChanged(previous, readOptions), readOptions)),
  });
  return Object.freeze({
    ...wrapped,
    fetch: (readOptions: ReadOptions = {}) => resultAsync(() => retried(() => source.fetch(readOptions), readOptions)),
  });
}
