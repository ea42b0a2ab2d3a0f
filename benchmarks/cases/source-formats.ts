import { createReadStream, createWriteStream } from "node:fs";
import { createHash } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { orThrow } from "@spine/core";
import { fileSource, ndjson } from "@spine/sources";
import type { BenchCase } from "../bench.ts";
import { writeWeeklyFile } from "../weekly-file.ts";

const chunkBytes = 256 * 1024;

/**
 * NDJSON to row objects, against a loop over readline and JSON.parse; and a packed file, against reading it unpacked plus unpacking it:
 * gzip may add no more than that.
 */
export const sourceFormats: BenchCase = {
  name: "source-formats",
  async open(scale) {
    const folder = mkdtempSync(join(tmpdir(), "spine-bench-formats-"));
    const psv = join(folder, "weekly.psv");
    const lines = join(folder, "weekly.ndjson");
    const packed = join(folder, "weekly.psv.gz");
    const { rows } = await writeWeeklyFile(psv, { rows: scale === "full" ? 1_000_000 : 200_000 });
    await writeLines(psv, lines);
    await pipeline(createReadStream(psv), createGzip(), createWriteStream(packed));
    return {
      benches: [
        {
          name: "ndjson-rows",
          unit: "ns/row",
          goal: 1.2,
          measured: () => perRow(rows, () => countBySource(lines, ndjson())),
          floor: () => perRow(rows, () => countByReadline(lines)),
        },
        {
          name: "gzip-rows",
          unit: "ns/row",
          goal: 1.1,
          measured: () => perRow(rows, () => countBySource(packed, undefined)),
          floor: () => perRow(rows, async () => (await unpack(packed), countBySource(psv, undefined))),
        },
      ],
      close: () => rm(folder, { recursive: true }),
    };
  },
};

async function perRow(rows: number, read: () => Promise<number>): Promise<number> {
  const startedMs = performance.now();
  const count = await read();
  const tookMs = performance.now() - startedMs;
  if (count !== rows) throw new Error(`read ${count} of ${rows} rows`);
  return (tookMs * 1e6) / rows;
}

async function countBySource(path: string, format: ReturnType<typeof ndjson> | undefined): Promise<number> {
  const source = fileSource({ name: "bench.formats", path, ...(format === undefined ? {} : { format }) });
  return (await orThrow(source.stream().forEachBatch(() => undefined))).rowCount;
}

async function countByReadline(path: string): Promise<number> {
  const input = createReadStream(path, { highWaterMark: chunkBytes });
  let rows = 0;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    const row = JSON.parse(line) as object;
    if (row !== null) rows += 1;
  }
  return rows;
}

/** What the source has to do for a packed file beside the rows. */
async function unpack(path: string): Promise<void> {
  const hash = createHash("sha256");
  const input = createReadStream(path, { highWaterMark: chunkBytes });
  input.on("data", (chunk) => hash.update(chunk));
  for await (const _chunk of input.pipe(createGunzip({ chunkSize: chunkBytes })));
  hash.digest("hex");
}

async function writeLines(from: string, to: string): Promise<void> {
  const source = fileSource({ path: from, delimiter: "|" });
  await pipeline(async function* () {
    for await (const batch of source.stream())
      yield orThrow(batch)
        .rows.map((row) => `${JSON.stringify(row)}\n`)
        .join("");
  }, createWriteStream(to));
}
