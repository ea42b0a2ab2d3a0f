import { readFileSync } from "node:fs";
import { ERROR_CODES, type ErrorFacts } from "@spine/core";
import { expect, test } from "vitest";
import { errorDocsPath, renderErrorDocs } from "../../../scripts/errors-docs.ts";

test("docs/errors.md says what the table of codes says; `npm run docs:errors` makes it so", () => {
  expect(readFileSync(errorDocsPath, "utf8")).toBe(renderErrorDocs());
});

test("the page has every code once", () => {
  const listed = [...renderErrorDocs().matchAll(/^\| `([A-Z_]+)` +\|/gm)].map(([, code = ""]) => code);
  expect(listed.toSorted()).toEqual(Object.keys(ERROR_CODES).toSorted());
});

test("a code that comes or goes changes the page", () => {
  const facts: ErrorFacts = { category: "NETWORK", retryable: true, summary: "Either this | or that." };
  expect(renderErrorDocs({ ACME_DOWN: facts })).toContain(
    "| `ACME_DOWN` | NETWORK  | yes       | Either this \\| or that. |",
  );
  expect(renderErrorDocs({ ACME_DOWN: facts })).not.toContain("INTERNAL");
});
