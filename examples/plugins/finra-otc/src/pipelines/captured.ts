import { type Capture, orThrow, type RunningCapture, type SqlValue } from "@spine/core";

/** An output as it was when a capture was made: its facts are the capture's metrics. */
export function outputOf<Output>(
  capture: Capture,
  schema: { parse(value: unknown): Output },
): Output {
  return schema.parse({ ...capture.metrics, captureId: capture.captureId });
}

const batchSize = 1000;

/** Writes rows in batches, each in a commit of its own that is awaited before the next. */
export async function insertRows(
  capture: RunningCapture,
  table: string,
  rows: readonly Readonly<Record<string, SqlValue>>[],
  signal: AbortSignal,
): Promise<void> {
  for (let at = 0; at < rows.length; at += batchSize) {
    signal.throwIfAborted();
    await orThrow(capture.insert(table, rows.slice(at, at + batchSize)));
  }
}
