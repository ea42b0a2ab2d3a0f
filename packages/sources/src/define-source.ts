import { parseKey, type ResultAsync, type SpineError } from "@spine/core";
import type { ReadOptions, Source, SourceDescription, SourceType } from "./source.ts";
import type { SourceVersion } from "./source-metadata.ts";
import { type BatchReader, collectStream, createSourceStream } from "./source-stream.ts";

export interface SourceDefinition<Row> {
  /** Words joined by `.` or `/`: `finra.otc.weekly`. */
  readonly name: string;
  readonly domain?: string | undefined;
  readonly type: SourceType;
  describe(): SourceDescription;
  /** Reads once: yields batches, returns what was read or why it failed. A throw counts as a failure. */
  read(options: ReadOptions): BatchReader<Row>;
  hasChanged(previous: SourceVersion, options: ReadOptions): ResultAsync<boolean, SpineError>;
}

/**
 * Makes a {@link Source} of one reading function: `stream` runs it as it is, `fetch` collects it. Throws on a name that is no key
 * (`KEY_INVALID`).
 */
export function defineSource<Row>(definition: SourceDefinition<Row>): Source<Row> {
  const name = parseKey("Source", definition.name);
  if (name.isErr()) throw name.error;
  const stream: Source<Row>["stream"] = (options = {}) =>
    createSourceStream(definition.name, () => definition.read(options));
  return Object.freeze({
    name: definition.name,
    domain: definition.domain,
    type: definition.type,
    fetch: (options: ReadOptions = {}) => collectStream(stream(options)),
    stream,
    describe: () => definition.describe(),
    hasChanged: (previous: SourceVersion, options: ReadOptions = {}) => definition.hasChanged(previous, options),
  });
}
