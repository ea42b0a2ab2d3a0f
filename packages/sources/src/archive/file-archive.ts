import { randomUUID } from "node:crypto";
import { access, type FileHandle, mkdir, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  bytesHash,
  err,
  ok,
  type Result,
  type ResultAsync,
  resultAsync,
  SourceNotFoundError,
  type SpineError,
  toSpineError,
} from "@spine/core";
import type { RawReplay, RawSink, RawWriter } from "../source.ts";
import type { SourceMetadata } from "../source-metadata.ts";

/** Raw bytes by their hash: what was read once can be read again, whatever the source has now. */
export interface RawArchive extends RawSink {
  /** Notes which contents a reading was made of, so that {@link RawArchive.replay} finds them by the reading's hash. */
  record(metadata: SourceMetadata): ResultAsync<void, SpineError>;
  /** What a reading of that hash was made of, for `ReadOptions.replay`. Fails with `SOURCE_NOT_FOUND`. */
  replay(contentHash: string): ResultAsync<RawReplay, SpineError>;
  /** Keeps a small note under a key; a second one takes its place. */
  remember(key: string, note: CacheNote): ResultAsync<void, SpineError>;
  recall(key: string): ResultAsync<CacheNote | undefined, SpineError>;
}

/** When a content was had last. */
export interface CacheNote {
  readonly contentHash: string;
  readonly readAtMs: number;
}

interface StoredReading {
  readonly contentHash: string;
  readonly parts: readonly { readonly locator: string; readonly contentHash: string }[];
}

/**
 * An archive in a folder: `content/ab/abcd…` has the bytes of that sha256, written once, whole before they get their name; `readings/` says
 * which of them a reading was made of. Several processes may share it.
 */
export function fileArchive(folder: string): RawArchive {
  const contentPath = (hash: string): string => join(folder, "content", hash.slice(0, 2), hash);
  const notePath = (kind: string, name: string): string => join(folder, kind, name.slice(0, 2), `${name}.json`);

  async function writeNote(path: string, note: unknown): Promise<void> {
    await mkdir(join(path, ".."), { recursive: true });
    const part = `${path}.${randomUUID()}.part`;
    await writeFile(part, JSON.stringify(note));
    await rename(part, path);
  }

  async function readNote<T>(path: string): Promise<T | undefined> {
    try {
      return JSON.parse(await readFile(path, "utf8")) as T;
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw thrown;
    }
  }

  async function openWriter(): Promise<RawWriter> {
    const incoming = join(folder, "incoming");
    await mkdir(incoming, { recursive: true });
    const path = join(incoming, `${randomUUID()}.part`);
    return fileWriter(await open(path, "wx", 0o600), path, contentPath);
  }

  return Object.freeze<RawArchive>({
    open: () => stored(openWriter),
    record: ({ contentHash, locator, parts }) => {
      const own = parts.length > 0 ? parts : [{ locator, contentHash }];
      const reading: StoredReading = {
        contentHash,
        parts: own.map((part) => ({ locator: part.locator, contentHash: part.contentHash })),
      };
      return attempt(async () => ok(await writeNote(notePath("readings", contentHash), reading)));
    },
    replay: (contentHash) =>
      attempt(async () => {
        const reading = await readNote<StoredReading>(notePath("readings", contentHash));
        if (reading === undefined) return err(notArchived(contentHash, folder));
        const parts = reading.parts.map((part) => Object.freeze({ ...part, path: contentPath(part.contentHash) }));
        return ok(Object.freeze({ contentHash, parts: Object.freeze(parts) }));
      }),
    remember: (key, note) => attempt(async () => ok(await writeNote(notePath("cache", bytesHash(key)), note))),
    recall: (key) => attempt(async () => ok(await readNote<CacheNote>(notePath("cache", bytesHash(key))))),
  });
}

function fileWriter(file: FileHandle, path: string, contentPath: (hash: string) => string): RawWriter {
  let isOpen = true;
  return {
    write: (bytes) => stored(() => file.writeFile(bytes)),
    keep: (contentHash) =>
      stored(async () => {
        await file.sync();
        await file.close();
        isOpen = false;
        const target = contentPath(contentHash);
        if (await exists(target)) return;
        await mkdir(join(target, ".."), { recursive: true });
        await rename(path, target);
      }),
    close: () =>
      stored(async () => {
        if (isOpen) await file.close();
        isOpen = false;
        await rm(path, { force: true });
      }),
  };
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    // Whatever else is wrong with it shows when it is written.
    return false;
  }
}

/** A sink tells by throwing; its reader makes an Err of it. */
async function stored<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw toSpineError(thrown, "STORAGE_ERROR");
  }
}

function attempt<T>(work: () => Promise<Result<T, SpineError>>): ResultAsync<T, SpineError> {
  return resultAsync(() => stored(work));
}

function notArchived(contentHash: string, folder: string): SourceNotFoundError {
  const remedy = "Only what was read through withArchive can be read again.";
  return new SourceNotFoundError(`No reading of the hash ${contentHash} is in the archive ${folder}. ${remedy}`, {
    context: { contentHash, folder, remedy },
  });
}
