import { readFileSync } from "node:fs";

/** A file `spine init` makes, relative to the project. */
export interface Template {
  readonly path: string;
  readonly text: string;
}

/** Packages the example needs, for `npm install`. */
export const requiredPackages: readonly string[] = [
  "@spine/cli",
  "@spine/core",
  "@spine/orchestration",
  "@spine/adapters-sqlite",
  "better-sqlite3",
  "kysely",
  "zod",
];

/** What every project gets; none of it may be there before. */
export function projectTemplates(): readonly Template[] {
  return [
    { path: "spine.config.ts", text: read("spine.config.ts") },
    { path: "spine/prices.ts", text: read("prices.ts") },
  ];
}

/** What a README may say of the project. */
export function readmeText(): string {
  return read("README.md");
}

/** A manifest for a folder that has none. */
export function manifestText(name: string): string {
  const packages = Object.fromEntries(requiredPackages.map((required) => [required, "latest"]));
  return `${JSON.stringify({ name, private: true, type: "module", dependencies: packages }, undefined, 2)}\n`;
}

// They lie beside `src` and `dist` and end in .template, so that no tool takes them for sources of this package.
function read(name: string): string {
  return readFileSync(new URL(`../templates/${name}.template`, import.meta.url), "utf8");
}
