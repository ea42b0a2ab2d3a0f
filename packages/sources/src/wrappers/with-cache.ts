import { ConfigError, canonicalJson, err, type Json, systemClock } from "@spine/core";
import type { RawArchive } from "../archive/file-archive.ts";
import type { ReadOptions, Source } from "../source.ts";
import { readStream, wrapSource } from "./wrap-source.ts";
import { withArchive } from "./with-archive.ts";

export interface CacheOptions {
  /** Where the bytes are. Several processes may share it. */
  readonly archive: RawArchive;
  /** How long what was read counts as what is there. */
  readonly ttlMs: number;
}

/**
 * Answers from the archive while what it has is young enough: the same rows of the same bytes, for the same name and parameters. Throws on
 * a time that cannot be meant (`CONFIG_INVALID`).
 */
export function withCache<Row>(source: Source<Row>, { archive, ttlMs }: CacheOptions): Source<Row> {
  if (!(ttlMs > 0)) throw new ConfigError(`ttlMs is ${ttlMs}, not above 0. Correct the option.`);
  const archived = withArchive(source, archive);
  return wrapSource(source, {
    async *read(options) {
      const { clock = systemClock } = options;
      const key = keyOf(source.name, options);
      const note = await archive.recall(key);
      if (note.isErr()) return err(note.error);
      if (note.value !== undefined && clock.nowMs() - note.value.readAtMs < ttlMs) {
        const replay = await archive.replay(note.value.contentHash);
        // Somebody has cleaned the archive: it is read anew.
        if (replay.isOk()) return yield* readStream(source.stream({ ...options, replay: replay.value }));
      }
      const read = yield* readStream(archived.stream(options));
      if (read.isErr()) return read;
      const remembered = await archive.remember(key, {
        contentHash: read.value.contentHash,
        readAtMs: clock.nowMs(),
      });
      return remembered.isErr() ? err(remembered.error) : read;
    },
  });
}

function keyOf(name: string, { params = {} }: ReadOptions): string {
  return canonicalJson([name, JSON.parse(JSON.stringify(params)) as Json]);
}
