import * as fc from "fast-check";
import Papa from "papaparse";
import { describe, expect, test } from "vitest";
import { readText } from "./support/read-text.ts";

interface Table {
  readonly names: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** How the writer below writes a table; `quoteRolls` decides field by field whether one that needs no quotes gets them. */
interface Writing {
  readonly delimiter: string;
  readonly lineEnd: string;
  readonly endsWithLineEnd: boolean;
  readonly quoteRolls: readonly boolean[];
}

const anyField = fc
  .array(
    fc.constantFrom("a", "B", "7", " ", ",", "|", "\t", ";", '"', "\n", "\r", "\r\n", "é", "東", "😀", "0.5", "--"),
    { maxLength: 6, size: "max" },
  )
  .map((parts) => parts.join(""));

const anyTable: fc.Arbitrary<Table> = fc.integer({ min: 1, max: 6 }).chain((width) =>
  fc.record({
    names: fc.uniqueArray(
      anyField.filter((name) => name !== ""),
      { minLength: width, maxLength: width },
    ),
    rows: fc.array(fc.array(anyField, { minLength: width, maxLength: width }), { maxLength: 8, size: "max" }),
  }),
);

const anyWriting: fc.Arbitrary<Writing> = fc.record({
  delimiter: fc.constantFrom(",", "|", "\t", ";"),
  lineEnd: fc.constantFrom("\n", "\r\n", "\r"),
  endsWithLineEnd: fc.boolean(),
  quoteRolls: fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
});

function write({ names, rows }: Table, { delimiter, lineEnd, endsWithLineEnd, quoteRolls }: Writing): string {
  let fields = 0;
  const writeField = (field: string, isAlone: boolean): string => {
    const needed = (isAlone && field === "") || [delimiter, '"', "\n", "\r"].some((mark) => field.includes(mark));
    fields += 1;
    return needed || quoteRolls[fields % quoteRolls.length] === true ? `"${field.replaceAll('"', '""')}"` : field;
  };
  const lines = [names, ...rows].map((row) => row.map((field) => writeField(field, row.length === 1)).join(delimiter));
  return lines.join(lineEnd) + (endsWithLineEnd ? lineEnd : "");
}

function toObjects({ names, rows }: Table): readonly Record<string, string>[] {
  return rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index] ?? ""])));
}

describe("any table comes back as it was written", () => {
  test("with the delimiter given", () => {
    fc.assert(
      fc.property(anyTable, anyWriting, (table, writing) => {
        const reading = readText(write(table, writing), { delimiter: writing.delimiter });
        expect(reading.problem).toBeUndefined();
        expect(reading.rows.map(([, row]) => row)).toEqual(toObjects(table));
      }),
      { numRuns: 3000 },
    );
  });

  test("with line numbers that point at the line the row begins on", () => {
    fc.assert(
      fc.property(anyTable, anyWriting, (table, writing) => {
        const text = write(table, writing);
        const { rows } = readText(text, { delimiter: writing.delimiter });
        const begins = [0, ...Array.from(text.matchAll(/\r\n|\r|\n/g), (match) => match.index + match[0].length)];
        for (const [at, [lineNumber]] of rows.entries()) {
          const rest = { names: table.rows[at] ?? [], rows: table.rows.slice(at + 1) };
          const line = text.slice(begins[lineNumber - 1]);
          const again = readText(line, { delimiter: writing.delimiter, header: false });
          expect(again.rows.map(([, row]) => Object.values(row))).toEqual([rest.names, ...rest.rows]);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("papaparse reads the same", () => {
  test("from any well-formed text", () => {
    fc.assert(
      fc.property(anyTable, anyWriting, (table, writing) => {
        // papaparse takes a record that is one quoted empty field for an empty line.
        fc.pre(table.names.length > 1);
        const text = write(table, writing);
        const papa = Papa.parse<string[]>(text, {
          delimiter: writing.delimiter,
          newline: writing.lineEnd as "\n",
          skipEmptyLines: true,
        });
        const ours = readText(text, { delimiter: writing.delimiter, header: false });
        expect(papa.errors).toEqual([]);
        expect(ours.problem).toBeUndefined();
        expect(ours.rows.map(([, row]) => Object.values(row))).toEqual(papa.data);
      }),
      { numRuns: 3000 },
    );
  });
});
