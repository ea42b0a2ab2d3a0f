import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { numberPlaceholders } from "@spine/sql";

/** Parts in which a question mark is text, whatever stands in them. */
const opaque = fc.oneof(
  fc.string().map((text) => `'${text.replaceAll("'", "''")}'`),
  fc.string().map((text) => `E'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`),
  fc.string({ minLength: 1 }).map((text) => `"${text.replaceAll('"', '""')}"`),
  fc.string().map((text) => `$tag$${text.replaceAll("$tag$", "")}$tag$`),
  fc.string().map((text) => `$$${text.replaceAll("$", "")}$$`),
  fc.string().map((text) => `--${text.replaceAll(/[\n\r]/g, "")}\n`),
  fc.string().map((text) => `/* ${text.replaceAll(/[*/]/g, "")} /* nested? */ ${text.replaceAll(/[*/]/g, "")} */`),
  fc.constantFrom("select 1", "name", "a$1", "e", "::json", " , ", "1.5", "->>", "E''", "$a$?$a$"),
);

describe("placeholders", () => {
  test("are numbered in order, and nothing else changes", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(opaque, fc.constant("?"))), (parts) => {
        let number = 0;
        const expected = parts.map((part) => (part === "?" ? `$${(number += 1)}` : part)).join(" ");
        expect(numberPlaceholders(parts.join(" "))).toEqual({ text: expected, count: number });
      }),
      { numRuns: 2000 },
    );
  });

  test.for([
    ["select ?", "select $1", 1],
    ["select '?', ?", "select '?', $1", 1],
    ["select 'it''s ?', ?", "select 'it''s ?', $1", 1],
    ["select E'it\\'s ?', ?", "select E'it\\'s ?', $1", 1],
    ["select name'?', ?", "select name'?', $1", 1],
    ["select $$ ? $$, $x$ $$ ? $x$, ?", "select $$ ? $$, $x$ $$ ? $x$, $1", 1],
    ["select 1 /* /* ? */ ? */ + ?", "select 1 /* /* ? */ ? */ + $1", 1],
    ["select 1 -- ?\n + ?", "select 1 -- ?\n + $1", 1],
    ["select ? + $1", "select ? + $1", undefined],
    ["select '$1', ?", "select '$1', $1", 1],
    ["select 'open ?", "select 'open ?", 1],
  ] as const)("%s", ([sql, text, count]) => {
    const numbered = numberPlaceholders(sql);
    if (sql.includes("open")) expect(numbered.text.startsWith("select 'open")).toBe(true);
    else expect(numbered).toEqual({ text, count });
  });
});
