import { createHash } from "node:crypto";
import { readFileSync, utimesSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { fileSource } from "@spine/sources";
import { expectErr, expectOk, fakeClock } from "@spine/testkit";
import { describe, expect, test } from "vitest";
import { tempFiles } from "./support/temp-file.ts";

const write = tempFiles();

describe("a file source", () => {
  test("needs no more than a path", async () => {
    const path = write("prices.psv", "symbol|price\nAAPL|190.5\nMSFT|007\n");
    const { rows, lineNumbers, rejects } = await expectOk(fileSource({ path }).fetch());
    expect(rows).toEqual([
      { symbol: "AAPL", price: "190.5" },
      { symbol: "MSFT", price: "007" },
    ]);
    expect(lineNumbers).toEqual([2, 3]);
    expect(rejects).toEqual([]);
  });

  test("tells what it read: hash, size, counts, times, encoding and dialect", async () => {
    const path = write("prices.psv", "symbol|price\nAAPL|190.5\n");
    utimesSync(path, new Date("2025-12-15T08:00:00Z"), new Date("2025-12-15T08:00:00Z"));
    const source = fileSource({
      name: "prices.daily",
      path,
      publishedAt: () => "2025-12-15T06:00:00Z",
    });
    const { metadata } = await expectOk(source.fetch({ clock: fakeClock() }));
    expect(metadata).toEqual({
      sourceName: "prices.daily",
      sourceType: "file",
      format: "delimited",
      compression: undefined,
      parts: [],
      locator: path,
      contentHash: createHash("sha256").update(readFileSync(path)).digest("hex"),
      sizeBytes: 24,
      rowCount: 1,
      rejectedCount: 0,
      modifiedAt: "2025-12-15T08:00:00.000Z",
      publishedAt: "2025-12-15T06:00:00.000Z",
      encoding: "utf-8",
      dialect: { delimiter: "|", quote: '"', header: true, lineEnd: "\n" },
      columns: ["symbol", "price"],
      trailer: [],
      durationMs: 0,
      unchanged: false,
      warnings: [],
    });
  });

  test("takes its path from a URL or from the reader's parameters", async () => {
    const path = write("2025-12-15.csv", "a,b\n1,2\n");
    const folder = path.slice(0, -"2025-12-15.csv".length);
    expect((await expectOk(fileSource({ path: pathToFileURL(path) }).fetch())).metadata.locator).toBe(path);
    const daily = fileSource({ name: "daily", path: ({ day }) => `${folder}${String(day)}.csv` });
    expect((await expectOk(daily.fetch({ params: { day: "2025-12-15" } }))).rows).toHaveLength(1);
    expect(await expectOk(daily.hasChanged({}, { params: { day: "2025-12-15" } }))).toBe(true);
    expect(daily.describe().locator).toBeUndefined();
  });

  test("fails when its path cannot be made", async () => {
    const source = fileSource({
      name: "daily",
      path: () => {
        throw new Error("Parameter day is missing.");
      },
    });
    const error = await expectErr(source.fetch(), "CONFIG_INVALID");
    expect(error.message).toBe('Source "daily": where its file is cannot be told. Parameter day is missing.');
    await expectErr(source.hasChanged({}), "CONFIG_INVALID");
    await expectErr(fileSource({ path: () => "" }).fetch(), "CONFIG_INVALID");
    await expectErr(fileSource({ path: "a.csv", publishedAt: () => "2025-12-15" }).fetch(), "INSTANT_INVALID");
  });

  test("describes itself without reading", () => {
    const source = fileSource({ name: "prices", domain: "markets", path: "a.psv", delimiter: "|", trailer: /^END/ });
    expect(source.describe()).toEqual({
      name: "prices",
      domain: "markets",
      type: "file",
      locator: "a.psv",
      options: {
        format: "delimited",
        delimiter: "|",
        quote: '"',
        header: true,
        ragged: "error",
        trailer: "/^END/",
        batchSize: 1000,
        maxRecordBytes: 1_048_576,
      },
    });
  });

  test.each([
    [{ delimiter: "||" }, 'delimiter is "||", not one character'],
    [{ delimiter: "\n" }, 'delimiter is "\\n", not one character'],
    [{ delimiter: "|", quote: "|" }, 'delimiter and quote are both "|"'],
    [{ columns: [] }, "there is no name"],
    [{ columns: ["a", "a"] }, 'columns 1 and 2 are both named "a"'],
    [{ comment: "" }, "comment is empty"],
    [{ encoding: "utf-9" }, 'encoding "utf-9" is not one that Node knows'],
    [{ batchSize: 0 }, "batchSize is 0"],
    [{ maxRecordBytes: 1.5 }, "maxRecordBytes is 1.5"],
    [{ path: "" }, 'A path is a text or a file URL, not ""'],
  ])("refuses at once what cannot be meant: %j", (options, why) => {
    expect(() => fileSource({ path: "a.csv", ...options })).toThrow(why);
  });

  test("refuses a name that is no key", () => {
    expect(() => fileSource({ name: "daily prices", path: "a.csv" })).toThrow("is not a valid key");
  });
});

describe("content that is still the same", () => {
  test("is known by its hash, not by its time", async () => {
    const path = write("prices.csv", "a,b\n1,2\n");
    const source = fileSource({ path });
    const { metadata } = await expectOk(source.fetch());
    expect(await expectOk(source.hasChanged(metadata))).toBe(false);
    utimesSync(path, new Date("2020-01-01T00:00:00Z"), new Date("2020-01-01T00:00:00Z"));
    expect(await expectOk(source.hasChanged(metadata))).toBe(false);
    expect(await expectOk(source.hasChanged({ contentHash: metadata.contentHash }))).toBe(false);
  });

  test("is not assumed of other content with the same size and time", async () => {
    const time = new Date("2025-12-15T08:00:00Z");
    const first = write("prices.csv", "a,b\n1,2\n");
    const second = write("prices.csv", "a,b\n1,3\n");
    for (const path of [first, second]) utimesSync(path, time, time);
    const { metadata } = await expectOk(fileSource({ path: first }).fetch());
    expect(await expectOk(fileSource({ path: second }).hasChanged(metadata))).toBe(true);
  });

  test("is not assumed when nothing is known of the time before", async () => {
    expect(await expectOk(fileSource({ path: write("a.csv", "a,b\n") }).hasChanged({}))).toBe(true);
  });

  test("is not parsed again by a reader that gives what it knows", async () => {
    const source = fileSource({ path: write("prices.csv", "a,b\n1,2\n") });
    const { metadata } = await expectOk(source.fetch());
    const again = await expectOk(source.fetch({ previous: metadata }));
    expect(again.rows).toEqual([]);
    expect(again.metadata).toMatchObject({ unchanged: true, rowCount: 0, contentHash: metadata.contentHash });
    const other = await expectOk(source.fetch({ previous: { contentHash: "0".repeat(64) } }));
    expect(other).toMatchObject({ rows: [{ a: "1", b: "2" }], metadata: { unchanged: false } });
  });
});
