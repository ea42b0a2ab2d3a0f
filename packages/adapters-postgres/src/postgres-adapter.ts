import { ConfigError, err, errAsync, ok, type Result, type SpineError } from "@spine/core";
import type { AdapterOptions, AdapterProvider } from "@spine/sql";
import { openPostgresEngine } from "./postgres.ts";

/**
 * PostgreSQL for `getAdapter`: by URL (`postgres://…`, `postgresql://…`), or by `host`, `port`, `database`, `username` and
 * `password`; beside them the options of `postgres()`.
 */
export const postgresAdapter: AdapterProvider = Object.freeze<AdapterProvider>({
  kind: "postgres",
  aliases: Object.freeze(["postgresql", "pg"]),
  open(options) {
    const url = urlOf(options);
    return url.isErr() ? errAsync(url.error) : openPostgresEngine(url.value, options);
  },
});

function urlOf({ url, host, port, database, username, password }: AdapterOptions): Result<string, SpineError> {
  if (typeof url === "string") return ok(url);
  if (typeof database !== "string") {
    return err(
      new ConfigError(
        "PostgreSQL needs `database`, beside `host`, `username` and `password`, or a URL such as postgres://host/database.",
        {
          code: "CONFIG_INVALID",
        },
      ),
    );
  }
  const text = (value: unknown): string => encodeURIComponent(typeof value === "string" ? value : "");
  const secret = password === undefined ? "" : `:${text(password)}`;
  const user = username === undefined ? "" : `${text(username)}${secret}@`;
  const address = typeof host === "string" ? host : "localhost";
  return ok(`postgres://${user}${address}:${typeof port === "number" ? port : 5432}/${text(database)}`);
}
