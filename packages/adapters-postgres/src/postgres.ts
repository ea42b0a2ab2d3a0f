import {
  ConfigError,
  err,
  ok,
  okAsync,
  type Result,
  type ResultAsync,
  resultAsync,
  type SpineError,
  type StoreProvider,
} from "@spine/core";
import { type SqlEngine, type SqlStoreOptions, sqlStoreProvider } from "@spine/sql";
import type { ClientConfig } from "pg";
import { createPostgresEngine } from "./postgres-engine.ts";
import { postgresTraits } from "./postgres-traits.ts";
import { typeParsers } from "./type-parsers.ts";

export interface PostgresOptions extends SqlStoreOptions {
  /** Connections at most, beside the one for checkpoints and heartbeats. @defaultValue 10 */
  readonly maxConnections?: number;
  /** How long to wait for a connection. @defaultValue 10,000 */
  readonly connectTimeoutMs?: number;
  /** The schema of the tables, made when it is not there. @defaultValue the first of the server's `search_path` */
  readonly schema?: string;
  /** Whose clock says what time it is: the server's, which all processes share, or this process's, for tests. @defaultValue "database" */
  readonly clock?: "database" | "host";
}

/** The first with `pg_current_snapshot()`. */
const oldestVersion = 13;

/**
 * A store in a PostgreSQL database, 13 or later, that any number of processes may share. `url` is
 * `postgres://user:password@host:5432/database`; the password never shows in texts.
 * Fails to open with `DATABASE_UNAVAILABLE`, `AUTHENTICATION_FAILED`, `CONFIG_INVALID`, or what migrating fails with.
 * @example
 * const spine = await orThrow(createSpine({ store: postgres(process.env.DATABASE_URL), plugins: [finraOtc] }));
 */
export function postgres(url: string, options: PostgresOptions = {}): StoreProvider {
  return sqlStoreProvider("postgres", () => openPostgresEngine(url, options), options);
}

export function openPostgresEngine(url: string, options: PostgresOptions): ResultAsync<SqlEngine, SpineError> {
  return resultAsync(async () => {
    const parsed = parseUrl(url);
    if (parsed.isErr()) return err(parsed.error);
    const { maxConnections = 10, schema, clock = "database", migrate = "auto" } = options;
    const engine = createPostgresEngine({
      config: configOf(parsed.value, options, {}),
      // A checkpoint may wait for a lock longer than any transaction of spine holds one, shorter than a lease.
      hotConfig: configOf(parsed.value, options, { lock_timeout: "5s", statement_timeout: "30s" }),
      location: locationOf(parsed.value, schema),
      traits: postgresTraits(clock),
      maxConnections,
    });
    const ready = await checkVersion(engine).andThen(() =>
      schema === undefined || migrate === "check" ? okAsync(undefined) : createSchema(engine, schema),
    );
    if (ready.isOk()) return ok(engine);
    await engine.close();
    return err(ready.error);
  });
}

function parseUrl(url: string): Result<URL, SpineError> {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === "postgres:" || parsed?.protocol === "postgresql:") return ok(parsed);
  return err(
    new ConfigError(
      "The address of the database is not a PostgreSQL URL. Pass postgres://user:password@host:5432/database.",
      {
        code: "CONFIG_INVALID",
      },
    ),
  );
}

/** The address for people: without password and parameters. */
function locationOf({ username, host, pathname }: URL, schema: string | undefined): string {
  const user = username === "" ? "" : `${decodeURIComponent(username)}@`;
  return `postgres://${user}${host}${pathname}${schema === undefined ? "" : `#${schema}`}`;
}

function configOf(url: URL, options: PostgresOptions, settings: Readonly<Record<string, string>>): ClientConfig {
  const address = new URL(url);
  const all = {
    timezone: "UTC",
    ...settings,
    ...(options.schema === undefined ? {} : { search_path: `"${options.schema.replaceAll('"', '""')}"` }),
  };
  const own = Object.entries(all).map(([name, value]) => `-c ${name}=${escapeOption(value)}`);
  // What the address says comes first, so that what spine relies on wins.
  const given = address.searchParams.get("options");
  address.searchParams.set("options", [...(given === null ? [] : [given]), ...own].join(" "));
  return {
    connectionString: address.href,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 10_000,
    application_name: "spine",
    keepAlive: true,
    types: typeParsers,
  };
}

/** The server splits its options at white space (PostgreSQL documentation, libpq, `options`). */
function escapeOption(value: string): string {
  return value.replaceAll(/[\\\s]/g, (character) => `\\${character}`);
}

function checkVersion(engine: SqlEngine): ResultAsync<unknown, SpineError> {
  const version = "select cast(current_setting('server_version_num') as integer) as version";
  return engine.execute<{ version: number }>(version).andThen(({ rows }) => {
    const major = Math.floor((rows[0]?.version ?? 0) / 10_000);
    if (major >= oldestVersion) return ok(undefined);
    return err(
      new ConfigError(
        `spine needs PostgreSQL ${oldestVersion} or later; ${engine.location} is ${major}. Upgrade the server.`,
        {
          code: "CONFIG_INVALID",
        },
      ),
    );
  });
}

/** Two processes that make one schema at the same time meet in the catalogue; for the second one it is there. */
function createSchema(engine: SqlEngine, schema: string): ResultAsync<unknown, SpineError> {
  const create = (): ResultAsync<unknown, SpineError> =>
    engine.execute(`create schema if not exists "${schema.replaceAll('"', '""')}"`);
  return create().orElse((error) => (error.code === "INTEGRITY_VIOLATED" ? create() : err(error)));
}
