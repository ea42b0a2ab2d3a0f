import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ERROR_CODES, type ErrorCategory, type ErrorFacts } from "@spine/core";
import { workspaceRoot } from "./workspace.ts";

export const errorDocsPath = join(workspaceRoot, "docs", "errors.md");

const categories: Readonly<Record<ErrorCategory, string>> = {
  NETWORK: "the way to something outside",
  SOURCE: "files, services and other places data comes from",
  PARSE: "text that is not in its format",
  VALIDATION: "values that break a rule",
  CONFIG: "settings, keys and what was plugged together",
  AUTH: "who we are and what we may",
  PIPELINE: "pipelines, their parameters and outputs",
  ORCHESTRATION: "workflows, groups, runs and steps",
  DATABASE: "databases, transactions and migrations",
  STORAGE: "files, captures and stored values",
  INTERNAL: "spine itself",
  UNKNOWN: "what nobody foresaw",
};

/** The page `docs/errors.md`: every code, by category. */
export function renderErrorDocs(codes: Readonly<Record<string, ErrorFacts>> = ERROR_CODES): string {
  const sections = Object.entries(categories).flatMap(([category, about]) => {
    const rows = Object.entries(codes).filter(([, facts]) => facts.category === category);
    if (rows.length === 0) return [];
    return [`## ${category}: ${about}`, table([heading, ...rows.map(cellsOf)])];
  });
  return `${[...intro, ...sections].join("\n\n")}\n`;
}

const intro = [
  "# Errors",
  "<!-- Written by `npm run docs:errors` from packages/core/src/errors/codes.ts. Change the table there. -->",
  "Every failure of spine is a `SpineError` with a `code`. The code is API; the text is not. The category selects retry policies" +
    " and alert routes. _Retryable_ means that the same call may succeed later without anybody changing anything; a single error" +
    " may know better and say so in `error.retryable`.",
];

const heading = ["code", "category", "retryable", "meaning and remedy"];

function cellsOf([code, { category, retryable, summary }]: [string, ErrorFacts]): readonly string[] {
  return [`\`${code}\``, category, retryable ? "yes" : "no", summary.replaceAll("|", String.raw`\|`)];
}

/** Columns are padded as the formatter does it, so that a formatted page equals a written one. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = heading.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const lines = rows.map((cells) => lineOf(cells.map((cell, column) => cell.padEnd(widths[column] ?? 0))));
  const rule = lineOf(widths.map((width) => "-".repeat(width)));
  return lines.toSpliced(1, 0, rule).join("\n");
}

function lineOf(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

if (import.meta.main) {
  writeFileSync(errorDocsPath, renderErrorDocs());
  console.log(`Wrote ${errorDocsPath}.`);
}
