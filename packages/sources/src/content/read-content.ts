import { err, ok, type SpineError, systemClock } from "@spine/core";
import { isProblem, type RandomAccessFormat, type ReadFindings, type RowReader } from "../formats/row-format.ts";
import { applyRowSchema } from "../row-schema.ts";
import type { ReadOptions, SourceBatch } from "../source.ts";
import type { SourceMetadata } from "../source-metadata.ts";
import type { BatchReader } from "../source-stream.ts";
import { problemError, type ReadProblem } from "../text/read-problem.ts";
import type { ByteContent } from "./byte-content.ts";
import { hasContentOf, isAborted, readAborted } from "./content-hash.ts";
import { changedWhileRead } from "./content-problems.ts";
import type { OpenedRows } from "./open-rows.ts";
import type { RowSettings } from "./row-options.ts";
import { type ContentReading, type OpenedContent, Unpacking } from "./unpacking.ts";

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

async function* pushAll(reader: RowReader<unknown>, chunks: OpenedContent["chunks"]): Batches {
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

async function typeBatch<Row>(
  batch: SourceBatch<unknown>,
  { schema }: RowSettings,
  locator: string,
): Promise<SourceBatch<Row>> {
  // Without a schema a row is what the format makes; the source's door gives it that type.
  if (schema === undefined) return batch as SourceBatch<Row>;
  return (await applyRowSchema(batch, schema, locator)) as SourceBatch<Row>;
}
