import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { err, ok, SourceUnavailableError } from "@spine/core";
import {
  createRateLimiter,
  defineSource,
  fileArchive,
  fileSource,
  json,
  type Source,
  withArchive,
  withCache,
  withLimit,
  withRateLimit,
  withRetry,
} from "@spine/sources";
import { byPage, httpSource } from "@spine/sources/http";
import { expectErr, expectOk, fakeClock, httpAnswers, openHostileServer } from "@spine/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { hastyClock } from "./support/hasty-clock.ts";
import { tempFiles, tempFolder } from "./support/temp-file.ts";

const write = tempFiles();
const archiveHere = () => {
  const folder = tempFolder();
  return { folder, archive: fileArchive(folder) };
};

/** Fails so many times, behind `rowsFirst` rows, before it reads the file. */
function flaky(failures: number, rowsFirst = 0): { readonly source: Source; readonly tries: () => number } {
  const file = fileSource({ name: "flaky", path: write("a.csv", "a\n1\n2\n") });
  let tries = 0;
  const source = defineSource<unknown>({
    name: "flaky",
    type: "file",
    describe: () => file.describe(),
    async *read(options) {
      tries += 1;
      if (tries <= failures) {
        if (rowsFirst > 0) yield { rows: [{ a: "1" }], lineNumbers: [2], rejects: [] };
        return err(new SourceUnavailableError("Not now.", {}));
      }
      const data = await expectOk(file.fetch(options));
      yield data;
      return ok(data.metadata);
    },
    hasChanged: (previous, options) => file.hasChanged(previous, options),
  });
  return { source, tries: () => tries };
}

describe("a source with retry", () => {
  test("reads again what failed before its first row", async () => {
    const clock = hastyClock();
    const { source, tries } = flaky(2);
    const { rows } = await expectOk(withRetry(source, { random: () => 0.5 }).fetch({ clock }));
    expect(rows).toEqual([{ a: "1" }, { a: "2" }]);
    expect(tries()).toBe(3);
    expect(clock.waits).toEqual([250, 500]);
  });

  test("does not deliver a row twice: a stream that failed behind its first row has failed", async () => {
    const { source, tries } = flaky(1, 1);
    const stream = withRetry(source).stream({ clock: hastyClock() });
    await expectErr(
      stream.forEachBatch(() => undefined),
      "SOURCE_UNAVAILABLE",
    );
    expect(tries()).toBe(1);
  });

  test("fetches again what nobody has seen yet", async () => {
    const { source, tries } = flaky(1, 1);
    expect((await expectOk(withRetry(source).fetch({ clock: hastyClock() }))).rows).toHaveLength(2);
    expect(tries()).toBe(2);
  });
});

describe("a source with a rate limit", () => {
  test("waits for its turn", async () => {
    const clock = hastyClock();
    const file = fileSource({ path: write("a.csv", "a\n1\n") });
    const limited = withRateLimit(file, createRateLimiter({ requests: 1, perMs: 1000 }));
    for (let reading = 0; reading < 3; reading += 1) await expectOk(limited.fetch({ clock }));
    expect(clock.waits).toEqual([1000, 1000]);
  });
});

describe("a source with a limit", () => {
  const file = fileSource({ path: write("a.csv", "a\n1\n2\n3\n4\n5\n"), batchSize: 2, delimiter: "," });

  test("ends there, and says so", async () => {
    const { rows, metadata } = await expectOk(withLimit(file, 3).fetch());
    expect(rows.map(({ a }) => a)).toEqual(["1", "2", "3"]);
    expect(metadata).toMatchObject({ rowCount: 3, warnings: [{ code: "ROWS_LIMITED" }] });
    expect(metadata.contentHash).not.toBe((await expectOk(file.fetch())).metadata.contentHash);
  });

  test("changes nothing about a source that has no more", async () => {
    const whole = await expectOk(file.fetch());
    expect(await expectOk(withLimit(file, 6).fetch())).toMatchObject({
      rows: whole.rows,
      metadata: { contentHash: whole.metadata.contentHash, warnings: [] },
    });
  });
});

