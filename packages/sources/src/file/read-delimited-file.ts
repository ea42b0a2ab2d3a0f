import { createHash } from "node:crypto";
import { extname } from "node:path";
import { err, type Instant, ok, type Schema, systemClock } from "@spine/core";
import { DelimitedReader } from "../delimited/delimited-reader.ts";
import type { DelimitedFormat } from "../delimited/dialect.ts";
import type { TextRow } from "../delimited/row-factory.ts";
import { applyRowSchema } from "../row-schema.ts";
import type { ReadOptions, SourceBatch } from "../source.ts";
import type { SourceMetadata, SourceVersion } from "../source-metadata.ts";
import type { BatchReader } from "../source-stream.ts";
import { problemError, type ReadProblem } from "../text/read-problem.ts";
import { hasContentOf, readAborted } from "./file-content.ts";
import { changedWhileRead, openFile } from "./open-file.ts";

export interface DelimitedFileReading<Row> {
  readonly path: string;
  readonly sourceName: string;
  readonly format: DelimitedFormat;
  /** Without it, rows stay as the text has them. */
  readonly schema: Schema<unknown, Row> | undefined;
  readonly publishedAt: Instant | undefined;
}

const delimiterByExtension: Readonly<Record<string, string>> = Object.freeze({
  ".csv": ",",
  ".psv": "|",
  ".tsv": "\t",
  ".tab": "\t",
});

/** One reading of a delimited file: parsed and hashed in the same pass. */
export async function* readDelimitedFile<Row>(
  reading: DelimitedFileReading<Row>,
  options: ReadOptions,
): BatchReader<Row> {
  const { clock = systemClock, previous, signal } = options;
  const startedMs = clock.monotonicMs();
  const subject = { sourceName: reading.sourceName, sourceType: "file", locator: reading.path };
  if (isAborted(signal)) return err(readAborted(subject, signal));
  const opened = await openFile(subject);
  if (opened.isErr()) return err(opened.error);
  const file = opened.value;
  const reader = new DelimitedReader({
    ...reading.format,
    locator: reading.path,
    expectedDelimiter: delimiterByExtension[extname(reading.path).toLowerCase()],
  });
  const hash = createHash("sha256");
  let rowCount = 0;
  let rejectedCount = 0;

  async function* deliver(
    batches: Generator<SourceBatch<TextRow>, ReadProblem | undefined>,
  ): AsyncGenerator<SourceBatch<Row>, ReadProblem | undefined> {
    for (;;) {
      const step = batches.next();
      if (step.done === true) return step.value;
      const batch = await typeBatch(step.value, reading);
      rowCount += batch.rows.length;
      rejectedCount += batch.rejects.length;
      yield batch;
      if (isAborted(signal)) return undefined;
    }
  }

  const metadata = (found: FoundMetadata): SourceMetadata =>
    Object.freeze({
      ...subject,
      ...found,
      sizeBytes: file.sizeBytes,
      rowCount,
      rejectedCount,
      modifiedAt: file.modifiedAt,
      publishedAt: reading.publishedAt,
      durationMs: clock.monotonicMs() - startedMs,
    });

  try {
    if (previous !== undefined) {
      const same = await hasContentOf(file, previous, { subject, signal });
      if (same.isErr()) return err(same.error);
      if (same.value) return ok(metadata(unchanged(previous)));
    }
    let problem: ReadProblem | undefined;
    for await (const chunk of file.chunks()) {
      if (chunk.isErr()) return err(chunk.error);
      hash.update(chunk.value);
      problem = yield* deliver(reader.push(chunk.value));
      if (isAborted(signal)) return err(readAborted(subject, signal));
      if (problem !== undefined) break;
    }
    // Before the last record is taken for whole, and before a cut one is called a mistake of the file.
    if (await file.hasChanged()) return err(changedWhileRead(subject));
    problem ??= yield* deliver(reader.finish());
    if (isAborted(signal)) return err(readAborted(subject, signal));
    if (problem !== undefined) return err(problemError(problem, subject));
    return ok(metadata(foundBy(reader, hash.digest("hex"))));
  } finally {
    await file.close();
  }
}

type FoundMetadata = Pick<
  SourceMetadata,
  "contentHash" | "encoding" | "dialect" | "columns" | "trailer" | "unchanged" | "warnings"
>;

function foundBy(reader: DelimitedReader, contentHash: string): FoundMetadata {
  const { encoding, dialect, columns = [], trailer = [], warnings = [] } = reader.findings ?? {};
  return { contentHash, encoding, dialect, columns, trailer, warnings, unchanged: false };
}

function unchanged({ contentHash = "" }: SourceVersion): FoundMetadata {
  return {
    contentHash,
    encoding: undefined,
    dialect: undefined,
    columns: [],
    trailer: [],
    warnings: [],
    unchanged: true,
  };
}

/** A function, as the type checker does not expect a signal to change while it looks away. */
function isAborted(signal: AbortSignal | undefined): signal is AbortSignal {
  return signal?.aborted === true;
}

async function typeBatch<Row>(
  batch: SourceBatch<TextRow>,
  { schema, path }: DelimitedFileReading<Row>,
): Promise<SourceBatch<Row>> {
  // Without a schema a row is a TextRow; `fileSource` gives it that type.
  if (schema === undefined) return batch as SourceBatch<unknown> as SourceBatch<Row>;
  return applyRowSchema(batch, schema, path);
}
