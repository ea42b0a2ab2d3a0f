import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileArchive, folderSource, withArchive } from "@spine/sources";
import { expectErr, expectOk, fakeClock } from "@spine/testkit";
import { describe, expect, test } from "vitest";
import { tempFolder } from "./support/temp-file.ts";

const now = "2025-12-20T00:00:00Z";
const clock = fakeClock(now);

/** A folder of files, each last written to so many seconds before now. */
function folderOf(files: Readonly<Record<string, readonly [text: string, secondsAgo: number]>>): string {
  const folder = tempFolder();
  for (const [name, [text, secondsAgo]] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, text);
    const seconds = Date.parse(now) / 1000 - secondsAgo;
    utimesSync(path, seconds, seconds);
  }
  return folder;
}

const rowsOf = async (options: Partial<Parameters<typeof folderSource>[0]> & { readonly readFrom: string }) =>
  (await expectOk(folderSource({ delimiter: ",", ...options }).fetch({ clock }))).rows.map(
    (row) => (row as { readonly a: string }).a,
  );

describe("a folder of arrivals", () => {
  test("is read file by file, in the order of their names", async () => {
    const readFrom = folderOf({ "b.csv": ["a\n2\n", 90], "a.csv": ["a\n1\n", 60], "x.txt": ["a\n9\n", 60] });
    const { rows, metadata } = await expectOk(
      folderSource({ readFrom, files: "*.csv", delimiter: "," }).fetch({ clock }),
    );
    expect(rows).toEqual([{ a: "1" }, { a: "2" }]);
    expect(metadata.parts.map(({ locator }) => locator)).toEqual([join(readFrom, "a.csv"), join(readFrom, "b.csv")]);
    expect(metadata).toMatchObject({ rowCount: 2, modifiedAt: "2025-12-19T23:59:00.000Z" });
  });

  test("is read in another order when that is wanted", async () => {
    const readFrom = folderOf({ "b.csv": ["a\n2\n", 90], "a.csv": ["a\n1\n", 60] });
    expect(await rowsOf({ readFrom, order: "modified" })).toEqual(["2", "1"]);
    expect(await rowsOf({ readFrom, order: (one, other) => other.path.localeCompare(one.path) })).toEqual(["2", "1"]);
  });

  test("may have folders in it", async () => {
    const readFrom = folderOf({ "w1/a.csv": ["a\n1\n", 60], "w2/a.csv": ["a\n2\n", 60] });
    expect(await rowsOf({ readFrom, files: "**/*.csv" })).toEqual(["1", "2"]);
    expect(await rowsOf({ readFrom })).toEqual([]);
  });

  test("leaves alone what is still being written", async () => {
    const readFrom = folderOf({
      "a.csv": ["a\n1\n", 60],
      "b.csv.part": ["a\n", 60],
      ".c.csv": ["a\n", 60],
      "~d.csv": ["a\n", 60],
      "e.csv": ["a\n5", 4],
    });
    const source = folderSource({ readFrom, delimiter: "," });
    const first = await expectOk(source.fetch({ clock }));
    expect(first.rows).toEqual([{ a: "1" }]);
    expect(first.metadata.warnings).toMatchObject([{ code: "FILES_UNSETTLED" }]);
    expect(first.metadata.warnings[0]?.message).toContain("e.csv");
    const later = await expectOk(source.fetch({ clock: fakeClock("2025-12-20T00:00:01Z") }));
    expect(later.rows).toEqual([{ a: "1" }, { a: "5" }]);
  });

  test("gives each file by itself, for a capture of each", async () => {
    const readFrom = folderOf({ "a.csv": ["a\n1\n", 60], "b.csv": ["a\n2\n", 60] });
    const arrivals = await expectOk(folderSource({ name: "acme.in", readFrom, delimiter: "," }).arrivals({ clock }));
    const read = await Promise.all(arrivals.map(async ({ source }) => (await expectOk(source.fetch())).rows));
    expect(read).toEqual([[{ a: "1" }], [{ a: "2" }]]);
    expect(arrivals[0]).toMatchObject({ path: join(readFrom, "a.csv"), sizeBytes: 4, source: { name: "acme.in" } });
  });

  test("is unchanged while no file came, went or became another one", async () => {
    const readFrom = folderOf({ "a.csv": ["a\n1\n", 60] });
    const source = folderSource({ readFrom, delimiter: ",", settleMs: 0 });
    const { metadata } = await expectOk(source.fetch({ clock }));
    expect(await expectOk(source.hasChanged(metadata, { clock }))).toBe(false);
    const again = await expectOk(source.fetch({ clock, previous: metadata }));
    expect(again).toMatchObject({ rows: [], metadata: { unchanged: true, contentHash: metadata.contentHash } });
    writeFileSync(join(readFrom, "b.csv"), "a\n2\n");
    expect(await expectOk(source.hasChanged(metadata, { clock }))).toBe(true);
    expect((await expectOk(source.fetch({ clock, previous: metadata }))).rows).toHaveLength(2);
  });

  test("can be archived, and read again without its files", async () => {
    const readFrom = folderOf({ "a.csv": ["a\n1\n", 60], "b.csv": ["a\n2\n", 60] });
    const archive = fileArchive(tempFolder());
    const source = withArchive(folderSource({ readFrom, delimiter: "," }), archive);
    const { rows, metadata } = await expectOk(source.fetch({ clock }));
    writeFileSync(join(readFrom, "a.csv"), "a\n9\n");
    const replay = await expectOk(archive.replay(metadata.contentHash));
    const again = await expectOk(source.fetch({ replay }));
    expect(again).toMatchObject({ rows, metadata: { contentHash: metadata.contentHash } });
  });

  test("that is not there is missed", async () => {
    await expectErr(folderSource({ readFrom: join(tempFolder(), "none") }).fetch(), "SOURCE_NOT_FOUND");
  });

  test("fails with the file that fails, behind the rows before it", async () => {
    const readFrom = folderOf({ "a.csv": ["a\n1\n", 60], "b.csv": ["a,b\n2\n", 60] });
    const rows: unknown[] = [];
    const stream = folderSource({ readFrom, delimiter: "," }).stream({ clock });
    const error = await expectErr(
      stream.forEachBatch((batch) => void rows.push(...batch.rows)),
      "ROW_RAGGED",
    );
    expect(error.context).toMatchObject({ locator: join(readFrom, "b.csv"), line: 2 });
    expect(rows).toEqual([{ a: "1" }]);
  });
});
