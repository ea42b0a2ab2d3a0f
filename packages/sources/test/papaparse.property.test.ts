import * as fc from "fast-check";
import Papa from "papaparse";
import { expect, test } from "vitest";
import { readText } from "./support/read-text.ts";

/** Texts that nobody wrote: what papaparse and we both take without complaint, we take alike (docs/guides/sources.md says where not). */
test("what papaparse takes without an error is read alike, or refused", () => {
  const part = fc.constantFrom("a", "b", " ", "|", '"', '""', "\n", "é", "1");
  let compared = 0;
  fc.assert(
    fc.property(fc.array(part, { maxLength: 40, size: "max" }), (parts) => {
      const text = parts.join("");
      const { rows, rejects, problem } = readText(text, { delimiter: "|", header: false });
      if (problem !== undefined || rejects.length > 0 || rows.length === 0) return;
      const papa = Papa.parse<readonly string[]>(text, { delimiter: "|", newline: "\n" });
      if (papa.errors.length > 0) return;
      compared += 1;
      const theirs = papa.data.filter((fields) => fields.length > 1 || fields[0] !== "");
      const ours = rows.map(([, row]) => Object.values(row)).filter((fields) => fields.length > 1 || fields[0] !== "");
      expect(ours).toEqual(theirs);
    }),
    { numRuns: Number(process.env["SPINE_FUZZ_RUNS"] ?? 3000) },
  );
  expect(compared).toBeGreaterThan(0);
});
