import { createHash } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { orThrow } from "@spine/core";
import { fileSource } from "@spine/sources";
import { inferSchema, initParser, type Parser } from "udsv";
import type { BenchCase } from "../bench.ts";
import { type WeeklyColumn, writeWeeklyFile } from "../weekly-file.ts";

/** As `FileSource` reads. */
const chunkBytes = 256 * 1024;

/** A delimited file to row objects, against the fastest library's loop to row objects with sha256 of the same chunks. */
export const fileSourceRows: BenchCase = {
  name: "file-source",
  async open(scale) {
    const folder = mkdtempSync(join(tmpdir(), "spine-bench-file-"));
    const path = join(folder, "weekly.psv");
    const { rows } = await writeWeeklyFile(path, { rows: scale === "full" ? 1_000_000 : 200_000 });
    return {
      benches: [
        {
          name: "file-source-rows",
          unit: "ns/row",
          goal: 1.2,
          measured: () => perRow(rows, () => sumBySource(path)),
          floor: () => perRow(rows, () => sumByLibrary(path)),
        },
      ],
      close: () => rm(folder, { recursive: true }),
    };
  },
};

interface Sums {
  readonly rows: number;
  readonly characters: number;
}

let expected: Sums | undefined;

/** Both sides must have made the same rows. */
async function perRow(rows: number, read: () => Promise<Sums>): Promise<number> {
  const startedMs = performance.now();
  const sums = await read();
  const tookMs = performance.now() - startedMs;
  expected ??= sums;
  if (sums.rows !== rows || sums.characters !== expected.characters)
    throw new Error(`read ${JSON.stringify(sums)} of ${rows} rows, ${JSON.stringify(expected)}`);
  return (tookMs * 1e6) / rows;
}

async function sumBySource(path: string): Promise<Sums> {
  const source = fileSource({ name: "bench.weekly", path });
  let rows = 0;
  let characters = 0;
  const read = source.stream().forEachBatch((batch) => {
    rows += batch.rows.length;
    for (const row of batch.rows as readonly Row[]) characters += row.MPID.length + row.totalWeeklyShareQuantity.length;
  });
  await orThrow(read);
  return { rows, characters };
}

type Row = Readonly<Record<WeeklyColumn, string>>;

async function sumByLibrary(path: string): Promise<Sums> {
  const handle = await open(path);
  const buffer = Buffer.allocUnsafe(chunkBytes);
  const hash = createHash("sha256");
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let parser: Parser | undefined;
  let rows = 0;
  let characters = 0;
  const take = (row: Row): boolean => {
    rows += 1;
    characters += row.MPID.length + row.totalWeeklyShareQuantity.length;
    return true;
  };
  try {
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, chunkBytes);
      if (bytesRead === 0) break;
      const chunk = buffer.subarray(0, bytesRead);
      hash.update(chunk);
      const text = decoder.decode(chunk, { stream: true });
      parser ??= initParser(inferSchema(text));
      parser.chunk<Row>(text, parser.stringObjs, take);
    }
    parser?.end();
  } finally {
    await handle.close();
  }
  hash.digest("hex");
  return { rows, characters };
}
