import { err, type ResultAsync, type SpineError } from "@spine/core";
import { defineSource } from "../define-source.ts";
import type { ReadOptions, Source } from "../source.ts";
import type { SourceVersion } from "../source-metadata.ts";
import type { BatchReader, SourceStream } from "../source-stream.ts";

/** A source that is another one but for how it is read. */
export function wrapSource<Row>(
  source: Source<Row>,
  {
    read,
    hasChanged = (previous, options) => source.hasChanged(previous, options),
  }: {
    readonly read: (options: ReadOptions) => BatchReader<Row>;
    readonly hasChanged?: (previous: SourceVersion, options: ReadOptions) => ResultAsync<boolean, SpineError>;
  },
): Source<Row> {
  return defineSource({
    name: source.name,
    domain: source.domain,
    type: source.type,
    describe: () => source.describe(),
    read,
    hasChanged,
  });
}

/** A stream as a reader of its own reads it. */
export async function* readStream<Row>(stream: SourceStream<Row>): BatchReader<Row> {
  for await (const batch of stream) {
    if (batch.isErr()) return err(batch.error);
    yield batch.value;
  }
  return stream.summary();
}
