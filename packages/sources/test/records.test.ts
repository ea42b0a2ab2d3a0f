import type { DelimitedOptions } from "@spine/sources";
import { describe, expect, test } from "vitest";
import { readText } from "./support/read-text.ts";

const pipes: DelimitedOptions = { delimiter: "|" };

function valuesOf(text: string, options: DelimitedOptions = pipes): readonly (readonly string[])[] {
  const { rows, problem } = readText(text, options);
  expect(problem).toBeUndefined();
  return rows.map(([, row]) => Object.values(row));
}

describe("quotes", () => {
  test.each([
    ["a delimiter inside", 'a|b\n"x|y"|2\n', "x|y"],
    ["a doubled quote inside", 'a|b\n"x ""y"" z"|2\n', 'x "y" z'],
    ["nothing but a quote", 'a|b\n""""|2\n', '"'],
    ["a line feed inside", 'a|b\n"x\ny"|2\n', "x\ny"],
    ["a CRLF inside, as it is", 'a|b\n"x\r\ny"|2\n', "x\r\ny"],
    ["nothing", 'a|b\n""|2\n', ""],
    ["spaces, which stay", 'a|b\n"  x "|2\n', "  x "],
  ])("hold %s", (_what, text, field) => {
    expect(valuesOf(text)).toEqual([[field, "2"]]);
  });

  test("count only at the beginning of a field", () => {
    expect(valuesOf('a|b\n6\' 5"|x "y" z\n "q"|2\n')).toEqual([
      ["6' 5\"", 'x "y" z'],
      [' "q"', "2"],
    ]);
  });

  test("are plain characters when they mean nothing", () => {
    expect(valuesOf('a|b\n"x|y"\n', { ...pipes, quote: false })).toEqual([['"x', 'y"']]);
  });

  test("may be another character", () => {
    expect(valuesOf("a|b\n'x|''y'|\"2\"\n", { ...pipes, quote: "'" })).toEqual([["x|'y", '"2"']]);
  });

  test("that never close are told with the line they open on", () => {
    const { problem, rows } = readText('a|b\n1|2\n"x\ny"|"z\n3|4\n', pipes);
    expect(problem).toMatchObject({ code: "QUOTE_UNTERMINATED", line: 4, byteOffset: 8 });
    expect(rows).toHaveLength(1);
  });

  test("with text behind them are no row", () => {
    const { problem } = readText('a|b\n"x"y|2\n', pipes);
    expect(problem).toMatchObject({ code: "PARSE_ERROR", line: 2, byteOffset: 4 });
  });
});

describe("lines", () => {
  test.each([
    ["LF", "a|b\n1|2\n3|4\n", "\n"],
    ["CRLF", "a|b\r\n1|2\r\n3|4\r\n", "\r\n"],
    ["CR", "a|b\r1|2\r3|4\r", "\r"],
    ["LF, but not the last", "a|b\n1|2\n3|4", "\n"],
  ] as const)("end with %s", (_name, text, lineEnd) => {
    const { rows, findings } = readText(text, pipes);
    expect(rows).toEqual([
      [2, { a: "1", b: "2" }],
      [3, { a: "3", b: "4" }],
    ]);
    expect(findings?.dialect.lineEnd).toBe(lineEnd);
    expect(findings?.warnings).toEqual([]);
  });

  test("may end in several ways in one file, which is a warning", () => {
    const { rows, findings } = readText("a|b\r\n1|2\n3|4\r5|6\r\n", pipes);
    expect(rows.map(([line]) => line)).toEqual([2, 3, 4]);
    expect(findings?.dialect.lineEnd).toBe("mixed");
    expect(findings?.warnings).toMatchObject([{ code: "LINE_ENDS_MIXED" }]);
  });

  test("count inside quotes as well", () => {
    const { rows } = readText('a|b\n"x\r\ny\rz\n"|2\n3|4\n', pipes);
    expect(rows.map(([line]) => line)).toEqual([2, 6]);
  });

  test("without a character are skipped, which is a warning unless they are the last", () => {
    const { rows, findings } = readText("\na|b\n\n1|2\n\n\n", pipes);
    expect(rows).toEqual([[4, { a: "1", b: "2" }]]);
    expect(findings?.warnings).toMatchObject([
      { code: "BLANK_LINES_SKIPPED", message: "Skipped 2 empty lines between records." },
    ]);
  });

  test("of white space are records", () => {
    expect(readText("a|b\n \n", pipes).problem).toMatchObject({ code: "ROW_RAGGED", line: 2 });
  });

  test("that begin like a comment are skipped, whatever they hold", () => {
    const { rows, problem } = readText('# "open\na|b\n#1|2\n1|#2\n', { ...pipes, comment: "#" });
    expect(problem).toBeUndefined();
    expect(rows).toEqual([[4, { a: "1", b: "#2" }]]);
  });
});

describe("a file of one column", () => {
  test('has empty rows as "", and skips blank lines', () => {
    expect(valuesOf('a\nx\n""\n\ny\n')).toEqual([["x"], [""], ["y"]]);
  });
});

