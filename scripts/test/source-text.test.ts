import { describe, expect, it } from "vitest";
import { codeOf, relativeLinks, sourceProblems } from "../source-text.ts";

const problemsOf = (text: string): readonly string[] => sourceProblems(text, { maxLines: 400 });

describe("sourceProblems", () => {
  it("a file may have as many lines as the limit and not one more", () => {
    expect(problemsOf("x;\n".repeat(400))).toEqual([]);
    expect(problemsOf("x;\n".repeat(401))).toEqual(["401 lines, at most 400."]);
  });

  it.each([
    ["let x: any;"],
    ["x as any;"],
    ["type T = Map<string, any>;"],
    ["type T = string | any;"],
    ["let x: string, y: Array<any>;"],
    ["function f(): any[] {}"],
  ])("finds the type in %s", (text) => {
    expect(problemsOf(text)).toHaveLength(1);
  });

  it.each([
    ["// any: a word in a comment"],
    ['const text = "as any reader knows: any";'],
    ["const all = { any: 1 };"],
    ["await Promise.any(list);"],
    ["const many: Company[] = [];"],
  ])("leaves %s alone", (text) => {
    expect(problemsOf(text)).toEqual([]);
  });

  it("the ways round the compiler and the linter are closed", () => {
    const ignore = ["// @ts", "ignore"].join("-");
    const disable = ["// oxlint", "disable-next-line typescript/no-explicit", "any"].join("-");
    expect(problemsOf(ignore)).toHaveLength(1);
    expect(problemsOf(disable)).toHaveLength(1);
  });
});

describe("codeOf", () => {
  it("drops comments, keeps strings that look like them, and keeps line numbers", () => {
    expect(codeOf('a("//b"); // c\n/* d\n e */ f;')).toMatch(/^a\("\/\/b"\);\s+\n\s+\n\s+f;$/);
  });
});

describe("relativeLinks", () => {
  it("finds inline and reference links without their anchors", () => {
    const text = 'See [a](docs/a.md#top), [b](./b.md "title") and [c].\n\n[c]: ../c.md\n';
    expect(relativeLinks(text)).toEqual(["docs/a.md", "./b.md", "../c.md"]);
  });

  it("leaves web addresses, anchors and code alone", () => {
    const text = "[a](https://a.example) [b](#b) `[c](c.md)`\n\n```md\n[d](d.md)\n```\n";
    expect(relativeLinks(text)).toEqual([]);
  });
});
