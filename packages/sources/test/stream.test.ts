import { readdirSync, readlinkSync } from "node:fs";
import { err, SpineError } from "@spine/core";
import { fileSource, type SourceBatch, type TextRow } from "@spine/sources";
import { expectErr, expectOk } from "@spine/testkit";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { tempFiles } from "./support/temp-file.ts";

const write = tempFiles();

function numbered(count: number): string {
  return write("numbers.csv", `n,twice\n${Array.from({ length: count }, (_, n) => `${n},${2 * n}\n`).join("")}`);
}

/** Whether this process has the file open (Linux tells). */
function isOpen(path: string): boolean {
  return readdirSync("/proc/self/fd").some((fd) => linkOf(fd) === path);
}

function linkOf(fd: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    // The descriptor of the listing itself is gone by now.
    return undefined;
  }
}

describe("a stream", () => {
  test("gives batches of the size asked for, the last one shorter, rows in order with their lines", async () => {
    const batches: SourceBatch<TextRow>[] = [];
    const stream = fileSource({ path: numbered(25), batchSize: 10, format: "delimited" }).stream();
    for await (const batch of stream) batches.push(await expectOk(batch));
    expect(batches.map(({ rows }) => rows.length)).toEqual([10, 10, 5]);
    expect(batches.flatMap(({ rows }) => rows.map(({ n }) => Number(n)))).toEqual(
      Array.from({ length: 25 }, (_, n) => n),
    );
    expect(batches.flatMap(({ lineNumbers }) => lineNumbers)).toEqual(Array.from({ length: 25 }, (_, n) => n + 2));
    expect(stream.summary()._unsafeUnwrap()).toMatchObject({ rowCount: 25, rejectedCount: 0 });
  });

  test("fills batches with rejects as well, so that a file of rejects is no single batch", async () => {
    const path = write("a.csv", `a,b\n${"1,2,3\n".repeat(25)}`);
    const sizes: number[] = [];
    const source = fileSource({ path, batchSize: 10, ragged: "reject", delimiter: "," });
    await expectOk(source.stream().forEachBatch(({ rows, rejects }) => void sizes.push(rows.length, rejects.length)));
    expect(sizes).toEqual([0, 10, 0, 10, 0, 5]);
  });

  test("hands out long rows in smaller batches", async () => {
    const path = write("a.csv", `a,b\n${`${"x".repeat(500_000)},2\n`.repeat(20)}`);
    const sizes: number[] = [];
    await expectOk(
      fileSource({ path })
        .stream()
        .forEachBatch(({ rows }) => void sizes.push(rows.length)),
    );
    expect(sizes).toEqual([9, 9, 2]);
  });

  test("ends with the failure as its last item, after the rows before it", async () => {
    const path = write("a.csv", `a,b\n${"1,2\n".repeat(15)}3\n4,5\n`);
    const stream = fileSource({ path, batchSize: 10 }).stream();
    const seen: (number | string)[] = [];
    for await (const batch of stream) {
      seen.push(
        batch.match(
          ({ rows }) => rows.length,
          ({ code }) => code,
        ),
      );
    }
    expect(seen).toEqual([10, 5, "ROW_RAGGED"]);
    expect((await expectErr(stream.summary(), "ROW_RAGGED")).context).toMatchObject({ line: 17 });
  });

  test("opens nothing before it is read", async () => {
    const stream = fileSource({ path: "/no/such/file.csv" }).stream();
    await expectErr(stream.summary(), "SOURCE_ERROR");
    const codes: string[] = [];
    for await (const batch of stream) if (batch.isErr()) codes.push(batch.error.code);
    expect(codes).toEqual(["SOURCE_NOT_FOUND"]);
  });

  test("is read once", async () => {
    const stream = fileSource({ path: numbered(3) }).stream();
    await expectOk(stream.forEachBatch(() => undefined));
    const error = await expectErr(
      stream.forEachBatch(() => undefined),
      "SOURCE_ERROR",
    );
    expect(error.message).toContain("was read before. Call stream() again.");
  });

  test("reads no further than its reader, and closes the file when the reader leaves", async () => {
    const path = numbered(500_000);
    const stream = fileSource({ path }).stream();
    for await (const batch of stream) {
      await expectOk(batch);
      expect(isOpen(path)).toBe(true);
      break;
    }
    expect(isOpen(path)).toBe(false);
    await expectErr(stream.summary(), "CANCELLED");
  });

  test("parses nothing that nobody has asked for", async () => {
    let parsed = 0;
    const schema = z.object({ n: z.string(), twice: z.string() }).transform((row) => {
      parsed += 1;
      return row;
    });
    const stream = fileSource({ path: numbered(100_000), schema }).stream();
    const items = stream[Symbol.asyncIterator]();
    await items.next();
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    expect(parsed).toBe(1000);
    await items.return?.();
  });

  test("ends when its signal is aborted, and closes the file", async () => {
    const path = numbered(500_000);
    const controller = new AbortController();
    let rows = 0;
    const stream = fileSource({ path }).stream({ signal: controller.signal });
    const read = stream.forEachBatch((batch) => {
      rows += batch.rows.length;
      controller.abort(new Error("time is up"));
    });
    const error = await expectErr(read, "CANCELLED");
    expect(error.message).toBe(`Reading of ${path} was aborted by its caller.`);
    expect(error.cause).toMatchObject({ message: "time is up" });
    expect(rows).toBe(1000);
    expect(isOpen(path)).toBe(false);
  });

  test("does not begin when its signal is aborted already", async () => {
    const source = fileSource({ path: numbered(3) });
    const signal = AbortSignal.abort("shutdown");
    const error = await expectErr(source.fetch({ signal }), "CANCELLED");
    expect(error.cause).toBe("shutdown");
    await expectErr(source.hasChanged({ contentHash: "0" }, { signal }), "CANCELLED");
  });
});

describe("forEachBatch", () => {
  test.each([
    ["returns", () => err(new SpineError("DISK_FULL", "The disk is full."))],
    [
      "throws",
      () => {
        throw new SpineError("DISK_FULL", "The disk is full.");
      },
    ],
    ["rejects with", () => Promise.reject(new SpineError("DISK_FULL", "The disk is full."))],
  ])("ends with the failure that its work %s, and closes the file", async (_how, work) => {
    const path = numbered(100_000);
    await expectErr(fileSource({ path }).stream().forEachBatch(work), "DISK_FULL");
    expect(isOpen(path)).toBe(false);
  });

  test("waits for its work before it goes on", async () => {
    const steps: string[] = [];
    const read = fileSource({ path: numbered(20), batchSize: 10 })
      .stream()
      .forEachBatch(async () => {
        steps.push("begin");
        await Promise.resolve();
        steps.push("end");
      });
    await expectOk(read);
    expect(steps).toEqual(["begin", "end", "begin", "end"]);
  });
});
