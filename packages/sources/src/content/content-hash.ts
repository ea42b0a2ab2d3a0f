import { createHash } from "node:crypto";
import { err, ok, type Result, type SpineError } from "@spine/core";
import type { SourceVersion } from "../source-metadata.ts";
import { cancelled } from "../source-stream.ts";
import type { ProblemSubject } from "../text/read-problem.ts";
import type { ByteContent } from "./byte-content.ts";

/** Whether content is that of `previous`. Its time is not asked: files are copied and restored with old times. */
export async function hasContentOf(
  content: ByteContent,
  previous: SourceVersion,
  signal: AbortSignal | undefined,
): Promise<Result<boolean, SpineError>> {
  if (previous.contentHash === undefined) return ok(false);
  if (previous.sizeBytes !== undefined && previous.sizeBytes !== content.sizeBytes) return ok(false);
  const hash = await hashContent(content, signal);
  return hash.map((hex) => hex === previous.contentHash);
}

/** sha256 of the raw bytes. */
export async function hashContent(
  content: ByteContent,
  signal: AbortSignal | undefined,
): Promise<Result<string, SpineError>> {
  const hash = createHash("sha256");
  for await (const chunk of content.chunks()) {
    if (isAborted(signal)) return err(readAborted(content.subject, signal));
    if (chunk.isErr()) return err(chunk.error);
    hash.update(chunk.value);
  }
  return ok(hash.digest("hex"));
}

/** A function, as the type checker does not expect a signal to change while it looks away. */
export function isAborted(signal: AbortSignal | undefined): signal is AbortSignal {
  return signal?.aborted === true;
}

export function readAborted(subject: ProblemSubject, signal: AbortSignal): SpineError {
  const message = `Reading of ${subject.locator} was aborted by its caller.`;
  return cancelled(message, subject.sourceName, signal.reason);
}
