import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DelimitedOptions } from "@spine/sources";
import { cutAt, readPieces } from "./support/read-text.ts";

const texts: readonly (readonly [name: string, text: string, options: DelimitedOptions])[] = [
  ["quotes with line ends, delimiters and quotes inside", 'a|b\n1|"x\r\ny|""z"""\n"2"|\n', { delimiter: "|" }],
  ["all kinds of line ends", "a|b\r\n1|2\r3|4\n\r\n\r\r5|6\r", { delimiter: "|" }],
  ["characters of two, three and four bytes", "é|東\n京|😀\n\u{FEFF}|ß\n", { delimiter: "|" }],
  [
    "comments, blank lines and a trailer",
    "# x\n\na|b\n#|y|z\n1|2\n\nEnd 1\nEnd 2\n\n",
    { trailer: "End", comment: "#" },
  ],
  ["ragged rows and malformed quotes", 'a|b\n1\n1|2|3\n"1"x|2\n1|"2" \n3|4', { delimiter: "|", ragged: "reject" }],
  ["a ragged row that ends it", "a|b\n1|2\n1|2|3\n4|5\n", { delimiter: "|" }],
  ["an open quote", 'a|b\n1|2\n"3|4\n5|6', { delimiter: "|" }],
  ["a record that is too long", "a|b\n1|2\néééééééé|2\n3|4\n", { delimiter: "|", maxRecordBytes: 16 }],
  ["an open quote that becomes too long", 'a|b\n1|2\n1|"3456\n789\n0123|4\n', { delimiter: "|", maxRecordBytes: 12 }],
  ["nothing but a header", "a|b", {}],
];

const bytes: readonly (readonly [name: string, bytes: Uint8Array, options: DelimitedOptions])[] = [
  ["UTF-8 with a byte order mark", Buffer.from("\u{FEFF}a,b\né,2\n"), {}],
  ["UTF-16, little end first", Buffer.from("\u{FEFF}a,b\n😀,東\r\n", "utf16le"), {}],
  ["UTF-16, big end first", Buffer.from("\u{FEFF}a,b\n😀,東\r\n", "utf16le").swap16(), {}],
  ["UTF-16 that ends inside a unit", Buffer.from("\u{FEFF}a,b\n1,2\n", "utf16le").subarray(0, 17), {}],
  ["UTF-16 with half a pair", Buffer.from("\u{FEFF}a,b\n1,\u{D83D}2\n3,4\n", "utf16le"), {}],
  ["a byte that is not UTF-8", Buffer.from("a,b\né,2\n3,\u{E9}\n4,5\n", "latin1"), {}],
  ["a character cut by the end", Buffer.from("a,b\né,2\n3,東").subarray(0, -1), {}],
  ["windows-1252", Buffer.from([0x61, 0x2c, 0x62, 0x0a, 0x80, 0x2c, 0xe9, 0x0a]), { encoding: "windows-1252" }],
  ["Shift JIS", Buffer.from([0x61, 0x2c, 0x62, 0x0a, 0x83, 0x5c, 0x2c, 0x83, 0x7c, 0x0a]), { encoding: "shift_jis" }],
];

const samples = [...texts.map(([name, text, options]) => [name, Buffer.from(text), options] as const), ...bytes];

describe("how the bytes are cut changes nothing", () => {
  test.each(samples)("%s: in two at every place", (_name, sample, options) => {
    const whole = readPieces([sample], options);
    for (let place = 0; place <= sample.length; place += 1) {
      expect(readPieces(cutAt(sample, [place]), options), `cut at ${place}`).toEqual(whole);
    }
  });

  test.each(samples)("%s: byte by byte", (_name, sample, options) => {
    const pieces = Array.from(sample, (byte) => Uint8Array.of(byte));
    expect(readPieces(pieces, options)).toEqual(readPieces([sample], options));
  });

  test("characters cut behind the head that decides encoding and delimiter", () => {
    const head = Buffer.from(`a|b\n${"1|2\n".repeat(20_000)}`);
    const tail = Buffer.from('é|東\n京|😀\n"x\r\n"|ß\n');
    const pieces = [head, ...Array.from(tail, (byte) => Uint8Array.of(byte))];
    expect(readPieces(pieces)).toEqual(readPieces([Buffer.concat([head, tail])]));
  });

  test("any text, in any pieces, under any policy", () => {
    const alphabet = fc.constantFrom("a", "b", "|", '"', '""', "\n", "\r", "\r\n", "é", "東", "😀", "#", " ", "End");
    const anyOptions = fc.record({
      delimiter: fc.constant("|"),
      quote: fc.constantFrom('"', false as const),
      ragged: fc.constantFrom("error" as const, "reject" as const, "pad" as const),
      header: fc.boolean(),
      comment: fc.constant("#"),
      trailer: fc.constant("End"),
      maxRecordBytes: fc.constantFrom(8, 1000),
      batchSize: fc.integer({ min: 1, max: 4 }),
    });
    const anyPlaces = fc.array(fc.nat(90), { maxLength: 12, size: "max" });
    fc.assert(
      fc.property(
        fc.array(alphabet, { maxLength: 60, size: "max" }),
        anyOptions,
        anyPlaces,
        (parts, options, places) => {
          const sample = Buffer.from(parts.join(""));
          const inside = places.filter((place) => place <= sample.length);
          expect(readPieces(cutAt(sample, inside), options)).toEqual(readPieces([sample], options));
        },
      ),
      { numRuns: 3000 },
    );
  });
});
