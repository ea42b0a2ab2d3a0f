import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readPieces, readText } from "./support/read-text.ts";

describe("no input, however broken,", () => {
  test("makes a reader throw or lose a record: rows and rejects are all there is", () => {
    const part = fc.constantFrom("a", ",", "|", "\t", ";", '"', "\n", "\r", "\r\n", "\0", "\u{FEFF}", "é", "\u{D800}");
    fc.assert(
      fc.property(fc.array(part, { maxLength: 60, size: "max" }), fc.boolean(), (parts, quoted) => {
        const text = parts.join("");
        const options = { ragged: "reject", header: false, quote: quoted ? '"' : false } as const;
        const { rows, rejects, problem } = readText(text, { ...options, delimiter: "|" });
        if (problem !== undefined || quoted) return;
        const lines = text
          .replace(/^\u{FEFF}/u, "")
          .split(/\r\n|\r|\n/)
          .filter((line) => line !== "");
        expect(rows.length + rejects.length).toBe(lines.length);
      }),
      { numRuns: 3000 },
    );
  });

  test("makes a reader throw, be it random bytes", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300, size: "max" }),
        fc.uint8Array({ maxLength: 300, size: "max" }),
        (first, second) => {
          const { problem, rows, rejects } = readPieces([first, second], { ragged: "reject" });
          expect(problem !== undefined || rows.length + rejects.length >= 0).toBe(true);
        },
      ),
      { numRuns: 3000 },
    );
  });

  test("takes long: a record as long as may be, in small pieces", () => {
    const field = "x".repeat(24_000_000);
    const startedMs = performance.now();
    const { rows } = readPieces(inPieces(`a|b\n"${field}"|2\n`), { delimiter: "|", maxRecordBytes: 30_000_000 });
    expect(rows).toMatchObject([[2, { b: "2" }]]);
    expect(performance.now() - startedMs).toBeLessThan(15_000);
  });

  test.each([
    ["one line of quotes", '"'.repeat(4_000_000)],
    ["one line of delimiters", "|".repeat(4_000_000)],
    ["nothing but carriage returns", "\r".repeat(4_000_000)],
    ["nothing but blank lines", "\n".repeat(4_000_000)],
    ["one quoted field of line ends", `a|b\n"${"\r\n".repeat(2_000_000)}`],
    ["quotes that open on every line", `a|b\n${'"x|y\n'.repeat(800_000)}`],
    ["records without a line feed in sight", `a|b\r${"1|2\r".repeat(1_000_000)}`],
  ])("takes long: %s", (_what, text) => {
    const startedMs = performance.now();
    readPieces(inPieces(text), { delimiter: "|", ragged: "reject" });
    // Linear work takes a few tenths of a second; a quadratic one, minutes.
    expect(performance.now() - startedMs).toBeLessThan(15_000);
  });
});

function inPieces(text: string): readonly Uint8Array[] {
  const bytes = Buffer.from(text);
  const count = Math.ceil(bytes.length / 4096);
  return Array.from({ length: count }, (_, at) => bytes.subarray(at * 4096, (at + 1) * 4096));
}
