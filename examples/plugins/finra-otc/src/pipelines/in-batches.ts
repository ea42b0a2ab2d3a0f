import { orThrow, type ResultAsync, type SpineError } from "@spine/core";

const batchSize = 1000;

/**
 * Writes batch after batch, each awaited before the next: a slow database slows its writer, and nothing piles up. `onBatch` is told
 * how many are done.
 */
export async function inBatches<T>(
  items: readonly T[],
  signal: AbortSignal,
  write: (batch: readonly T[]) => ResultAsync<unknown, SpineError>,
  onBatch: (done: number) => void = () => undefined,
): Promise<void> {
  for (let at = 0; at < items.length; at += batchSize) {
    signal.throwIfAborted();
    await orThrow(write(items.slice(at, at + batchSize)));
    onBatch(Math.min(at + batchSize, items.length));
  }
}
