import type { BigIntStats } from "node:fs";
import { type FileHandle, open, opendir, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import {
  err,
  type Instant,
  instantOfMs,
  nearestName,
  ok,
  type Result,
  SourceError,
  SourceNotFoundError,
  type SpineError,
  toSpineError,
  tryAsync,
} from "@spine/core";
import type { ByteContent } from "../content/byte-content.ts";
import type { ProblemSubject } from "../text/read-problem.ts";

/** Large enough that asking for the next chunk costs nothing beside parsing this one. */
const chunkBytes = 256 * 1024;

/** Names looked at for one that is near a misspelt one. */
const maxNeighbours = 2000;

/** A regular file, open for one reading. Must be closed. */
export class OpenFile implements ByteContent {
  readonly subject: ProblemSubject;
  readonly sizeBytes: number;
  readonly modifiedAt: Instant;
  readonly #handle: FileHandle;
  readonly #stats: BigIntStats;

  constructor(handle: FileHandle, stats: BigIntStats, subject: ProblemSubject) {
    this.#handle = handle;
    this.#stats = stats;
    this.subject = subject;
    this.sizeBytes = Number(stats.size);
    this.modifiedAt = instantOfMs(Number(stats.mtimeMs));
  }

  /**
   * Its bytes, as many as it had when it was opened. A chunk is overwritten once the next one is asked for, which is read while
   * the caller works on this one. An Err is the last item.
   */
  async *chunks(): AsyncGenerator<Result<Uint8Array, SpineError>, void, undefined> {
    const buffers = [Buffer.allocUnsafe(chunkBytes), Buffer.allocUnsafe(chunkBytes)] as const;
    let position = 0;
    let which = 0;
    const readNext = async (): Promise<Uint8Array> => {
      const buffer = buffers[which % 2 === 0 ? 0 : 1];
      which += 1;
      const wanted = Math.min(chunkBytes, this.sizeBytes - position);
      if (wanted === 0) return buffer.subarray(0, 0);
      const { bytesRead } = await this.#handle.read(buffer, 0, wanted, position);
      position += bytesRead;
      return buffer.subarray(0, bytesRead);
    };
    let pending = tryAsync(readNext, (thrown) => thrown);
    for (;;) {
      const chunk = await pending;
      if (chunk.isErr()) {
        yield err(await fileError(chunk.error, this.subject));
        return;
      }
      if (chunk.value.length === 0) return;
      pending = tryAsync(readNext, (thrown) => thrown);
      yield ok(chunk.value);
    }
  }

  async slice(start: number, end: number): Promise<Uint8Array> {
    const bytes = Buffer.allocUnsafe(end - start);
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await this.#handle.read(bytes, filled, bytes.length - filled, start + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  }

  /** Whether somebody has written to it since it was opened. */
  async hasChanged(): Promise<boolean> {
    const now = await this.#handle.stat({ bigint: true });
    return now.size !== this.#stats.size || now.mtimeNs !== this.#stats.mtimeNs;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/**
 * Fails with `SOURCE_NOT_FOUND`, `FILE_ACCESS_DENIED`, `SOURCE_ERROR` for what is no file, or as the system does.
 * @param path where it is, when the subject calls it by another name
 */
export async function openFile(
  subject: ProblemSubject,
  path: string = subject.locator,
): Promise<Result<OpenFile, SpineError>> {
  let handle: FileHandle | undefined;
  try {
    // Before opening, as to open a named pipe waits for its writer.
    const kind = await stat(path);
    if (!kind.isFile()) return err(notAFile(kind.isDirectory(), subject));
    handle = await open(path, "r");
    return ok(new OpenFile(handle, await handle.stat({ bigint: true }), subject));
  } catch (thrown) {
    await handle?.close();
    return err(await fileError(thrown, subject));
  }
}

/** A failure of the file system as an error that says what to do. */
async function fileError(thrown: unknown, subject: ProblemSubject): Promise<SpineError> {
  const path = subject.locator;
  const { code, message } = toSpineError(thrown, "SOURCE_ERROR");
  const prefix = `Could not read ${path}:`;
  if (code === "SOURCE_NOT_FOUND") {
    const near = await nearestSibling(path);
    const hint = near === undefined ? "Check the path." : `Did you mean "${near}"?`;
    return new SourceNotFoundError(`${prefix} there is no such file. ${hint}`, {
      context: { ...subject, remedy: hint },
      cause: thrown,
    });
  }
  const denied = code === "FILE_ACCESS_DENIED";
  const remedy = denied ? "Check the permissions of the file and its folders." : "See the cause.";
  return new SourceError(`${prefix} ${denied ? "this user may not open it" : message}. ${remedy}`, {
    code,
    context: { ...subject, remedy },
    cause: thrown,
  });
}

function notAFile(isDirectory: boolean, subject: ProblemSubject): SourceError {
  const what = isDirectory ? "it is a directory" : "it is not a regular file";
  const remedy = isDirectory ? "Pass the path of a file in it." : "Copy its content to a file first.";
  return new SourceError(`Could not read ${subject.locator}: ${what}. ${remedy}`, {
    context: { ...subject, remedy },
  });
}

async function nearestSibling(path: string): Promise<string | undefined> {
  const names: string[] = [];
  try {
    for await (const entry of await opendir(dirname(path))) {
      names.push(entry.name);
      if (names.length === maxNeighbours) break;
    }
  } catch {
    // Without a folder to look into there is no suggestion.
    return undefined;
  }
  return nearestName(basename(path), names);
}
