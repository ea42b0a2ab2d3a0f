import { ConfigError, err, errAsync, ok, type Result, type SpineError } from "@spine/core";
import type { AdapterOptions, AdapterProvider } from "@spine/sql";
import { openSqliteEngine } from "./sqlite.ts";

/**
 * SQLite for `getAdapter`. Options are `path` and those of `sqlite()`; URLs are `sqlite:spine.db` (from the working
 * directory), `sqlite:///data/spine.db` and `sqlite::memory:`.
 */
export const sqliteAdapter: AdapterProvider = Object.freeze<AdapterProvider>({
  kind: "sqlite",
  aliases: Object.freeze(["sqlite3", "file"]),
  open(options) {
    const path = pathOf(options);
    return path.isErr() ? errAsync(path.error) : openSqliteEngine(path.value, options);
  },
});

function pathOf({ url, path }: AdapterOptions): Result<string, SpineError> {
  if (typeof url === "string") return ok(decodeURIComponent(url.replace(/^[^:]*:(?:\/\/(?=\/))?/, "")));
  if (typeof path === "string") return ok(path);
  return err(
    new ConfigError("SQLite needs `path`, the file of the database or :memory:, or a URL such as sqlite:spine.db.", {
      code: "CONFIG_INVALID",
    }),
  );
}
