import { fileURLToPath } from "node:url";
import {
  ConfigError,
  err,
  type Instant,
  type InstantInput,
  ok,
  parseInstant,
  type Result,
  type SpineError,
} from "@spine/core";
import type { SourceParams } from "../source.ts";

export interface FileLocationOptions {
  /** Path, `file:` URL, or a function of the reader's `params`. Relative paths start at the working directory. */
  readonly path: string | URL | ((params: SourceParams) => string | URL);
  /** When the source published the file, if its path tells. */
  readonly publishedAt?: (path: string) => InstantInput | undefined;
}

export interface FileLocation {
  readonly path: string;
  readonly publishedAt: Instant | undefined;
}

/** Where the file of one reading is. Fails with `CONFIG_INVALID` when a function throws or makes no path, `INSTANT_INVALID`. */
export function locateFile(
  { path, publishedAt }: FileLocationOptions,
  sourceName: string,
  params: SourceParams = {},
): Result<FileLocation, SpineError> {
  try {
    const text = pathText(typeof path === "function" ? path(params) : path);
    const published = publishedAt?.(text);
    if (published === undefined) return ok({ path: text, publishedAt: undefined });
    return parseInstant(published).map((instant) => ({ path: text, publishedAt: instant }));
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    const message = `Source "${sourceName}": where its file is cannot be told. ${why}`;
    return err(new ConfigError(message, { context: { sourceName }, cause: thrown }));
  }
}

/** The path when it is known without parameters. */
export function fixedPath(path: FileLocationOptions["path"]): string | undefined {
  return typeof path === "function" ? undefined : pathText(path);
}

function pathText(path: unknown): string {
  const text = path instanceof URL ? fileURLToPath(path) : path;
  if (typeof text === "string" && text !== "") return text;
  throw new ConfigError(`A path is a text or a file URL, not ${JSON.stringify(text)}.`);
}