describe("a source with an archive", () => {
  test("can be read again as it was, whatever the source has now", async () => {
    const { archive } = archiveHere();
    const path = write("a.csv", "a\n1\n");
    const source = withArchive(fileSource({ path, ragged: "reject" }), archive);
    const first = await expectOk(source.fetch());
    writeFileSync(path, "a\n2\n");
    expect((await expectOk(source.fetch())).rows).toEqual([{ a: "2" }]);
    const replay = await expectOk(archive.replay(first.metadata.contentHash));
    const again = await expectOk(source.fetch({ replay }));
    expect(again.rows).toEqual([{ a: "1" }]);
    expect(again.metadata).toMatchObject({ contentHash: first.metadata.contentHash, locator: path });
  });

  test("keeps every page of a service, and reads them without it", async () => {
    const { archive } = archiveHere();
    const server = await openHostileServer();
    const page = (ids: readonly number[]) => httpAnswers.content(JSON.stringify({ rows: ids.map((id) => ({ id })) }));
    server.answer("/pages", page([1, 2]), page([3]));
    const url = `${server.origin}/pages`;
    const source = withArchive(
      httpSource({ url, pagination: byPage({ size: 2 }), format: json({ path: "rows" }) }),
      archive,
    );
    const first = await expectOk(source.fetch());
    await server.close();
    const replay = await expectOk(archive.replay(first.metadata.contentHash));
    const again = await expectOk(source.fetch({ replay }));
    expect(again.rows).toEqual(first.rows);
    expect(again.metadata).toMatchObject({ contentHash: first.metadata.contentHash, rowCount: 3 });
  });

  test("keeps nothing half: a reading that fails leaves no file behind", async () => {
    const { archive, folder } = archiveHere();
    const source = withArchive(fileSource({ path: write("a.csv", "a,b\n1,2\n3\n"), delimiter: "," }), archive);
    const error = await expectErr(source.fetch(), "ROW_RAGGED");
    expect(error.context).toMatchObject({ line: 3 });
    expect(readdirSync(join(folder, "incoming"))).toEqual([]);
    expect(readdirSync(folder)).toEqual(["incoming"]);
  });

  test("finds out when its bytes are not those of their hash any more", async () => {
    const { archive } = archiveHere();
    const source = withArchive(fileSource({ path: write("a.csv", "a\n1\n") }), archive);
    const { metadata } = await expectOk(source.fetch());
    const replay = await expectOk(archive.replay(metadata.contentHash));
    writeFileSync(replay.parts[0]?.path ?? "", "a\n9\n");
    await expectErr(source.fetch({ replay }), "ARCHIVE_DAMAGED");
    await expectErr(archive.replay("0".repeat(64)), "SOURCE_NOT_FOUND");
  });
});

describe("a source with a cache", () => {
  test("is asked once in the time that what it said counts, for each set of parameters", async () => {
    const { archive } = archiveHere();
    const server = await openHostileServer();
    onTestFinished(() => server.close());
    let count = 0;
    server.answer("/now.csv", (_request, response) => void response.end(`n\n${(count += 1)}\n`));
    const url = ({ q = "" }) => `${server.origin}/now.csv?q=${q}`;
    const http = httpSource({ url, allowPrivateAddresses: true, delimiter: "," });
    const source = withCache(http, { archive, ttlMs: 60_000 });
    const clock = fakeClock();
    const read = async (q?: string) =>
      (await expectOk(source.fetch({ clock, ...(q === undefined ? {} : { params: { q } }) }))).rows.map(({ n }) => n);
    expect(await read()).toEqual(["1"]);
    clock.set("2025-12-20T00:00:59Z");
    expect(await read()).toEqual(["1"]);
    expect(await read("other")).toEqual(["2"]);
    clock.set("2025-12-20T00:01:00Z");
    expect(await read()).toEqual(["3"]);
  });
});
