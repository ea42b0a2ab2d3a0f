import { createHash } from "node:crypto";
import { basename } from "node:path";
import { err, type Instant, ok, type Result, type SpineError, systemClock } from "@spine/core";
import { isProblem, type RandomAccessFormat, type ReadFindings, type RowReader } from "../formats/row-format.ts";
import { applyRowSchema } from "../row-schema.ts";
import type { ReadOptions, SourceBatch } from "../source.ts";
import type { SourceMetadata } from "../source-metadata.ts";
import type { BatchReader } from "../source-stream.ts";
import { problemError, type ReadProblem } from "../text/read-problem.ts";
import type { ByteContent } from "./byte-content.ts";
import { decompress, detectCompression, withoutCompressionExtension } from "./compression.ts";
import { hasContentOf, hashContent, isAborted, readAborted } from "./content-hash.ts";
import { changedWhileRead } from "./content-problems.ts";
import { importOptional } from "./optional-import.ts";
import { type OpenedRows, openRows } from "./open-rows.ts";
import { peek } from "./peek.ts";
import type { RowSettings } from "./row-options.ts";
import { spool } from "./spool.ts";

type Chunks = AsyncGenerator<Result<Uint8Array, SpineError>, void, undefined>;

export interface ContentReading {
  readonly settings: RowSettings;
  /** What its extensions are looked up in. @defaultValue the end of the locator */
  readonly fileName?: string | undefined;
  readonly publishedAt?: Instant | undefined;
  /** What the findings said beside rows, once they are complete. */
  readonly onFindings?: (findings: ReadFindings) => void;
}

/** First bytes that decide compression and format. */
const headBytes = 4096;

const zipMark = [0x50, 0x4b, 0x03, 0x04];

/** One reading of content: unpacked, parsed and hashed in the same pass. Does not close it. */
export async function* readContent<Row>(
  content: ByteContent,
  reading: ContentReading,
  options: ReadOptions,
): BatchReader<Row> {
  const { clock = systemClock, previous, signal, tee } = options;
  const { subject } = content;
  const startedMs = clock.monotonicMs();
  const unpacked = new Unpacking(content, reading, signal);
  let rowCount = 0;
  let rejectedCount = 0;

  const metadata = (
    contentHash: string,
    found: ReadFindings | undefined,
    rows: OpenedRows | undefined,
  ): SourceMetadata =>
    Object.freeze({
      ...subject,
      contentHash,
      sizeBytes: content.sizeBytes,
      rowCount,
      rejectedCount,
      modifiedAt: content.modifiedAt,
      ...(content.etag === undefined ? {} : { etag: content.etag }),
      publishedAt: reading.publishedAt,
      format: rows?.kind,
      compression: unpacked.compression,
      encoding: found?.encoding,
      dialect: found?.dialect,
      columns: found?.columns ?? [],
      trailer: found?.trailer ?? [],
      durationMs: clock.monotonicMs() - startedMs,
      unchanged: rows === undefined,
      warnings: Object.freeze([...(rows?.warning === undefined ? [] : [rows.warning]), ...(found?.warnings ?? [])]),
      parts: [],
    });

  if (isAborted(signal)) return err(readAborted(subject, signal));
  if (previous !== undefined) {
    const same = await hasContentOf(content, previous, signal);
    if (same.isErr()) return err(same.error);
    if (same.value) return ok(metadata(previous.contentHash ?? "", undefined, undefined));
  }

  const archived = await tee?.open(subject.locator);
  try {
    const opened = await unpacked.open(archived === undefined ? undefined : (bytes) => archived.write(bytes));
    if (opened.isErr()) return err(opened.error);
    const { rows } = opened.value;
    const batches =
      "push" in rows.reader ? pushAll(rows.reader, opened.value.chunks) : readParts(rows.reader, opened.value);
    let end: ContentEnd = {};
    try {
      for (;;) {
        const step = await batches.next();
        if (step.done === true) {
          end = step.value;
          break;
        }
        const batch = await typeBatch<Row>(step.value, reading.settings, subject.locator);
        rowCount += batch.rows.length;
        rejectedCount += batch.rejects.length;
        yield batch;
        if (isAborted(signal)) return err(readAborted(subject, signal));
      }
    } finally {
      await batches.return({});
    }
    if (isAborted(signal)) return err(readAborted(subject, signal));
    if (end.error !== undefined) return err(end.error);
    // Before a cut record is called a mistake of the file.
    if (await content.hasChanged()) return err(changedWhileRead(subject));
    if (end.problem !== undefined) return err(problemError(end.problem, subject));
    const hash = await unpacked.hash();
    if (hash.isErr()) return err(hash.error);
    await archived?.keep(hash.value);
    const found = end.findings;
    if (found !== undefined) reading.onFindings?.(found);
    return ok(metadata(hash.value, found, rows));
  } finally {
    await archived?.close();
    await unpacked.close();
  }
}

/** How the rows of a content came to their end. */
interface ContentEnd {
  readonly problem?: ReadProblem | undefined;
  readonly error?: SpineError;
  readonly findings?: ReadFindings | undefined;
}

type Batches = AsyncGenerator<SourceBatch<unknown>, ContentEnd, undefined>;

async function* pushAll(reader: RowReader<unknown>, chunks: Chunks): Batches {
  try {
    for await (const chunk of chunks) {
      if (chunk.isErr()) return { error: chunk.error };
      const problem = yield* reader.push(chunk.value);
      if (problem !== undefined) return { problem };
    }
    const problem = yield* reader.finish();
    return problem === undefined ? { findings: reader.findings } : { problem };
  } finally {
    await chunks.return();
  }
}

