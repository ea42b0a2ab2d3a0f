import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import {
  ConfigError,
  DatabaseError,
  err,
  memory,
  ok,
  type Result,
  type SpineError,
  type StoreProvider,
  tryAsync,
} from "@spine/core";
import { missingPackage } from "./import-error.ts";

export interface StoreUrlOptions {
  /** What relative paths start from. */
  readonly cwd: string;
  /** Refuses a file that is not there instead of making it: for commands that only look. */
  readonly mustExist: boolean;
}

/**
 * The store that `--store` names: `memory`, `postgres://…`, `sqlite:path`, `file:…` or a path. The adapter is imported now, and only
 * this one. Fails with `ADAPTER_UNKNOWN` and the command that installs it, `CONFIG_INVALID` or `DATABASE_UNAVAILABLE`.
 */
export async function storeOfUrl(
  url: string,
  { cwd, mustExist }: StoreUrlOptions,
): Promise<Result<StoreProvider, SpineError>> {
  if (url === "") return err(invalidUrl(url));
  if (url === "memory" || url === "memory:") return ok(memory());
  if (/^postgres(?:ql)?:\/\//i.test(url)) {
    return adapter("@spine/adapters-postgres", "pg", async () =>
      (await import("@spine/adapters-postgres")).postgres(url),
    );
  }
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(url)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== "sqlite" && scheme !== "file") return err(invalidUrl(url));
  const path = sqlitePath(url, cwd);
  if (mustExist && path !== ":memory:" && !existsSync(path)) return err(absent(path));
  return adapter("@spine/adapters-sqlite", "better-sqlite3", async () =>
    (await import("@spine/adapters-sqlite")).sqlite(path),
  );
}

/** `sqlite:a.db` and `sqlite://a.db` are relative, `sqlite:///a.db` is absolute. */
function sqlitePath(url: string, cwd: string): string {
  if (url.startsWith("file://")) return fileURLToPath(url);
  const path = url.replace(/^(?:sqlite|file):(?:\/\/)?/i, "");
  return path === ":memory:" || path === "/:memory:" ? ":memory:" : resolve(cwd, path);
}

async function adapter(
  name: string,
  driver: string,
  load: () => Promise<StoreProvider>,
): Promise<Result<StoreProvider, SpineError>> {
  return tryAsync(load, (thrown) => {
    const missing = missingPackage(thrown);
    if (missing === undefined) return new ConfigError(`${name} could not be loaded.`, { cause: thrown });
    const why = missing === name ? "which is not installed" : `which lacks "${missing}"`;
    return new ConfigError(`The store needs ${name}, ${why}.`, {
      code: "ADAPTER_UNKNOWN",
      cause: thrown,
      context: { adapter: name, remedy: `Install it: npm install ${name} ${driver} kysely` },
    });
  });
}

function absent(path: string): SpineError {
  return new DatabaseError(`There is no database ${path}.`, {
    code: "DATABASE_UNAVAILABLE",
    context: { path, remedy: "Check the path given with --store; spine migrate makes a new one." },
  });
}

function invalidUrl(url: string): SpineError {
  const masked = url.replace(/\/\/[^/@]*@/, "//***@");
  return new ConfigError(`"${masked}" is not a store.`, {
    context: { remedy: "Give --store a SQLite file (data/spine.db), postgres://user@host/database, or memory." },
  });
}
