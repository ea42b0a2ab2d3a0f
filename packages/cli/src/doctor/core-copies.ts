import { existsSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Check } from "./check.ts";

const core = "@spine/core";

/**
 * Whether the project, the command line and the packages they name all get the same copy of `@spine/core`: two copies mean that
 * typed keys part ways (design 4.8).
 */
export function coreCopiesCheck(directory: string): Check {
  const copies = new Map<string, string[]>();
  for (const { name, folder } of [...usersOfCore(directory), { name: "spine", folder: ownFolder() }]) {
    const copy = copyFor(folder);
    if (copy !== undefined) copies.set(copy, [...(copies.get(copy) ?? []), name]);
  }
  if (copies.size <= 1) return { name: "copies", status: "ok", text: `one copy of ${core}` };
  const each = [...copies].map(([copy, users]) => `${copy} (${users.join(", ")})`);
  return {
    name: "copies",
    status: "warning",
    text: `${copies.size} copies of ${core}: ${each.join("; ")}`,
    remedy: `Bring them to one version, then run: npm dedupe. Plugins must have ${core} as a peer dependency.`,
  };
}

interface PackageFolder {
  readonly name: string;
  readonly folder: string;
}

/** The project itself, and the packages it names. */
function usersOfCore(directory: string): readonly PackageFolder[] {
  const root = projectRoot(directory);
  if (root === undefined) return [];
  const named = dependencyNames(root).flatMap((name) => {
    const folder = packageFolder(name, root);
    return folder !== undefined && dependencyNames(folder).includes(core) ? [{ name, folder }] : [];
  });
  return [{ name: "this project", folder: root }, ...named];
}

function projectRoot(directory: string): string | undefined {
  for (let current = directory; ; current = dirname(current)) {
    if (existsSync(join(current, "package.json"))) return current;
    if (dirname(current) === current) return undefined;
  }
}

function dependencyNames(folder: string): readonly string[] {
  const manifest = readJson(join(folder, "package.json"));
  return ["dependencies", "devDependencies", "peerDependencies"].flatMap((kind) => {
    const names: unknown = manifest[kind];
    return typeof names === "object" && names !== null ? Object.keys(names) : [];
  });
}

/** Where Node would find a package from a folder. */
function packageFolder(name: string, from: string): string | undefined {
  const paths = createRequire(join(from, "package.json")).resolve.paths(name) ?? [];
  const found = paths.map((path) => join(path, name)).find((path) => existsSync(join(path, "package.json")));
  return found === undefined ? undefined : realpathSync(found);
}

function copyFor(folder: string): string | undefined {
  return packageFolder(core, folder);
}

function ownFolder(): string {
  return projectRoot(dirname(fileURLToPath(import.meta.url))) ?? "";
}

function readJson(path: string): Readonly<Record<string, unknown>> {
  const parsed: unknown = JSON.parse(readFileSync(path, "utf8"));
  return typeof parsed === "object" && parsed !== null ? (parsed as Readonly<Record<string, unknown>>) : {};
}
