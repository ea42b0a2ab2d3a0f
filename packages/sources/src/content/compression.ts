import { createBrotliDecompress, createGunzip, createZstdDecompress } from "node:zlib";
import type { Transform } from "node:stream";
import { err, ok, ParseError, type Result, SourceError, type SpineError, toSpineError } from "@spine/core";
import type { ProblemSubject } from "../text/read-problem.ts";

export type Compression = "gzip" | "zstd" | "brotli";

/** How much bytes may grow when they are unpacked: an archive made to fill a disk is not read to its end. */
export interface ExpansionLimits {
  /** @defaultValue 64 GiB */
  readonly maxBytes: number;
  /** Times the packed size, looked at behind the first 64 MiB. @defaultValue 250 */
  readonly maxRatio: number;
}

export const defaultExpansion: ExpansionLimits = Object.freeze({ maxBytes: 64 * 1024 ** 3, maxRatio: 250 });

/** Up to here a good compression is no sign of an attack. */
const ratioFreeBytes = 64 * 1024 * 1024;

const outputBytes = 256 * 1024;

const signatures: readonly { readonly compression: Compression; readonly bytes: readonly number[] }[] = [
  { compression: "gzip", bytes: [0x1f, 0x8b] },
  { compression: "zstd", bytes: [0x28, 0xb5, 0x2f, 0xfd] },
];

const extensions: Readonly<Record<string, Compression>> = Object.freeze({
  ".br": "brotli",
  ".gz": "gzip",
  ".zst": "zstd",
});

/** By the first bytes; brotli has none of its own, so there the name decides. */
export function detectCompression(head: Uint8Array, fileName: string): Compression | undefined {
  const found = signatures.find(({ bytes }) => bytes.every((byte, index) => head[index] === byte));
  if (found !== undefined) return found.compression;
  return compressionOfName(fileName) === "brotli" ? "brotli" : undefined;
}

function compressionOfName(fileName: string): Compression | undefined {
  const dot = fileName.lastIndexOf(".");
  return dot < 0 ? undefined : extensions[fileName.slice(dot).toLowerCase()];
}

/** `weekly.csv` of `weekly.csv.gz`. */
export function withoutCompressionExtension(fileName: string): string {
  return compressionOfName(fileName) === undefined ? fileName : fileName.slice(0, fileName.lastIndexOf("."));
}

/** The unpacked bytes of a stream of packed ones. Fails with `COMPRESSION_INVALID` and `CONTENT_TOO_LARGE`. */
export async function* decompress(
  chunks: AsyncIterable<Result<Uint8Array, SpineError>>,
  {
    compression,
    limits,
    subject,
  }: { readonly compression: Compression; readonly limits: ExpansionLimits; readonly subject: ProblemSubject },
): AsyncGenerator<Result<Uint8Array, SpineError>, void, undefined> {
  const engine = engines[compression]();
  let failure: SpineError | undefined;
  let packedBytes = 0;
  let bytes = 0;

  async function feed(): Promise<void> {
    for await (const chunk of chunks) {
      if (engine.destroyed) return;
      if (chunk.isErr()) {
        failure = chunk.error;
        engine.destroy();
        return;
      }
      packedBytes += chunk.value.length;
      // The chunk is overwritten once the next one is asked for, so this one has to be used up.
      await new Promise<void>((resolve) => engine.write(chunk.value, () => resolve()));
    }
    engine.end();
  }

  const feeding = feed();
  try {
    for await (const output of engine as AsyncIterable<Buffer>) {
      bytes += output.length;
      if (bytes > limits.maxBytes || (bytes > ratioFreeBytes && bytes > packedBytes * limits.maxRatio)) {
        yield err(tooLarge(bytes, packedBytes, subject));
        return;
      }
      yield ok(output);
    }
    if (failure !== undefined) yield err(failure);
  } catch (thrown) {
    yield err(failure ?? notPacked(compression, thrown, subject));
  } finally {
    engine.destroy();
    await feeding;
  }
}

const engines: Readonly<Record<Compression, () => Transform>> = {
  gzip: () => createGunzip({ chunkSize: outputBytes }),
  zstd: () => createZstdDecompress({ chunkSize: outputBytes }),
  brotli: () => createBrotliDecompress({ chunkSize: outputBytes }),
};

function tooLarge(bytes: number, packedBytes: number, subject: ProblemSubject): SourceError {
  const remedy = "If it is meant to be so large, raise maxDecodedBytes or maxExpansion.";
  return new SourceError(
    `Could not read ${subject.locator}: unpacked it has more than ${bytes - 1} bytes, ${packedBytes} bytes make them. ${remedy}`,
    { code: "CONTENT_TOO_LARGE", context: { ...subject, remedy, bytes, packedBytes } },
  );
}

function notPacked(compression: Compression, thrown: unknown, subject: ProblemSubject): ParseError {
  const remedy = "Get it again.";
  const why = toSpineError(thrown).message;
  return new ParseError(`Could not read ${subject.locator}: it is no whole ${compression} archive, ${why}. ${remedy}`, {
    code: "COMPRESSION_INVALID",
    context: { ...subject, remedy },
    cause: thrown,
  });
}