async function* readParts(format: RandomAccessFormat, opened: OpenedContent): Batches {
  const end = yield* format.read(opened.content, opened.rowOptions);
  return isProblem(end) ? { problem: end } : { findings: end };
}

interface OpenedContent {
  readonly rows: OpenedRows;
  readonly rowOptions: { readonly locator: string; readonly fileName: string };
  readonly chunks: Chunks;
  /** The unpacked bytes, for formats that are not read in order. */
  readonly content: Pick<ByteContent, "sizeBytes" | "slice">;
}

/** Finds out how content is packed, unpacks it, and hashes its raw bytes meanwhile. */
class Unpacking {
  readonly #content: ByteContent;
  readonly #reading: ContentReading;
  readonly #signal: AbortSignal | undefined;
  readonly #hash = createHash("sha256");
  #hashed: string | undefined;
  #compression: string | undefined;
  #spooled: ByteContent | undefined;

  constructor(content: ByteContent, reading: ContentReading, signal: AbortSignal | undefined) {
    this.#content = content;
    this.#reading = reading;
    this.#signal = signal;
  }

  get compression(): string | undefined {
    return this.#compression;
  }

  async open(onBytes: ((bytes: Uint8Array) => Promise<void>) | undefined): Promise<Result<OpenedContent, SpineError>> {
    const { settings } = this.#reading;
    const { subject } = this.#content;
    let fileName = this.#reading.fileName ?? basename(subject.locator);
    const raw = await peek(this.#rawChunks(onBytes), headBytes);
    let chunks = raw.all;
    let { head } = raw;
    if (zipMark.every((byte, index) => head[index] === byte)) {
      await drain(chunks);
      const member = await this.#openMember();
      if (member.isErr()) return err(member.error);
      this.#compression = "zip";
      fileName = basename(member.value.name);
      ({ head, all: chunks } = await peek(member.value.chunks(), headBytes));
    } else {
      const compression = detectCompression(head, fileName);
      if (compression !== undefined) {
        this.#compression = compression;
        fileName = withoutCompressionExtension(fileName);
        const { limits } = settings;
        ({ head, all: chunks } = await peek(decompress(chunks, { compression, limits, subject }), headBytes));
      }
    }
    const rowOptions = { locator: subject.locator, fileName };
    const rows = await openRows(head, settings, rowOptions);
    if (rows.isErr()) {
      await chunks.return();
      return err(rows.error);
    }
    if (!("push" in rows.value.reader)) return this.#openParts(chunks, head, fileName);
    return ok({ rows: rows.value, rowOptions, chunks, content: this.#content });
  }

  async hash(): Promise<Result<string, SpineError>> {
    if (this.#hashed !== undefined) return ok(this.#hashed);
    // A reader may stop before the end, as those of an archive do behind its last member.
    return hashContent(this.#content, this.#signal);
  }

  async close(): Promise<void> {
    await this.#spooled?.close();
  }

  /** The raw bytes, hashed as they pass. */
  async *#rawChunks(onBytes: ((bytes: Uint8Array) => Promise<void>) | undefined): Chunks {
    for await (const chunk of this.#content.chunks()) {
      if (isAborted(this.#signal)) {
        yield err(readAborted(this.#content.subject, this.#signal));
        return;
      }
      if (chunk.isOk()) {
        this.#hash.update(chunk.value);
        await onBytes?.(chunk.value);
      }
      yield chunk;
      if (chunk.isErr()) return;
    }
    this.#hashed = this.#hash.digest("hex");
  }

  async #openMember(): ReturnType<typeof import("./unzip.ts").openZipMember> {
    const unzip = await importOptional(() => import("./unzip.ts"), {
      what: "Reading a zip archive",
      packages: ["yauzl"],
    });
    if (unzip.isErr()) return err(unzip.error);
    const { member, limits } = this.#reading.settings;
    return unzip.value.openZipMember(this.#content, { wanted: member, limits });
  }

  /** Packed bytes are unpacked into a temporary file first. */
  async #openParts(chunks: Chunks, head: Uint8Array, fileName: string): Promise<Result<OpenedContent, SpineError>> {
    const { subject } = this.#content;
    const rowOptions = { locator: subject.locator, fileName };
    const rows = await openRows(head, this.#reading.settings, rowOptions);
    if (rows.isErr()) return err(rows.error);
    if (this.#compression === undefined) {
      const drained = await drain(chunks);
      if (drained.isErr()) return err(drained.error);
      return ok({ rows: rows.value, rowOptions, chunks, content: this.#content });
    }
    const spooled = await spool(chunks, subject);
    if (spooled.isErr()) return err(spooled.error);
    this.#spooled = spooled.value;
    return ok({ rows: rows.value, rowOptions, chunks, content: spooled.value });
  }
}

async function drain(chunks: Chunks): Promise<Result<void, SpineError>> {
  for await (const chunk of chunks) if (chunk.isErr()) return err(chunk.error);
  return ok(undefined);
}

async function typeBatch<Row>(
  batch: SourceBatch<unknown>,
  { schema }: RowSettings,
  locator: string,
): Promise<SourceBatch<Row>> {
  // Without a schema a row is what the format makes; the source's door gives it that type.
  if (schema === undefined) return batch as SourceBatch<Row>;
  return (await applyRowSchema(batch, schema, locator)) as SourceBatch<Row>;
}
