import { setTimeout as sleep } from "node:timers/promises";
import { orThrow } from "@spine/core";
import { fileSource } from "@spine/sources";

// Started by cases/stream-memory.ts with a path: streams the file and tells its memory before and at its highest.
const [path = ""] = process.argv.slice(2);
await sleep(100);
const idleBytes = process.memoryUsage.rss();
let peakBytes = idleBytes;
let rows = 0;
await orThrow(
  fileSource({ name: "bench.weekly", path })
    .stream()
    .forEachBatch((batch) => {
      rows += batch.rows.length;
      peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
    }),
);
process.send?.({ idleBytes, peakBytes, rows });
process.disconnect();
