import { readFileSync, writeFileSync } from "node:fs";
import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";
import { bytesHash } from "@spine/core";
import { fileSource } from "@spine/sources";
import { expectErr, expectOk } from "@spine/testkit";
import { describe, expect, test } from "vitest";
import { tempFiles } from "./support/temp-file.ts";
import { zipOf } from "./support/zip.ts";

const write = tempFiles();
const text = `a|b\n${Array.from({ length: 5000 }, (_, at) => `${at}|x\n`).join("")}`;

const zip = (files: Readonly<Record<string, string>>): string => write("data.zip", zipOf(files));

/** A header and 200 MB of one row. */
const endless = Buffer.alloc(200 * 1024 * 1024, `${"x".repeat(4000)}\n`);

describe("a packed file", () => {
  test.each([
    ["gzip", "otc.psv.gz", gzipSync(text)],
    ["gzip", "otc.csv", gzipSync(text)],
    ["gzip", "two-members.psv.gz", Buffer.concat([gzipSync(text.slice(0, 100)), gzipSync(text.slice(100))])],
    ["zstd", "otc.psv.zst", zstdCompressSync(text)],
    ["brotli", "otc.psv.br", brotliCompressSync(text)],
  ])("is unpacked by what it is: %s in %s", async (compression, name, bytes) => {
    const { rows, metadata } = await expectOk(fileSource({ path: write(name, bytes) }).fetch());
    expect(rows).toHaveLength(5000);
    expect(metadata).toMatchObject({
      compression,
      contentHash: bytesHash(bytes),
      sizeBytes: bytes.length,
      dialect: { delimiter: "|" },
    });
  });

  test.each([
    ["gzip", "a.csv.gz", gzipSync(text).subarray(0, 2000)],
    ["zstd", "a.csv.zst", zstdCompressSync(text).subarray(0, 500)],
    ["brotli", "a.csv.br", brotliCompressSync(text).subarray(0, 1000)],
    ["gzip", "b.csv.gz", Buffer.concat([gzipSync(text).subarray(0, 3000), Buffer.alloc(500, 7)])],
  ])("that is cut or damaged is refused: %s", async (compression, name, bytes) => {
    const error = await expectErr(fileSource({ path: write(name, bytes) }).fetch(), "COMPRESSION_INVALID");
    expect(error.message).toContain(`no whole ${compression} archive`);
  });

  test.each([
    ["gzip", gzipSync(endless, { level: 9 })],
    ["zstd", zstdCompressSync(endless)],
  ])("made to fill a disk is not unpacked to its end: %s", async (_compression, bomb) => {
    const path = write("bomb", bomb);
    let rows = 0;
    const read = fileSource({ path })
      .stream()
      .forEachBatch((batch) => void (rows += batch.rows.length));
    const error = await expectErr(read, "CONTENT_TOO_LARGE");
    expect(error.message).toContain("raise maxDecodedBytes or maxExpansion");
    expect(rows).toBeLessThan(40_000);
  });

  test("has the limit its source gives it", async () => {
    const path = write("a.csv.gz", gzipSync(text));
    await expectErr(fileSource({ path, maxDecodedBytes: 1000 }).fetch(), "CONTENT_TOO_LARGE");
  });

  test("that its reader leaves early is closed", async () => {
    const stream = fileSource({ path: write("a.psv.gz", gzipSync(text)), batchSize: 10 }).stream();
    for await (const batch of stream) {
      await expectOk(batch);
      break;
    }
    expect(stream.summary()._unsafeUnwrapErr().code).toBe("CANCELLED");
  });
});

describe("a zip archive", () => {
  test("of one file is that file", async () => {
    const path = zip({ "week/otc.csv": text });
    const { rows, metadata } = await expectOk(fileSource({ path }).fetch());
    expect(rows).toHaveLength(5000);
    expect(metadata).toMatchObject({ compression: "zip", contentHash: bytesHash(readFileSync(path)) });
  });

  test("of several needs the name of one, or its end", async () => {
    const path = zip({ "readme.txt": "x", "otc.csv": text, "b.json": '[{"a":1}]' });
    const error = await expectErr(fileSource({ path }).fetch(), "ZIP_MEMBER_NOT_FOUND");
    expect(error.message).toContain("there are readme.txt, otc.csv, b.json in it. Pass the name of one as member.");
    const { rows } = await expectOk(fileSource({ path, member: ".json" }).fetch());
    expect(rows).toEqual([{ a: 1 }]);
    await expectErr(fileSource({ path, member: "c.csv" }).fetch(), "ZIP_MEMBER_NOT_FOUND");
  });

  test("that is a workbook is called one", async () => {
    const error = await expectErr(
      fileSource({ path: zip({ "xl/workbook.xml": "<x/>", "a.xml": "" }) }).fetch(),
      "ZIP_MEMBER_NOT_FOUND",
    );
    expect(error.message).toContain("it is an Excel workbook. Have the sheet exported as CSV.");
  });

  test("that is damaged or cut is refused", async () => {
    const path = zip({ "otc.csv": text });
    const bytes = readFileSync(path);
    const damaged = Buffer.from(bytes);
    damaged.fill(0x55, 300, 320);
    writeFileSync(path, damaged);
    await expectErr(fileSource({ path }).fetch(), "COMPRESSION_INVALID");
    await expectErr(fileSource({ path: write("cut.zip", bytes.subarray(0, 900)) }).fetch(), "COMPRESSION_INVALID");
  });
});

describe("the format of a file nobody has named", () => {
  test.each([
    ["rows.json", '[{"a":1},{"a":2}]', "json", []],
    ["rows.ndjson", '{"a":1}\n{"a":2}\n', "ndjson", []],
    ["rows.jsonl.gz", gzipSync('{"a":1}\n{"a":2}\n'), "ndjson", []],
    ["rows.json", '{"a":1}\n{"a":2}\n', "ndjson", ["FORMAT_NOT_AS_EXTENSION"]],
    ["rows", '{"a":1}\n{"a":2}\n', "ndjson", []],
    ["rows.txt", ' \n{"data":\n[{"a":1},{"a":2}]}', "json", []],
    ["rows.dat", "a\n1\n2\n", "delimited", []],
    ["rows.parquet", "a\n1\n2\n", "delimited", ["FORMAT_NOT_AS_EXTENSION"]],
  ])("is found: %s %s is %s", async (name, content, format, codes) => {
    const { rows, metadata } = await expectOk(fileSource({ path: write(name, content) }).fetch());
    expect(metadata.format).toBe(format);
    expect(rows.map(({ a }) => Number(a))).toEqual([1, 2]);
    expect(metadata.warnings.map(({ code }) => code)).toEqual(codes);
  });
});
