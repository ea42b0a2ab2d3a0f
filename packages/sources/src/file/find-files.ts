import { glob, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { instantOfMs, type Instant, toSpineError, err, ok, type Result, type SpineError } from "@spine/core";
import { hasUnfinishedName, settlesInMs } from "./settled-file.ts";

/** A file that may be read. */
export interface FoundFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedAt: Instant;
}

export interface FoundFiles {
  /** In order. */
  readonly files: readonly FoundFile[];
  /** Those that somebody may still be writing, by path; for the next time. */
  readonly unsettled: readonly string[];
}

export type FileOrder = "name" | "modified" | ((one: FoundFile, other: FoundFile) => number);

const orders: Readonly<Record<"name" | "modified", (one: FoundFile, other: FoundFile) => number>> = Object.freeze({
  // By code units, the same on every machine.
  name: (one: FoundFile, other: FoundFile) => Number(one.path > other.path) - Number(one.path < other.path),
  modified: (one: FoundFile, other: FoundFile) =>
    Number(one.modifiedAt > other.modifiedAt) - Number(one.modifiedAt < other.modifiedAt) || orders.name(one, other),
});

/** The regular files of a folder that match, without those whose name says that they are not finished. */
export async function findFiles({
  folder,
  pattern,
  order,
  settleMs,
  nowMs,
}: {
  readonly folder: string;
  readonly pattern: string;
  readonly order: FileOrder;
  readonly settleMs: number;
  readonly nowMs: number;
}): Promise<Result<FoundFiles, SpineError>> {
  const files: FoundFile[] = [];
  const unsettled: string[] = [];
  try {
    // A folder that is not there has no files, says glob; it is a mistake all the same.
    await stat(folder);
    for await (const name of glob(pattern, { cwd: folder })) {
      const path = resolve(join(folder, name));
      if (hasUnfinishedName(basename(name))) continue;
      const stats = await stat(path);
      if (!stats.isFile()) continue;
      if (settlesInMs(stats.mtimeMs, nowMs, settleMs) > 0) unsettled.push(path);
      else files.push({ path, sizeBytes: stats.size, modifiedAt: instantOfMs(stats.mtimeMs) });
    }
  } catch (thrown) {
    return err(toSpineError(thrown, "SOURCE_ERROR", { folder, pattern }));
  }
  const compare = typeof order === "function" ? order : orders[order];
  return ok({ files: Object.freeze(files.toSorted(compare)), unsettled: Object.freeze(unsettled.toSorted()) });
}
