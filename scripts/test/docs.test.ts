import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { workspaceRoot } from "../workspace.ts";

const documents = globSync(["*.md", "docs/**/*.md"], { cwd: workspaceRoot }).toSorted();
const guides = documents.filter((path) => path.startsWith("docs/guides/"));
const read = (path: string): string => readFileSync(join(workspaceRoot, path), "utf8");

/** Lines without indentation and blanks: a guide shows pieces of what is nested in a file. */
const linesOf = (text: string): string =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join("\n");

describe("docs", () => {
  it.each(documents)("%s links to files that exist", (document) => {
    const links = [...read(document).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(([, target = ""]) => target);
    const folder = join(workspaceRoot, dirname(document));
    expect(links.filter((target) => !existsSync(join(folder, target)))).toEqual([]);
  });

  it.each(guides)("%s shows code of the examples, which are compiled and run", (guide) => {
    const examples = globSync("{patterns,tiers}/**/*.ts", { cwd: join(workspaceRoot, "examples") }).map((path) =>
      linesOf(read(join("examples", path))),
    );
    const blocks = [...read(guide).matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = ""]) => linesOf(code));
    expect(blocks).not.toEqual([]);
    expect(blocks.filter((block) => !examples.some((example) => example.includes(block)))).toEqual([]);
  });
});
