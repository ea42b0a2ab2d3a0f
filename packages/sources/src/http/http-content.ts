import { type FileHandle, mkdir, mkdtemp, open, rename, rm } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { err, instantOfMs, ok, type Result, type SpineError, toSpineError } from "@spine/core";
import type { ByteContent } from "../content/byte-content.ts";
import { openFile } from "../file/open-file.ts";
import type { ProblemSubject } from "../text/read-problem.ts";
import { headerOf } from "./http-response.ts";
import type { HttpRequest, HttpSession } from "./http-session.ts";
import { type BodySink, receiveBody, type ReceivedHead } from "./receive-body.ts";

export interface Download {
  readonly head: ReceivedHead;
  /** Undefined when the answer was 304. */
  readonly content: ByteContent | undefined;
}

/**
 * Brings a body to the disk: under a name that ends with `.part` in the folder it is meant for, whole and flushed before it gets its own
 * name, so that nobody sees half of it. Without a place of its own it lives as long as the content is open.
 */
export async function download(
  session: HttpSession,
  request: HttpRequest,
  { subject, path }: { readonly subject: ProblemSubject; readonly path: string | undefined },
): Promise<Result<Download, SpineError>> {
  let folder: string | undefined;
  let part: string | undefined;
  const discard = async (): Promise<void> => {
    if (part !== undefined) await rm(part, { force: true });
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  };
  try {
    if (path === undefined) folder = await mkdtemp(join(tmpdir(), "spine-download-"));
    else await mkdir(dirname(path), { recursive: true });
    const target = path ?? join(folder ?? "", "content");
    part = partName(target);
    const file = await open(part, "wx", 0o600);
    let head: Result<ReceivedHead, SpineError>;
    try {
      head = await receiveBody(session, request, fileSink(file));
      if (head.isOk() && path !== undefined) await file.sync();
    } finally {
      await file.close();
    }
    if (head.isErr() || head.value.status === 304) {
      await discard();
      return head.map((value) => ({ head: value, content: undefined }));
    }
    await rename(part, target);
    part = undefined;
    const opened = await openFile(subject, target);
    if (opened.isErr()) {
      await discard();
      return err(opened.error);
    }
    const received = head.value;
    return ok({ head: received, content: asReceived(opened.value, received, discard) });
  } catch (thrown) {
    await discard();
    return err(toSpineError(thrown, "STORAGE_ERROR", { ...subject }));
  }
}

/** Unlike that of any other download, also of another process; a name that readers of a folder pass over. */
function partName(target: string): string {
  return join(dirname(target), `.${basename(target)}.${randomUUID()}.part`);
}

function fileSink(file: FileHandle): BodySink {
  let position = 0;
  return {
    async reset() {
      position = 0;
      await file.truncate(0);
    },
    async write(bytes) {
      let written = 0;
      while (written < bytes.length) {
        const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position);
        written += bytesWritten;
        position += bytesWritten;
      }
    },
  };
}

function asReceived(content: ByteContent, { headers }: ReceivedHead, remove: () => Promise<void>): ByteContent {
  const etag = headerOf(headers, "etag");
  const modifiedMs = Date.parse(headerOf(headers, "last-modified") ?? "");
  return {
    subject: content.subject,
    sizeBytes: content.sizeBytes,
    modifiedAt: Number.isNaN(modifiedMs) ? undefined : instantOfMs(modifiedMs),
    ...(etag === undefined ? {} : { etag }),
    chunks: () => content.chunks(),
    slice: (start, end) => content.slice(start, end),
    hasChanged: () => content.hasChanged(),
    async close() {
      await content.close();
      await remove();
    },
  };
}
