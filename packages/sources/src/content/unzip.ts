import { Readable } from "node:stream";
import { crc32 } from "node:zlib";
import { err, ok, ParseError, type Result, SourceError, type SpineError, toSpineError } from "@spine/core";
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from "yauzl";
import type { ProblemSubject } from "../text/read-problem.ts";
import type { ByteContent } from "./byte-content.ts";
import type { ExpansionLimits } from "./compression.ts";

/** How much of an archive is read at once. */
const pieceBytes = 256 * 1024;

/** Members looked at; an archive with more is not meant for reading one of them. */
const maxMembers = 10_000;

/** One file of a zip archive. */
export interface ZipMember {
  readonly name: string;
  readonly sizeBytes: number;
  chunks(): AsyncGenerator<Result<Uint8Array, SpineError>, void, undefined>;
}

/**
 * The member of the name `wanted`, with or without folders, or of that extension; without it, the only file there is. Fails with `ZIP_MEMBER_NOT_FOUND`,
 * `COMPRESSION_INVALID`, `CONTENT_TOO_LARGE`.
 */
export async function openZipMember(
  content: ByteContent,
  { wanted, limits }: { readonly wanted: string | undefined; readonly limits: ExpansionLimits },
): Promise<Result<ZipMember, SpineError>> {
  const { subject } = content;
  try {
    const zip = await fromRandomAccessReaderPromise(new ContentReader(content), content.sizeBytes, {
      lazyEntries: true,
      autoClose: false,
    });
    const files: Entry[] = [];
    for await (const entry of zip.eachEntry()) {
      if (!entry.fileName.endsWith("/") && !entry.fileName.startsWith("__MACOSX/")) files.push(entry);
      if (files.length === maxMembers) break;
    }
    const matching = files.filter(({ fileName }) => wanted === undefined || hasName(fileName, wanted));
    if (wanted === undefined && files.some(({ fileName }) => fileName === "xl/workbook.xml"))
      return err(workbook(subject));
    const exact = matching.find(({ fileName }) => fileName === wanted);
    const [entry] = exact === undefined ? matching : [exact];
    if (entry === undefined || (exact === undefined && matching.length > 1))
      return err(
        notOneMember(
          wanted,
          (matching.length > 1 ? matching : files).map(({ fileName }) => fileName),
          subject,
        ),
      );
    if (entry.uncompressedSize > limits.maxBytes) return err(memberTooLarge(entry, limits, subject));
    return ok({
      name: entry.fileName,
      sizeBytes: entry.uncompressedSize,
      chunks: () => memberChunks(zip, entry, subject),
    });
  } catch (thrown) {
    return err(badZip(thrown, subject));
  }
}

/** The library refuses a member that unpacks to another size than the directory says; the check sum is ours to look at. */
async function* memberChunks(
  zip: ZipFile,
  entry: Entry,
  subject: ProblemSubject,
): AsyncGenerator<Result<Uint8Array, SpineError>, void, undefined> {
  let stream: Readable | undefined;
  let sum = 0;
  try {
    stream = await zip.openReadStreamPromise(entry);
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      sum = crc32(chunk, sum);
      yield ok(chunk);
    }
    if (sum !== entry.crc32) yield err(badZip(new Error(`the check sum of ${entry.fileName} is another one`), subject));
  } catch (thrown) {
    yield err(badZip(thrown, subject));
  } finally {
    stream?.destroy();
  }
}

class ContentReader extends RandomAccessReader {
  readonly #content: ByteContent;

  constructor(content: ByteContent) {
    super();
    this.#content = content;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(slices(this.#content, start, end));
  }
}

async function* slices(content: ByteContent, start: number, end: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = start; at < end; at += pieceBytes) yield await content.slice(at, Math.min(at + pieceBytes, end));
}

/** Its own name, with or without folders, or its extension. */
function hasName(fileName: string, wanted: string): boolean {
  return fileName === wanted || fileName.endsWith(wanted.startsWith(".") ? wanted : `/${wanted}`);
}

function notOneMember(wanted: string | undefined, names: readonly string[], subject: ProblemSubject): SourceError {
  const shown = names.slice(0, 8).join(", ") + (names.length > 8 ? ", …" : "");
  const has = names.length === 0 ? "there is no file in it" : `there are ${shown} in it`;
  const what = wanted === undefined ? "it is a zip archive of not one file" : `no one file of it is "${wanted}"`;
  const remedy = "Pass the name of one as member.";
  return new SourceError(`Could not read ${subject.locator}: ${what}, ${has}. ${remedy}`, {
    code: "ZIP_MEMBER_NOT_FOUND",
    context: { ...subject, remedy, members: names.slice(0, 100) },
  });
}

function workbook(subject: ProblemSubject): SourceError {
  const remedy = "Have the sheet exported as CSV.";
  return new SourceError(`Could not read ${subject.locator}: it is an Excel workbook. ${remedy}`, {
    code: "ZIP_MEMBER_NOT_FOUND",
    context: { ...subject, remedy },
  });
}

function memberTooLarge(entry: Entry, limits: ExpansionLimits, subject: ProblemSubject): SourceError {
  const remedy = "If it is meant to be so large, raise maxDecodedBytes.";
  return new SourceError(
    `Could not read ${subject.locator}: ${entry.fileName} unpacks to ${entry.uncompressedSize} bytes, the limit is ${limits.maxBytes}. ${remedy}`,
    { code: "CONTENT_TOO_LARGE", context: { ...subject, remedy, bytes: entry.uncompressedSize } },
  );
}

function badZip(thrown: unknown, subject: ProblemSubject): ParseError {
  const remedy = "Get it again.";
  return new ParseError(
    `Could not read ${subject.locator}: it is no whole zip archive, ${toSpineError(thrown).message}. ${remedy}`,
    { code: "COMPRESSION_INVALID", context: { ...subject, remedy }, cause: thrown },
  );
}