describe("a trailer", () => {
  test.each([
    ["by its beginning", "Records:"],
    ["by a pattern", /^Records: \d+$/g],
  ])("is recognised %s and told, and is no row", (_how, trailer) => {
    const { rows, findings } = readText("a|b\n1|2\n3|4\nRecords: 2\n\n", { ...pipes, trailer });
    expect(rows).toHaveLength(2);
    expect(findings?.trailer).toEqual(["Records: 2"]);
  });

  test("may have several lines", () => {
    const { findings } = readText("a|b\n1|2\nT|1\nT|2\n", { ...pipes, trailer: "T|" });
    expect(findings?.trailer).toEqual(["T|1", "T|2"]);
  });

  test("with a row behind it is an error, as files that were joined lose rows otherwise", () => {
    const { problem, rows } = readText("a|b\n1|2\nRecords: 1\n3|4\n", { ...pipes, trailer: "Records:" });
    expect(problem).toMatchObject({ code: "PARSE_ERROR", line: 4, byteOffset: 19 });
    expect(rows).toHaveLength(1);
  });

  test("that nobody announced is a ragged row", () => {
    expect(readText("a|b\n1|2\nRecords: 1\n", pipes).problem).toMatchObject({ code: "ROW_RAGGED", line: 3 });
  });
});

describe("the header", () => {
  test.each([
    ["a name twice", "a|b|a\n1|2|3\n", 'columns 1 and 3 are both named "a"'],
    ["no name for a column", "a||c\n1|2|3\n", "column 2 of 3 has no name"],
  ])("may not have %s", (_what, text, why) => {
    const { problem, rows } = readText(text, pipes);
    expect(problem).toMatchObject({ code: "HEADER_INVALID", line: 1, byteOffset: 0 });
    expect(problem?.what).toContain(why);
    expect(rows).toEqual([]);
  });

  test("may be all there is", () => {
    const { rows, problem, findings } = readText("a|b\n", pipes);
    expect({ rows, problem }).toEqual({ rows: [], problem: undefined });
    expect(findings?.columns).toEqual(["a", "b"]);
  });

  test.each([[""], ["\n\n"], ["\u{FEFF}"]])("is missing from %j", (text) => {
    expect(readText(text, pipes).problem).toMatchObject({ code: "HEADER_INVALID", line: 1 });
  });

  test("is not needed when columns are given, and then an empty file has no rows", () => {
    expect(valuesOf("1|2\n", { ...pipes, columns: ["a", "b"] })).toEqual([["1", "2"]]);
    expect(valuesOf("", { ...pipes, columns: ["a", "b"] })).toEqual([]);
  });

  test("can be replaced by columns, if they are as many", () => {
    const options = { ...pipes, header: true, columns: ["x", "y"] };
    expect(readText("a|b\n1|2\n", options).rows).toEqual([[2, { x: "1", y: "2" }]]);
    expect(readText("a|b|c\n1|2|3\n", options).problem).toMatchObject({ code: "HEADER_INVALID" });
  });

  test("can be absent; then columns are counted", () => {
    const { rows } = readText("1|2\n3|4\n", { ...pipes, header: false });
    expect(rows[0]).toEqual([1, { column_1: "1", column_2: "2" }]);
  });

  test("may name columns as JavaScript names members of its own", () => {
    const { rows } = readText("__proto__|constructor|10|2\nw|x|y|z\n", pipes);
    const [, row] = rows[0] ?? [];
    expect(Object.getOwnPropertyNames(row).toSorted()).toEqual(["10", "2", "__proto__", "constructor"]);
    expect(Object.getOwnPropertyDescriptor(row, "__proto__")?.value).toBe("w");
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
  });
});

describe("a long record", () => {
  const options = { ...pipes, maxRecordBytes: 8 };

  test.each([
    ["of as many bytes as may be", "a|b\n1234|678\n"],
    ["of characters of several bytes", "a|b\n東東|1\n"],
    ["whose CRLF does not count", "a|b\r\n1234|678\r\n"],
  ])("is fine %s", (_what, text) => {
    expect(readText(text, options)).toMatchObject({ problem: undefined, rows: [[2, {}]] });
  });

  test.each([
    ["by one byte", "a|b\n1234|6789\n", 2],
    ["in characters of several bytes", "a|b\n1|2\n東東|12\n", 3],
    ["because of a quote that swallows the file", 'a|b\n"12\n3|4\n5|6\n7|8\n', 2],
  ])("is an error when it is too long %s", (_what, text, line) => {
    expect(readText(text, options).problem).toMatchObject({ code: "RECORD_TOO_LONG", line });
  });

  test("may be long when that is allowed", () => {
    const long = "x".repeat(3_000_000);
    const [row] = valuesOf(`a|b\n"${long}"|2\n`, { ...pipes, maxRecordBytes: 4_000_000 });
    expect(row?.[0]).toHaveLength(3_000_000);
  });
});
