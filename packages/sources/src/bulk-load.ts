import {
  ConfigError,
  err,
  ok,
  type Result,
  type ResultAsync,
  resultAsync,
  type RunningCapture,
  type SpineError,
  type SqlValue,
} from "@spine/core";
import type { SourceBatch } from "./source.ts";
import type { SourceMetadata } from "./source-metadata.ts";
import type { SourceStream } from "./source-stream.ts";

/** A row as a table takes it, without `capture_id`. */
export type TableRow = Readonly<Record<string, SqlValue>>;

export interface LoadProgress {
  /** Rows that are in the table. */
  readonly rowCount: number;
  readonly rejectedCount: number;
}

export interface BulkLoadOptions<Row> {
  /** What the table gets of a batch; may be fewer rows, or more. @defaultValue the rows as they are */
  readonly toRows?: (batch: SourceBatch<Row>) => readonly TableRow[];
  /** Rows of one commit. @defaultValue 5000 */
  readonly rowsPerCommit?: number;
  /** Called behind each commit. */
  readonly onProgress?: (progress: LoadProgress) => void;
}

/**
 * Reads a source to its end into a table, under a running capture: rows go in short commits by the engine's fastest way (COPY on
 * PostgreSQL, prepared statements on SQLite), rejects are kept, and the capture is told counts, content hash and publication. No reader sees
 * any of it before the pipeline's `commit`; a load that fails leaves rows behind that are swept with the capture. Resolves to what was read.
 * Fails as the source and `RunningCapture.insert` do.
 * @example
 * const read = yield* bulkLoad(running, "prices", source.stream(), { onProgress: ({ rowCount }) => log.info("loaded", { rowCount }) });
 */
export function bulkLoad<Row>(
  capture: RunningCapture,
  table: string,
  stream: SourceStream<Row>,
  options: BulkLoadOptions<Row> & (Row extends TableRow ? unknown : Required<Pick<BulkLoadOptions<Row>, "toRows">>),
): ResultAsync<SourceMetadata, SpineError> {
  const { toRows = ({ rows }: SourceBatch<Row>) => rows as readonly TableRow[], rowsPerCommit = 5000 } = options;
  let pending: TableRow[] = [];
  let rowCount = 0;
  let rejectedCount = 0;

  async function flush(): Promise<Result<void, SpineError>> {
    if (pending.length === 0) return ok(undefined);
    const rows = pending;
    pending = [];
    const inserted = await capture.insert(table, rows);
    if (inserted.isErr()) return err(inserted.error);
    rowCount += inserted.value;
    options.onProgress?.({ rowCount, rejectedCount });
    return ok(undefined);
  }

  async function take(batch: SourceBatch<Row>): Promise<Result<void, SpineError>> {
    if (batch.rejects.length > 0) {
      const kept = await capture.reject(batch.rejects);
      if (kept.isErr()) return err(kept.error);
      rejectedCount += batch.rejects.length;
    }
    for (const row of toRows(batch)) {
      pending.push(row);
      if (pending.length < rowsPerCommit) continue;
      const flushed = await flush();
      if (flushed.isErr()) return flushed;
    }
    return ok(undefined);
  }

  return resultAsync(async () => {
    if (!(rowsPerCommit >= 1)) {
      return err(new ConfigError(`rowsPerCommit is ${rowsPerCommit}, not 1 or more. Correct the option.`));
    }
    const read = await stream.forEachBatch(take);
    if (read.isErr()) return err(read.error);
    const flushed = await flush();
    if (flushed.isErr()) return err(flushed.error);
    const { contentHash, publishedAt } = read.value;
    capture.complete({
      rowCount,
      rejectCount: rejectedCount,
      contentHash,
      ...(publishedAt === undefined ? {} : { publishedAt }),
    });
    return read;
  });
}
