import { fileSource } from "@spine/sources";
import { expectErr, expectOk } from "@spine/testkit";
import { describe, expect, test } from "vitest";
import { tempFiles } from "./support/temp-file.ts";

const write = tempFiles();
const utf16le = (text: string): Buffer => Buffer.from(text, "utf16le");

describe("the encoding", () => {
  test.each([
    ["UTF-8", Buffer.from("a,b\né東😀,2\n"), "utf-8"],
    ["UTF-8 with a byte order mark", Buffer.from("\u{FEFF}a,b\né東😀,2\n"), "utf-8"],
    ["UTF-16, little end first", utf16le("\u{FEFF}a,b\né東😀,2\n"), "utf-16le"],
    ["UTF-16, big end first", utf16le("\u{FEFF}a,b\né東😀,2\n").swap16(), "utf-16be"],
  ])("is told by the bytes: %s", async (_name, content, encoding) => {
    const { rows, metadata } = await expectOk(fileSource({ path: write("a.csv", content) }).fetch());
    expect(rows).toEqual([{ a: "é東😀", b: "2" }]);
    expect(metadata.encoding).toBe(encoding);
  });

  test.each([
    ["windows-1252", "windows-1252", [0x80, 0x92, 0xe9], "€’é"],
    ["latin1", "windows-1252", [0x80, 0xe9], "€é"],
    ["iso-8859-15", "iso-8859-15", [0xa4], "€"],
    // The second byte of these is the code of a backslash and of a bar.
    ["shift_jis", "shift_jis", [0x83, 0x5c, 0x83, 0x7c], "ソポ"],
  ])("may be given: %s", async (label, encoding, bytes, text) => {
    const path = write("a.csv", Buffer.concat([Buffer.from("a|b\n"), Buffer.from(bytes), Buffer.from("|2\n")]));
    const { rows, metadata } = await expectOk(fileSource({ path, encoding: label, delimiter: "|" }).fetch());
    expect(rows).toEqual([{ a: text, b: "2" }]);
    expect(metadata.encoding).toBe(encoding);
  });

  test("of a byte order mark wins over a given one, with a warning", async () => {
    const path = write("a.csv", Buffer.from("\u{FEFF}a,b\né,2\n"));
    const { rows, metadata } = await expectOk(fileSource({ path, encoding: "windows-1252" }).fetch());
    expect(rows).toEqual([{ a: "é", b: "2" }]);
    expect(metadata.warnings).toMatchObject([{ code: "ENCODING_NOT_AS_GIVEN" }]);
  });
});

describe("bytes that do not fit the encoding", () => {
  test("are told with line, byte and a remedy, after the rows before them", async () => {
    const path = write("a.csv", Buffer.from("a,b\n1,2\ncaf\u{E9},3\n4,5\n", "latin1"));
    const seen: unknown[] = [];
    const read = fileSource({ path })
      .stream()
      .forEachBatch(({ rows }) => void seen.push(...rows));
    const error = await expectErr(read, "ENCODING_INVALID");
    expect(error.context).toMatchObject({ line: 3, byteOffset: 11 });
    expect(error.message).toContain('encoding: "windows-1252"');
    expect(seen).toEqual([{ a: "1", b: "2" }]);
  });

  test("may be a character that the end of the file cuts", async () => {
    const path = write("a.csv", Buffer.from("a,b\n1,東").subarray(0, -1));
    const error = await expectErr(fileSource({ path }).fetch(), "ENCODING_INVALID");
    expect(error.context).toMatchObject({ line: 2, byteOffset: 6 });
  });

  test("are found far into a file", async () => {
    const start = Buffer.from(`a,b\n${"é,2\n".repeat(100_000)}`);
    const path = write("a.csv", Buffer.concat([start, Buffer.from([0x31, 0x2c, 0xff, 0x0a])]));
    const error = await expectErr(fileSource({ path }).fetch(), "ENCODING_INVALID");
    expect(error.context).toMatchObject({ line: 100_002, byteOffset: start.length + 2 });
  });

  test("with NULs are UTF-16 without a mark, or no text", async () => {
    const path = write("a.csv", utf16le("a,b\n1,2\n"));
    const error = await expectErr(fileSource({ path }).fetch(), "ENCODING_INVALID");
    expect(error.message).toContain('encoding: "utf-16le"');
    const { rows } = await expectOk(fileSource({ path, encoding: "utf-16le" }).fetch());
    expect(rows).toEqual([{ a: "1", b: "2" }]);
  });
});
