import * as fc from "fast-check";
import { json, ndjson } from "@spine/sources";
import { describe, expect, test } from "vitest";
import { readFormat, readFormatText } from "./support/read-format.ts";
import { cutAt } from "./support/read-text.ts";

const valuesOf = (reading: ReturnType<typeof readFormatText>): readonly unknown[] => reading.rows.map(([, row]) => row);

describe("NDJSON", () => {
  test("is one object a line, blank lines skipped, any line end, the last one optional", () => {
    const { rows, problem } = readFormatText(ndjson(), '{"a":1}\r\n\n  \n{"a":"é"}');
    expect(problem).toBeUndefined();
    expect(rows).toEqual([
      [1, { a: 1 }],
      [4, { a: "é" }],
    ]);
  });

  test.each([
    ['{"a":1', "JSON"],
    ["[1]", "it is an array, not an object"],
    ["null", "it is null, not an object"],
    ["12", "it is a number, not an object"],
  ])("%s ends it with line and remedy, or is a reject", (line, why) => {
    const strict = readFormatText(ndjson(), `{"a":1}\n${line}\n{"a":2}\n`);
    expect(strict.problem).toMatchObject({
      code: "PARSE_ERROR",
      line: 2,
      what: expect.stringContaining(why) as string,
    });
    expect(valuesOf(strict)).toEqual([{ a: 1 }]);
    const { rows, rejects, problem } = readFormatText(ndjson({ invalid: "reject" }), `{"a":1}\n${line}\n{"a":2}\n`);
    expect(problem).toBeUndefined();
    expect(rows.map(([at]) => at)).toEqual([1, 3]);
    expect(rejects).toMatchObject([{ reasonCode: "JSON_INVALID", record: line, lineNumber: 2 }]);
  });

  test("keeps numbers exact where that is asked for", () => {
    const text = '{"id":9007199254740993,"price":190.10,"in":{"price":0.30}}\n';
    expect(valuesOf(readFormatText(ndjson({ exact: ["id", "price"] }), text))).toEqual([
      { id: "9007199254740993", price: "190.10", in: { price: "0.30" } },
    ]);
  });

  test("a line without an end does not fill the memory", () => {
    const { problem } = readFormatText(ndjson({ maxRecordBytes: 1000 }), `{"a":1}\n{"a":"${"x".repeat(20_000)}`);
    expect(problem).toMatchObject({ code: "RECORD_TOO_LONG", line: 2 });
  });

  test("a key named __proto__ is a key", () => {
    const [row] = valuesOf(readFormatText(ndjson(), '{"__proto__":{"x":1}}\n'));
    expect(Object.keys(row as object)).toEqual(["__proto__"]);
  });
});

describe("JSON", () => {
  const rows = [{ a: 1 }, { a: "x]},{" }];

  test.each([
    ["is an array of rows", rows, undefined],
    ["has its rows in a field of a usual name", { total: 2, results: rows, next: null }, undefined],
    ["has its rows where the path says", { meta: { data: [] }, result: { trades: rows } }, "result.trades"],
  ])("%s", (_what, document, path) => {
    for (const space of [0, 2]) {
      const reading = readFormatText(json(path === undefined ? {} : { path }), JSON.stringify(document, null, space));
      expect(reading.problem).toBeUndefined();
      expect(reading.rows).toEqual([
        [1, rows[0]],
        [2, rows[1]],
      ]);
    }
  });

  test("is one row when there is no array in it", () => {
    expect(valuesOf(readFormatText(json(), '{"a":{"b":[1]}}'))).toEqual([{ a: { b: [1] } }]);
  });

  test("tells what is around its rows", () => {
    const { findings } = readFormatText(json(), '{"data":[{"a":1}],"next":"abc"}');
    expect(findings?.envelope).toEqual({ data: [], next: "abc" });
  });

  test.each([
    ["", "it is empty"],
    ["[", "ends inside its array of rows"],
    ['[{"a":1}', "ends inside its array of rows, behind element 0"],
    ['[{"a":1},]', "there is nothing between two commas"],
    ['[{"a":1},,{"a":2}]', "there is nothing between two commas"],
    ['[{"a":1} {"a":2}]', "element 1 of its rows is not JSON"],
    ['[{"a":1]', "ends inside"],
    ['[{"a":1}] x', "it is not JSON"],
    ['{"data":[{"a":1}],}', "it is not JSON"],
    ["[1]", "it is a number, not an object"],
    ['"text"', "it is a string, not an object"],
  ])("%s is refused", (text, why) => {
    expect(readFormatText(json(), text).problem).toMatchObject({
      code: "PARSE_ERROR",
      what: expect.stringContaining(why) as string,
    });
  });

  test("a path that leads nowhere names the fields there are", () => {
    const { problem } = readFormatText(json({ path: "rows.all" }), '{"items":[{"a":1}],"n":1}');
    expect(problem?.what).toBe('there is no array at "rows.all": its fields are items, n');
  });

  test("an element, and what is around the rows, has a limit", () => {
    const long = `[{"a":"${"x".repeat(5000)}"}]`;
    expect(readFormatText(json({ maxRecordBytes: 1000 }), long).problem?.code).toBe("RECORD_TOO_LONG");
    const around = `{"x":"${"x".repeat(5000)}","data":[]}`;
    expect(readFormatText(json({ maxRecordBytes: 1000 }), around).problem?.code).toBe("RECORD_TOO_LONG");
  });

  test("any document gives what JSON.parse gives, however it is cut", () => {
    const row = fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue({ maxDepth: 3 }));
    fc.assert(
      fc.property(
        fc.array(row),
        fc.constantFrom(0, 1, "\t"),
        fc.boolean(),
        fc.array(fc.nat(400)),
        (values, space, nested, cuts) => {
          const plain = JSON.parse(JSON.stringify(values)) as unknown[];
          const text = JSON.stringify(nested ? { n: 1, deep: { rows: values }, z: [] } : values, null, space);
          const format = nested ? json({ path: "deep.rows", batchSize: 2 }) : json({ batchSize: 2 });
          const bytes = Buffer.from(text);
          const reading = readFormat(
            format,
            cutAt(
              bytes,
              cuts.map((at) => at % (bytes.length + 1)),
            ),
          );
          expect(reading.problem).toBeUndefined();
          expect(valuesOf(reading)).toEqual(plain);
        },
      ),
      { numRuns: 400 },
    );
  });

  test("no text, however broken, is taken for more than JSON.parse takes", () => {
    const part = fc.constantFrom("[", "]", "{", "}", ",", ":", '"', "\\", '{"a":1}', '"data":', "1", " ", "\n", "null");
    fc.assert(
      fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
        const text = parts.join("");
        const reading = readFormatText(json(), text);
        if (reading.problem !== undefined) return;
        expect(() => JSON.parse(text) as unknown).not.toThrow();
      }),
      { numRuns: 5000 },
    );
  });
});
