import { fileSource } from "@spine/sources";
import { expectErr, expectOk } from "@spine/testkit";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { tempFiles } from "./support/temp-file.ts";

const write = tempFiles();
const ragged = (): string => write("a.psv", 'a|b|c\n1|2|3\n4|5\n6|7|8|9\n"x"y|2|3\n10|11|12\n');

describe("a row of another shape than the header", () => {
  test("is an error that says line, counts, byte and remedy", async () => {
    const path = ragged();
    const error = await expectErr(fileSource({ name: "prices", path }).fetch(), "ROW_RAGGED");
    expect(error.message).toBe(
      `Could not read ${path}: line 3 has 2 fields, the header has 3. Correct the line, or pass ragged: "reject" to go on without it.`,
    );
    expect(error.context).toMatchObject({ sourceName: "prices", line: 3, byteOffset: 12, locator: path });
    expect(error.retryable).toBe(false);
  });

  test("is kept as a reject when told so, with line, reason and its text", async () => {
    const path = ragged();
    const { rows, lineNumbers, rejects, metadata } = await expectOk(fileSource({ path, ragged: "reject" }).fetch());
    expect(rows).toEqual([
      { a: "1", b: "2", c: "3" },
      { a: "10", b: "11", c: "12" },
    ]);
    expect(lineNumbers).toEqual([2, 6]);
    expect(rejects).toEqual([
      {
        reasonCode: "ROW_RAGGED",
        reasonDetail: "2 fields, the header has 3",
        record: "4|5",
        sourceLocator: path,
        lineNumber: 3,
      },
      {
        reasonCode: "ROW_RAGGED",
        reasonDetail: "4 fields, the header has 3",
        record: "6|7|8|9",
        sourceLocator: path,
        lineNumber: 4,
      },
      {
        reasonCode: "QUOTE_MALFORMED",
        reasonDetail: "text follows a closing quote",
        record: '"x"y|2|3',
        sourceLocator: path,
        lineNumber: 5,
      },
    ]);
    expect(metadata).toMatchObject({ rowCount: 2, rejectedCount: 3 });
  });

  test("is filled when told so if it is short, and rejected if it is long", async () => {
    const { rows, rejects, metadata } = await expectOk(fileSource({ path: ragged(), ragged: "pad" }).fetch());
    expect(rows).toEqual([
      { a: "1", b: "2", c: "3" },
      { a: "4", b: "5", c: "" },
      { a: "10", b: "11", c: "12" },
    ]);
    expect(rejects.map(({ lineNumber }) => lineNumber)).toEqual([4, 5]);
    expect(metadata.warnings).toEqual([
      { code: "ROWS_PADDED", message: "Filled 1 short row with empty fields.", lineNumber: 3 },
    ]);
  });
});

describe("a schema", () => {
  const trade = z.object({ symbol: z.string().min(1), shares: z.coerce.number().int().nonnegative() });

  test("makes typed rows and keeps what it refuses, with every reason", async () => {
    const path = write("a.csv", "symbol,shares\nAAPL,10\n,-1\nMSFT,x\nIBM,7\n");
    const { rows, lineNumbers, rejects, metadata } = await expectOk(fileSource({ path, schema: trade }).fetch());
    expect(rows).toEqual([
      { symbol: "AAPL", shares: 10 },
      { symbol: "IBM", shares: 7 },
    ]);
    expect(lineNumbers).toEqual([2, 5]);
    expect(rejects).toMatchObject([
      { reasonCode: "SCHEMA_MISMATCH", record: { symbol: "", shares: "-1" }, lineNumber: 3 },
      { reasonCode: "SCHEMA_MISMATCH", record: { symbol: "MSFT", shares: "x" }, lineNumber: 4 },
    ]);
    expect(rejects[0]?.reasonDetail).toMatch(/^symbol: .+; shares: .+$/);
    expect(metadata).toMatchObject({ rowCount: 2, rejectedCount: 2, columns: ["symbol", "shares"] });
  });

  test("keeps its rejects in the order of the lines among the ragged ones", async () => {
    const path = write("a.csv", "symbol,shares\nA\nB,x\nC\nD,1\n");
    const { rejects } = await expectOk(fileSource({ path, schema: trade, ragged: "reject" }).fetch());
    expect(rejects.map(({ reasonCode, lineNumber }) => [reasonCode, lineNumber])).toEqual([
      ["ROW_RAGGED", 2],
      ["SCHEMA_MISMATCH", 3],
      ["ROW_RAGGED", 4],
    ]);
  });

  test("may be asynchronous", async () => {
    const listed = trade.refine(async ({ symbol }) => symbol !== "MSFT", "not listed");
    const path = write("a.csv", "symbol,shares\nAAPL,10\nMSFT,2\n");
    const { rows, rejects } = await expectOk(fileSource({ path, schema: listed }).fetch());
    expect(rows).toEqual([{ symbol: "AAPL", shares: 10 }]);
    expect(rejects).toMatchObject([{ reasonDetail: "not listed", lineNumber: 3 }]);
  });

  test("that throws is an Err, not a throw", async () => {
    const broken = trade.transform(() => {
      throw new Error("no such table");
    });
    const path = write("a.csv", "symbol,shares\nAAPL,10\n");
    const error = await expectErr(fileSource({ path, schema: broken }).fetch(), "SOURCE_ERROR");
    expect(error.message).toBe("no such table");
  });
});
