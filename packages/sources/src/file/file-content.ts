import { createHash } from "node:crypto";
import { err, ok, type Result, type SpineError } from "@spine/core";
import type { SourceVersion } from "../source-metadata.ts";
import { cancelled } from "../source-stream.ts";
import type { ProblemSubject } from "../text/read-problem.ts";
import type { OpenFile } from "./open-file.ts";

/** Whether a file has the content of `previous`. Its time is not asked: files are copied and restored with old times. */
export async function hasContentOf(
  file: OpenFile,
  previous: SourceVersion,
  options: { readonly subject: ProblemSubject; readonly signal: AbortSignal | undefined },
): Promise<Result<boolean, SpineError>> {
  if (previous.contentHash === undefined) return ok(false);
  if (previous.sizeBytes !== undefined && previous.sizeBytes !== file.sizeBytes) return ok(false);
  const hash = createHash("sha256");
  for await (const chunk of file.chunks()) {
    if (options.signal?.aborted === true) return err(readAborted(options.subject, options.signal));
    if (chunk.isErr()) return err(chunk.error);
    hash.update(chunk.value);
  }
  return ok(hash.digest("hex") === previous.contentHash);
}

export function readAborted(subject: ProblemSubject, signal: AbortSignal): SpineError {
  const message = `Reading of ${subject.locator} was aborted by its caller.`;
  return cancelled(message, subject.sourceName, signal.reason);
}
