import { isBuiltin } from "node:module";
import { codeOf } from "./source-text.ts";
import type { Manifest } from "./workspace.ts";

const plugin = "spine-plugin-*";

/** What each published package may import of the others: the arrows of ARCHITECTURE.md, written out. */
export const arrows: Readonly<Record<string, readonly string[]>> = {
  "@spine/core": [],
  "@spine/orchestration": ["@spine/core"],
  "@spine/sql": ["@spine/core"],
  "@spine/sources": ["@spine/core"],
  "@spine/alerts": ["@spine/core"],
  "@spine/testkit": ["@spine/core"],
  "@spine/scheduler": ["@spine/core", "@spine/orchestration"],
  "@spine/adapters-sqlite": ["@spine/core", "@spine/sql"],
  "@spine/adapters-postgres": ["@spine/core", "@spine/sql"],
  [plugin]: [
    "@spine/core",
    "@spine/orchestration",
    "@spine/sources",
    "@spine/alerts",
    // kyselyOf(tx) gives a pipeline typed SQL.
    "@spine/sql",
  ],
  "@spine/cli": [
    "@spine/core",
    "@spine/orchestration",
    "@spine/sql",
    "@spine/sources",
    "@spine/alerts",
    "@spine/scheduler",
    "@spine/adapters-sqlite",
    "@spine/adapters-postgres",
  ],
};

/** Outside packages that only some of ours may build on. */
const owners: Readonly<Record<string, readonly string[]>> = {
  neverthrow: ["@spine/core"],
  // Sources take a query of it in one subpath, over databases that are not the store.
  kysely: ["@spine/sql", "@spine/adapters-sqlite", "@spine/adapters-postgres", "@spine/cli", "@spine/sources", plugin],
  "better-sqlite3": ["@spine/adapters-sqlite", "@spine/cli"],
  pg: ["@spine/adapters-postgres", "@spine/cli"],
  vitest: ["@spine/testkit"],
};

/** The dependencies of one package that the tables forbid, as sentences. Development dependencies are free: tests cross layers. */
export function forbiddenDependencies(manifest: Manifest): readonly string[] {
  if (manifest.private === true) return [];
  const own = kindOf(manifest.name);
  const allowed = arrows[own];
  if (allowed === undefined) return [`${manifest.name} is not in the table of arrows (scripts/boundaries.ts).`];
  const problems = usersDependencies(manifest).flatMap((name) => {
    if (isOurs(name)) return allowed.includes(name) ? [] : [`${manifest.name} may not depend on ${name}.`];
    return owners[name]?.includes(own) === false ? [`${manifest.name} may not build on ${name}.`] : [];
  });
  if (own !== plugin) return problems;
  const owned = Object.keys(manifest.dependencies ?? {}).filter(isOurs);
  return [...problems, ...owned.map((name) => `${manifest.name} must have ${name} as a peer: two copies do not mix.`)];
}

/** Imports of a source file that its package does not declare for its users, or that reach out of the package. */
export function forbiddenImports(
  source: { readonly text: string; readonly depth: number },
  manifest: Manifest,
): readonly string[] {
  const declared = new Set(usersDependencies(manifest));
  return importsOf(source.text).flatMap((specifier) => {
    if (isBuiltin(specifier)) return [];
    if (specifier.startsWith(".")) {
      const climbs = specifier.split("/").filter((part) => part === "..").length;
      return climbs > source.depth ? [`"${specifier}" leaves the package.`] : [];
    }
    const name = packageOf(specifier);
    return declared.has(name) ? [] : [`"${specifier}" is neither a dependency nor a peer of ${manifest.name}.`];
  });
}

/** What a user's install brings along or has to have. */
function usersDependencies({ dependencies = {}, peerDependencies = {} }: Manifest): readonly string[] {
  return [...new Set([...Object.keys(dependencies), ...Object.keys(peerDependencies)])];
}

function importsOf(text: string): readonly string[] {
  const code = codeOf(text);
  const patterns = [
    /^\s*(?:import|export)\b[^;"']*?\bfrom\s*["']([^"']+)["']/gm,
    /^\s*import\s*["']([^"']+)["']/gm,
    /\bimport\(\s*["']([^"']+)["']/g,
  ];
  return patterns.flatMap((pattern) => [...code.matchAll(pattern)].map(([, specifier = ""]) => specifier));
}

function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

function kindOf(name: string): string {
  return name.startsWith("spine-plugin-") ? plugin : name;
}

function isOurs(name: string): boolean {
  return name.startsWith("@spine/") || name.startsWith("spine-plugin-");
}
