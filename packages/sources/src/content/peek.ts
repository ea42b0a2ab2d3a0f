import { ok, type Result, type SpineError } from "@spine/core";

type Chunks = AsyncGenerator<Result<Uint8Array, SpineError>, void, undefined>;

/** The first bytes of a stream, and the stream as if nobody had looked. */
export async function peek(
  chunks: Chunks,
  sizeBytes: number,
): Promise<{ readonly head: Uint8Array; readonly all: Chunks }> {
  const held: Buffer[] = [];
  let heldBytes = 0;
  let last: Result<Uint8Array, SpineError> | undefined;
  while (heldBytes < sizeBytes) {
    const step = await chunks.next();
    if (step.done === true) break;
    if (step.value.isErr()) {
      last = step.value;
      break;
    }
    held.push(Buffer.from(step.value.value));
    heldBytes += step.value.value.length;
  }
  async function* all(): Chunks {
    try {
      for (const chunk of held) yield ok(chunk);
      if (last === undefined) yield* chunks;
      else yield last;
    } finally {
      await chunks.return();
    }
  }
  return { head: Buffer.concat(held).subarray(0, sizeBytes), all: all() };
}
