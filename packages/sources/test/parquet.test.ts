import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { bytesHash } from "@spine/core";
import { fileSource } from "@spine/sources";
import { parquet } from "@spine/sources/parquet";
import { expectErr, expectOk } from "@spine/testkit";
import { type ColumnSource, parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, test } from "vitest";
import { tempFolder } from "./support/temp-file.ts";

const folder = tempFolder();
let count = 0;

function writeParquet(columnData: ColumnSource[], rowGroupSize = 1000): string {
  count += 1;
  const path = join(folder, `${count}.parquet`);
  writeFileSync(path, Buffer.from(parquetWriteBuffer({ columnData, rowGroupSize })));
  return path;
}

const numbers = Array.from({ length: 2500 }, (_, at) => at);
const plain = (): string =>
  writeParquet([
    { name: "n", data: numbers, type: "INT32" },
    { name: "text", data: numbers.map((n) => `é${n}`), type: "STRING" },
  ]);

describe("Parquet", () => {
  test("is found by its mark, read group by group, with the number of each row and the hash of the file", async () => {
    const path = plain();
    const sizes: number[] = [];
    const stream = fileSource({ path, batchSize: 400 }).stream();
    const rows: unknown[] = [];
    const lines: number[] = [];
    const metadata = await expectOk(
      stream.forEachBatch((batch) => {
        sizes.push(batch.rows.length);
        rows.push(...batch.rows);
        lines.push(...batch.lineNumbers);
      }),
    );
    expect(sizes).toEqual([400, 400, 200, 400, 400, 200, 400, 100]);
    expect(rows).toEqual(numbers.map((n) => ({ n, text: `é${n}` })));
    expect(lines).toEqual(numbers.map((n) => n + 1));
    expect(metadata).toMatchObject({
      format: "parquet",
      columns: ["n", "text"],
      rowCount: 2500,
      contentHash: bytesHash(readFileSync(path)),
    });
  });

  test("gives only the columns asked for, and the near name of one it has not", async () => {
    const path = plain();
    const { rows, metadata } = await expectOk(fileSource({ path, format: parquet({ columns: ["text"] }) }).fetch());
    expect(rows[7]).toEqual({ text: "é7" });
    expect(metadata.columns).toEqual(["text"]);
    const error = await expectErr(
      fileSource({ path, format: parquet({ columns: ["txet"] }) }).fetch(),
      "HEADER_INVALID",
    );
    expect(error.message).toContain('it has no column "txet". Did you mean "text"?');
  });

  // Written by DuckDB 1.5: `copy (select … from range(7)) to … (format parquet, compression …)`.
  test.each(["snappy", "gzip", "zstd", "brotli", "lz4_raw", "uncompressed"])(
    "of another program comes out exact to the digit: %s",
    async (compression) => {
      const path = join(import.meta.dirname, "fixtures", `duckdb-${compression}.parquet`);
      const { rows } = await expectOk(fileSource({ path }).fetch());
      expect(rows.map(({ big }) => big)).toEqual([
        9007199254740990,
        9007199254740991,
        ...[2n, 3n, 4n, 5n, 6n].map((n) => 9007199254740990n + n),
      ]);
      expect(rows.map(({ price }) => price)).toEqual(["-3.00", "-1.90", "-0.80", "0.30", "1.40", "2.50", "3.60"]);
      expect(rows.map(({ maybe }) => maybe)).toEqual([null, 1, 2, null, 4, 5, null]);
      expect(rows[5]).toEqual({
        id: 5,
        big: 9007199254740995n,
        symbol: "S5",
        price: "2.50",
        wide: "0.3750000000",
        day: "2025-06-11",
        local_at: "2025-06-06T01:02:08.123456",
        at: "2025-06-06T01:02:03.004Z",
        flag: false,
        ratio: 1.25,
        prices: ["5.00", "6.00"],
        nested: { a: "5.000", b: "x" },
        maybe: 5,
        bytes: Uint8Array.from([98, 53]),
      });
    },
  );

  test("packed as a whole it is unpacked first", async () => {
    const path = join(folder, "packed.parquet.gz");
    writeFileSync(path, gzipSync(readFileSync(plain())));
    const { rows, metadata } = await expectOk(fileSource({ path }).fetch());
    expect(rows).toHaveLength(2500);
    expect(metadata).toMatchObject({ compression: "gzip", format: "parquet" });
  });

  test("a group larger than its limit is refused before it is unpacked", async () => {
    const error = await expectErr(
      fileSource({ path: plain(), format: parquet({ maxGroupBytes: 100 }) }).fetch(),
      "RECORD_TOO_LONG",
    );
    expect(error.message).toContain("smaller row groups");
  });

  test.each([0.2, 0.6, 0.99])("that is cut at %d of its length is refused", async (share) => {
    const bytes = readFileSync(plain());
    const path = join(folder, `cut-${share}.parquet`);
    writeFileSync(path, bytes.subarray(0, Math.floor(bytes.length * share)));
    await expectErr(fileSource({ path }).fetch(), "PARSE_ERROR");
  });

  test("a byte turned over anywhere ends in rows or an error, never in a throw or a hang", async () => {
    const bytes = readFileSync(plain());
    const path = join(folder, "flipped.parquet");
    for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / 60)) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ 0x5a;
      writeFileSync(path, flipped);
      const read = await fileSource({ path, format: parquet() }).fetch();
      expect(read.isOk() || read.error.code === "PARSE_ERROR").toBe(true);
    }
  });
});
