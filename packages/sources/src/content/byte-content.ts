import { type Instant, ok, type Result, type SpineError } from "@spine/core";
import type { ProblemSubject } from "../text/read-problem.ts";

/** The raw bytes of one reading, open. Must be closed. */
export interface ByteContent {
  readonly subject: ProblemSubject;
  readonly sizeBytes: number;
  readonly modifiedAt: Instant | undefined;
  /** What the server calls this version. */
  readonly etag?: string | undefined;
  /** From the beginning; may be called again. A chunk is overwritten once the next one is asked for. An Err is the last item. */
  chunks(): AsyncGenerator<Result<Uint8Array, SpineError>, void, undefined>;
  /** The bytes from `start` to before `end`, for formats that are not read in order. Rejects as the system does. */
  slice(start: number, end: number): Promise<Uint8Array>;
  /** Whether somebody has written to it since it was opened. */
  hasChanged(): Promise<boolean>;
  close(): Promise<void>;
}

/** Bytes that are in memory, such as one page of a paged service. */
export function memoryContent(
  bytes: Uint8Array,
  facts: Pick<ByteContent, "subject" | "modifiedAt" | "etag">,
): ByteContent {
  return {
    ...facts,
    sizeBytes: bytes.length,
    async *chunks() {
      if (bytes.length > 0) yield ok(bytes);
    },
    slice: (start, end) => Promise.resolve(bytes.subarray(start, end)),
    hasChanged: () => Promise.resolve(false),
    close: () => Promise.resolve(),
  };
}
