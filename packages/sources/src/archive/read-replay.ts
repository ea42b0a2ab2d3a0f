import { err, ok, type Result, type SpineError, StorageError, systemClock } from "@spine/core";
import { PartsTally } from "../content/parts-tally.ts";
import { readContent } from "../content/read-content.ts";
import type { RowSettings } from "../content/row-options.ts";
import { openFile } from "../file/open-file.ts";
import type { RawReplay, ReadOptions, ReplayPart } from "../source.ts";
import type { SourceMetadata } from "../source-metadata.ts";
import type { BatchReader } from "../source-stream.ts";
import type { ProblemSubject } from "../text/read-problem.ts";

/** Reads archived bytes as the source would have. Fails with `ARCHIVE_DAMAGED` behind rows of bytes that are not those of their hash. */
export async function* readReplay(
  replay: RawReplay,
  { settings, subject }: { readonly settings: RowSettings; readonly subject: ProblemSubject },
  { clock = systemClock, signal }: ReadOptions,
): BatchReader<unknown> {
  const startedMs = clock.monotonicMs();
  const tally = new PartsTally(subject);
  let only: SourceMetadata | undefined;
  for (const part of replay.parts) {
    const file = await openFile({ ...subject, locator: part.locator }, part.path);
    if (file.isErr()) return err(file.error);
    try {
      const reading = { settings, fileName: fileNameOf(part.locator) };
      const read = yield* readContent(file.value, reading, { clock, ...(signal === undefined ? {} : { signal }) });
      const checked = read.andThen((metadata) => undamaged(metadata, part));
      if (checked.isErr()) return err(checked.error);
      only = checked.value;
      tally.note(checked.value);
    } finally {
      await file.value.close();
    }
  }
  const isWhole = replay.parts.length === 1 && replay.contentHash === only?.contentHash;
  return ok(isWhole && only !== undefined ? only : tally.metadata(clock.monotonicMs() - startedMs));
}

function undamaged(metadata: SourceMetadata, part: ReplayPart): Result<SourceMetadata, SpineError> {
  if (metadata.contentHash === part.contentHash) return ok(metadata);
  const { locator, contentHash, path } = part;
  const remedy = "Restore the file from a copy.";
  return err(
    new StorageError(`Could not read ${locator} again: the bytes at ${path} are not those of their hash. ${remedy}`, {
      code: "ARCHIVE_DAMAGED",
      context: { locator, path, contentHash, remedy },
    }),
  );
}

/** What the extensions of a path, or of an address, are looked up in. */
function fileNameOf(locator: string): string {
  const path = URL.canParse(locator) ? new URL(locator).pathname : locator;
  return path.slice(path.lastIndexOf("/") + 1);
}
