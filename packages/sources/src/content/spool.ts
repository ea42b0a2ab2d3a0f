import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { err, ok, type Result, type SpineError, toSpineError } from "@spine/core";
import { openFile } from "../file/open-file.ts";
import type { ProblemSubject } from "../text/read-problem.ts";
import type { ByteContent } from "./byte-content.ts";

/** Bytes in a temporary file that lives as long as the content is open. */
export async function spool(
  chunks: AsyncIterable<Result<Uint8Array, SpineError>>,
  subject: ProblemSubject,
): Promise<Result<ByteContent, SpineError>> {
  let folder: string | undefined;
  const remove = async (): Promise<void> => {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  };
  try {
    folder = await mkdtemp(join(tmpdir(), "spine-source-"));
    const path = join(folder, "content");
    const file = await open(path, "wx", 0o600);
    try {
      for await (const chunk of chunks) {
        if (chunk.isErr()) {
          await file.close();
          await remove();
          return err(chunk.error);
        }
        await file.writeFile(chunk.value);
      }
    } finally {
      await file.close();
    }
    const opened = await openFile(subject, path);
    if (opened.isErr()) {
      await remove();
      return err(opened.error);
    }
    return ok(temporary(opened.value, remove));
  } catch (thrown) {
    await remove();
    return err(toSpineError(thrown, "STORAGE_ERROR", { ...subject }));
  }
}

function temporary(content: ByteContent, remove: () => Promise<void>): ByteContent {
  return {
    subject: content.subject,
    sizeBytes: content.sizeBytes,
    modifiedAt: content.modifiedAt,
    chunks: () => content.chunks(),
    slice: (start, end) => content.slice(start, end),
    hasChanged: () => Promise.resolve(false),
    async close() {
      await content.close();
      await remove();
    },
  };
}
