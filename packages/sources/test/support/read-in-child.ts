// Reads a file in a process of its own and prints how far the memory went above what it was before.
import { fileSource } from "@spine/sources";

const [path = ""] = process.argv.slice(2);
const toMiB = (bytes: number): number => Math.round(bytes / 1024 / 1024);
globalThis.gc?.();
const idle = process.memoryUsage.rss();
let peak = idle;
const read = await fileSource({ path })
  .stream()
  .forEachBatch(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  });
const rowCount = read.match(
  (metadata) => metadata.rowCount,
  (error) => {
    throw error;
  },
);
process.stdout.write(JSON.stringify({ rowCount, overIdleMiB: toMiB(peak - idle) }));
