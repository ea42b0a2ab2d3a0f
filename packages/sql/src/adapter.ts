import {
  ConfigError,
  didYouMean,
  errAsync,
  type ResultAsync,
  type SpineError,
  type SqlExecutor,
  type SqlRow,
  type SqlValue,
  type StoreProvider,
  systemClock,
} from "@spine/core";
import type { SqlEngine, SqlSession } from "./engine.ts";
import { withTraits } from "./kysely-of.ts";
import { maskUrl } from "./mask-url.ts";
import { openSqlStore, type SqlStoreOptions } from "./open-store.ts";
import { scopedExecutor } from "./store/store-transaction.ts";
import type { SqlTraits } from "./traits.ts";
import { createEngineAccess } from "./transaction/engine-access.ts";
import { runSavepoint } from "./transaction/run-transaction.ts";
import type { Scope } from "./transaction/scope.ts";

export type AdapterOptions = Readonly<Record<string, unknown>>;

/** What an adapter package gives to {@link getAdapter}: `sqliteAdapter`, `postgresAdapter`. */
export interface AdapterProvider {
  readonly kind: string;
  /** Other names it goes by, as a kind or as the scheme of a URL. */
  readonly aliases: readonly string[];
  /** Options are the package's own; a URL comes as `url`. Fails with `CONFIG_INVALID` for those it cannot use. */
  readonly open: (options: AdapterOptions) => ResultAsync<SqlEngine, SpineError>;
}

/** The handle of an adapter's transaction; see core's `Transaction` for what dooms it. */
export interface SqlTransaction extends SqlExecutor {
  savepoint<T>(work: (tx: SqlTransaction) => PromiseLike<T> | T): ResultAsync<T, SpineError>;
}

/** A database by itself, the same on every engine: for code that wants SQL and no store (seed 002 §6). */
export interface DatabaseAdapter extends SqlExecutor {
  readonly kind: string;
  /** Where the data lies, for people; a password never shows. */
  readonly location: string;
  /** The rows of a statement. */
  query<Row = SqlRow>(sql: string, params?: readonly SqlValue[]): ResultAsync<readonly Row[], SpineError>;
  /** Commits when `work` resolves; keeps nothing when it fails, is doomed, or takes longer than `deadlineMs` (default 30,000). */
  transaction<T>(
    work: (tx: SqlTransaction) => PromiseLike<T> | T,
    options?: { readonly deadlineMs?: number },
  ): ResultAsync<T, SpineError>;
  /** spine's store over the same connections, its tables made when it opens. Closing either closes both. */
  store(options?: SqlStoreOptions): StoreProvider;
  close(): ResultAsync<void, SpineError>;
}

/** Where the adapters are that spine knows of. */
const packages: Readonly<Record<string, string>> = {
  sqlite: "@spine/adapters-sqlite",
  postgres: "@spine/adapters-postgres",
  postgresql: "@spine/adapters-postgres",
};

/**
 * Opens a database by the name of its kind, or by a URL: `sqlite:spine.db`, `sqlite:///data/spine.db`, `postgres://…`. Which kinds
 * there are is for the caller to say; an unknown one fails with `ADAPTER_UNKNOWN` and the npm command to run.
 * @example
 * const adapter = await orThrow(getAdapter("sqlite", { path: "local.db" }, { adapters: [sqliteAdapter] }));
 * const rows = await orThrow(adapter.query("select * from captures where domain = ?", ["finra.otc"]));
 */
export function getAdapter(
  kindOrUrl: string,
  options: AdapterOptions,
  { adapters }: { readonly adapters: readonly AdapterProvider[] },
): ResultAsync<DatabaseAdapter, SpineError> {
  const colon = kindOrUrl.indexOf(":");
  const name = (colon === -1 ? kindOrUrl : kindOrUrl.slice(0, colon)).toLowerCase();
  const provider = adapters.find(({ kind, aliases }) => kind === name || aliases.includes(name));
  if (provider === undefined) return errAsync(unknownError(kindOrUrl, name, adapters));
  return provider.open(colon === -1 ? options : { ...options, url: kindOrUrl }).map(adapterOver);
}

function adapterOver(engine: SqlEngine): DatabaseAdapter {
  const { executor, transaction, close } = createEngineAccess(engine, systemClock);
  const { execute, insert } = executor;
  return Object.freeze<DatabaseAdapter>(
    withTraits(
      {
        kind: engine.kind,
        location: engine.location,
        execute,
        insert,
        query: <Row>(sql: string, params?: readonly SqlValue[]) => execute<Row>(sql, params).map(({ rows }) => rows),
        transaction: (work, { deadlineMs = 30_000 } = {}) =>
          transaction(
            { deadlineMs, createHandle: (session, scope) => createTransaction(session, scope, engine.traits) },
            work,
          ),
        store: (options) =>
          Object.freeze<StoreProvider>({
            kind: engine.kind,
            open: (environment) => openSqlStore(engine, environment, options),
          }),
        close,
      },
      engine.traits,
    ),
  );
}

function createTransaction(session: SqlSession, scope: Scope, traits: SqlTraits): SqlTransaction {
  return Object.freeze<SqlTransaction>(
    withTraits(
      {
        ...scopedExecutor(session, scope),
        savepoint: (work) => runSavepoint(session, scope, (inner) => work(createTransaction(session, inner, traits))),
      },
      traits,
    ),
  );
}

function unknownError(kindOrUrl: string, name: string, adapters: readonly AdapterProvider[]): SpineError {
  const asked = maskUrl(kindOrUrl);
  const code = "ADAPTER_UNKNOWN";
  const known = packages[name];
  if (known !== undefined) {
    const remedy = `npm install ${known}`;
    return new ConfigError(
      `No adapter was given for "${asked}". Run \`${remedy}\` and pass ${name === "sqlite" ? "sqliteAdapter" : "postgresAdapter"} in \`adapters\`.`,
      { code, context: { remedy } },
    );
  }
  const names = new Set([...adapters.flatMap(({ kind, aliases }) => [kind, ...aliases]), ...Object.keys(packages)]);
  const remedy = `npm install ${[...new Set(Object.values(packages))].join(" ")}`;
  return new ConfigError(
    `There is no adapter for "${asked}".${didYouMean(name, names)} Run \`${remedy}\` for those of spine.`,
    { code, context: { remedy } },
  );
}
