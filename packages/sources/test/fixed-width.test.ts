import { fixedWidth, type FixedWidthOptions } from "@spine/sources";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readFormat, readFormatText } from "./support/read-format.ts";
import { cutAt } from "./support/read-text.ts";

const fields = [
  { name: "symbol", width: 5 },
  { name: "shares", width: 6 },
  { name: "side", width: 1, start: 13 },
] as const;
const layout = (options: Partial<FixedWidthOptions<"symbol" | "shares" | "side">> = {}) =>
  fixedWidth({ fields, ...options });

describe("fixed width", () => {
  test("fields lie where the layout says, spaces around them do not count", () => {
    const { rows, problem, findings } = readFormatText(layout(), "AAPL    100 B\r\nMSFT      7 S\n");
    expect(problem).toBeUndefined();
    expect(rows).toEqual([
      [1, { symbol: "AAPL", shares: "100", side: "B" }],
      [2, { symbol: "MSFT", shares: "7", side: "S" }],
    ]);
    expect(findings?.columns).toEqual(["symbol", "shares", "side"]);
  });

  test("header lines, comments and trailers are no rows, and nothing comes behind a trailer", () => {
    const options = { skipLines: 1, comment: "#", trailer: "TRL" };
    const text = "SYMBOL SHARES\n# x\nAAPL    100 B\nTRL 1\n";
    const { rows, problem, findings } = readFormatText(layout(options), text);
    expect(problem).toBeUndefined();
    expect(rows.map(([at]) => at)).toEqual([3]);
    expect(findings?.trailer).toEqual(["TRL 1"]);
    expect(readFormatText(layout(options), `${text}MSFT      7 S\n`).problem).toMatchObject({ line: 5 });
  });

  test.each([
    ["AAPL    100", "short"],
    ["AAPL    100 BX", "long"],
  ])("%s is refused: too %s", (line) => {
    const text = `MSFT      7 S\n${line}\nIBM       1 S\n`;
    expect(readFormatText(layout(), text).problem).toMatchObject({ code: "ROW_RAGGED", line: 2 });
    const { rows, rejects } = readFormatText(layout({ ragged: "reject" }), text);
    expect(rows.map(([at]) => at)).toEqual([1, 3]);
    expect(rejects).toMatchObject([{ record: line, lineNumber: 2, reasonCode: "ROW_RAGGED" }]);
  });

  test("padding takes a last field that is cut, not one that is missing; spaces behind a line are nothing", () => {
    const wide = fixedWidth({
      fields: [
        { name: "a", width: 3 },
        { name: "b", width: 4 },
      ],
      ragged: "pad",
    });
    const { rows, rejects } = readFormatText(wide, "abcde\nabc\nabcdefg   \n");
    expect(rows).toEqual([
      [1, { a: "abc", b: "de" }],
      [3, { a: "abc", b: "defg" }],
    ]);
    expect(rejects).toHaveLength(1);
  });

  test.each([
    [{ fields: [] }, "there is no name"],
    [{ fields: [{ name: "a", width: 0 }] }, 'the width of "a" is 0'],
    [
      {
        fields: [
          { name: "a", width: 3 },
          { name: "b", width: 3, start: 3 },
        ],
      },
      "inside the field before it",
    ],
    [
      {
        fields: [
          { name: "a", width: 1 },
          { name: "a", width: 1 },
        ],
      },
      "both named",
    ],
  ])("layouts that cannot be meant are refused", (options, why) => {
    expect(() => fixedWidth(options)).toThrow(why);
  });

  test("how the bytes are cut changes nothing", () => {
    const bytes = Buffer.from("é1234    56 B\nAAPL    100 B\n\nMSFT      7 S");
    const whole = readFormat(layout(), [bytes]);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
        expect(readFormat(layout(), cutAt(bytes, cuts))).toEqual(whole);
      }),
    );
  });
});
