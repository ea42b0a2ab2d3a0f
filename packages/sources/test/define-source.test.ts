import { err, ok, okAsync, SourceUnavailableError } from "@spine/core";
import { type BatchReader, defineSource, fileSource, type Source, type SourceMetadata } from "@spine/sources";
import { expectErr, expectOk } from "@spine/testkit";
import { describe, expect, test } from "vitest";
import { tempFiles } from "./support/temp-file.ts";

const write = tempFiles();
const metadata = {} as SourceMetadata;

function sourceOf(read: () => BatchReader<number>, name = "numbers"): Source<number> {
  return defineSource({
    name,
    type: "generator",
    describe: () => ({ name, domain: undefined, type: "generator", locator: undefined, options: {} }),
    read,
    hasChanged: () => okAsync(true),
  });
}

const batchOf = (...rows: readonly number[]) => ({ rows, lineNumbers: rows, rejects: [] });

describe("a source of one's own", () => {
  test("is one reading function; fetch collects what stream gives", async () => {
    const source = sourceOf(async function* () {
      yield batchOf(1, 2);
      yield batchOf(3);
      return ok(metadata);
    });
    expect(await expectOk(source.fetch())).toEqual({ rows: [1, 2, 3], lineNumbers: [1, 2, 3], rejects: [], metadata });
  });

  test("may return its failure or throw it", async () => {
    const failure = new SourceUnavailableError("The feed is down.");
    const returning = sourceOf(async function* () {
      yield batchOf(1);
      return err(failure);
    });
    const throwing = sourceOf(async function* () {
      yield batchOf(1);
      throw new TypeError("x is not a function");
    });
    expect(await expectErr(returning.fetch(), "SOURCE_UNAVAILABLE")).toBe(failure);
    const error = await expectErr(throwing.fetch(), "SOURCE_ERROR");
    expect(error).toMatchObject({ message: "x is not a function", context: { sourceName: "numbers" } });
  });

  test("can be built upon another one", async () => {
    const file = fileSource({ path: write("a.csv", "n\n1\n2\n") });
    const numbers = sourceOf(async function* () {
      const stream = file.stream();
      for await (const batch of stream) {
        if (batch.isErr()) return err(batch.error);
        yield { ...batch.value, rows: batch.value.rows.map(({ n }) => Number(n)) };
      }
      return stream.summary();
    });
    const { rows, metadata: read } = await expectOk(numbers.fetch());
    expect(rows).toEqual([1, 2]);
    expect(read).toMatchObject({ sourceName: "file", rowCount: 2 });
  });

  test("needs a name that is a key", () => {
    const read = (): BatchReader<number> => {
      throw new Error("is never read");
    };
    expect(() => sourceOf(read, "two words")).toThrow("is not a valid key");
  });
});
