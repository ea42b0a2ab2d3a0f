import {
  err,
  isResult,
  ok,
  type Result,
  type ResultAsync,
  resultAsync,
  SourceError,
  SpineError,
  toSpineError,
  tryAsync,
} from "@spine/core";
import type { SourceBatch, SourceData } from "./source.ts";
import type { SourceMetadata } from "./source-metadata.ts";

/** Batches as they are read; the value returned at the end says how it went. May throw: the stream turns that into an Err. */
export type BatchReader<Row> = AsyncGenerator<SourceBatch<Row>, Result<SourceMetadata, SpineError>, undefined>;

/** What a reader of batches may give back: an Err, or a throw, ends the reading. */
export type BatchVerdict = Result<unknown, unknown> | undefined | void;

/**
 * One reading of a source. A failure arrives as the last item, in the reader's own loop, so it cannot be overlooked: the
 * type of an item has to be unwrapped. Leaving the loop early closes what was opened.
 * @example
 * for await (const batch of source.stream({ signal })) {
 *   if (batch.isErr()) return err(batch.error);
 *   await insert(batch.value.rows);
 * }
 */
export interface SourceStream<Row> extends AsyncIterable<Result<SourceBatch<Row>, SpineError>> {
  /**
   * What was read: Ok once the stream was read to its end, the stream's error when it failed, `CANCELLED` when its reader
   * left early, `SOURCE_ERROR` before that. Never waits.
   */
  summary(): Result<SourceMetadata, SpineError>;
  /**
   * Reads to the end, one batch after another, and resolves to the summary. The first failure ends it, be it the source's or
   * the one that `work` returns or throws.
   */
  forEachBatch(
    work: (batch: SourceBatch<Row>) => PromiseLike<BatchVerdict> | ResultAsync<unknown, unknown> | BatchVerdict,
  ): ResultAsync<SourceMetadata, SpineError>;
}

/** Makes a stream of a reader that is started when the first batch is asked for. */
export function createSourceStream<Row>(sourceName: string, read: () => BatchReader<Row>): SourceStream<Row> {
  const subject = `Source "${sourceName}"`;
  const foreign = (thrown: unknown): SpineError => toSpineError(thrown, "SOURCE_ERROR", { sourceName });
  let started = false;
  let outcome: Result<SourceMetadata, SpineError> | undefined;

  async function* items(): AsyncGenerator<Result<SourceBatch<Row>, SpineError>, void, undefined> {
    if (started) {
      yield err(
        new SourceError(`${subject}: this stream was read before. Call stream() again.`, {
          context: { sourceName },
        }),
      );
      return;
    }
    started = true;
    const reader = read();
    try {
      while (outcome === undefined) {
        const step = await tryAsync(() => reader.next(), foreign);
        if (step.isErr()) outcome = err(step.error);
        else if (step.value.done === true) outcome = step.value.value;
        else yield ok(step.value.value);
      }
      if (outcome.isErr()) yield err(outcome.error);
    } finally {
      if (outcome === undefined) {
        outcome = err(cancelled(`${subject}: its reader stopped before the end.`, sourceName));
        // A reader that fails while it cleans up has nobody left to tell.
        await tryAsync(() => reader.return(outcome as Result<SourceMetadata, SpineError>));
      }
    }
  }

  const stream: SourceStream<Row> = {
    [Symbol.asyncIterator]: items,
    summary: () => outcome ?? err(notRead(subject, sourceName)),
    forEachBatch: (work) =>
      resultAsync(async () => {
        for await (const batch of stream) {
          if (batch.isErr()) return err(batch.error);
          const verdict = await work(batch.value);
          if (isResult(verdict) && verdict.isErr()) return err(toSpineError(verdict.error));
        }
        return stream.summary();
      }),
  };
  return Object.freeze(stream);
}

/** Everything a stream has, in memory. */
export function collectStream<Row>(stream: SourceStream<Row>): ResultAsync<SourceData<Row>, SpineError> {
  return resultAsync(async () => {
    const batches: SourceBatch<Row>[] = [];
    const summary = await stream.forEachBatch((batch) => void batches.push(batch));
    return summary.map((metadata) =>
      Object.freeze({
        rows: batches.flatMap((batch) => batch.rows),
        lineNumbers: batches.flatMap((batch) => batch.lineNumbers),
        rejects: batches.flatMap((batch) => batch.rejects),
        metadata,
      }),
    );
  });
}

/** The error of a reading that somebody ended. */
export function cancelled(message: string, sourceName: string, cause?: unknown): SpineError {
  return new SpineError("CANCELLED", message, { context: { sourceName }, cause });
}

function notRead(subject: string, sourceName: string): SpineError {
  return new SourceError(`${subject}: the stream was not read to its end. Read it first.`, {
    context: { sourceName },
  });
}
