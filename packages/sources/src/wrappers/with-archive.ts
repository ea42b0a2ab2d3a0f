import { err } from "@spine/core";
import type { RawArchive } from "../archive/file-archive.ts";
import type { Source } from "../source.ts";
import { readStream, wrapSource } from "./wrap-source.ts";

/**
 * Keeps the raw bytes of each reading under their hash, written while they are parsed. A capture that has its reading's content hash can be
 * read again for ever: `source.stream({ replay: await archive.replay(capture.contentHash) })`. A reading that fails keeps the contents that
 * were whole and no reading. Bytes that cannot be kept end the reading.
 */
export function withArchive<Row>(source: Source<Row>, archive: RawArchive): Source<Row> {
  return wrapSource(source, {
    async *read(options) {
      if (options.replay !== undefined) return yield* readStream(source.stream(options));
      const read = yield* readStream(source.stream({ ...options, tee: archive }));
      if (read.isErr() || read.value.unchanged) return read;
      const recorded = await archive.record(read.value);
      return recorded.isErr() ? err(recorded.error) : read;
    },
  });
}
