import {
  DatabaseError,
  err,
  ok,
  type ResultAsync,
  resultAsync,
  type SpineError,
  type Store,
  type StoreEnvironment,
  type StoreProvider,
} from "@spine/core";
import type { SqlEngine } from "./engine.ts";
import { migrate, pendingMigrations } from "./migrations/migrator.ts";
import { createSqlStore } from "./store/sql-store.ts";

export interface SqlStoreOptions {
  /**
   * What to do when the database is older than the code: bring it up to date, or refuse with `MIGRATIONS_PENDING`.
   * @defaultValue "auto"
   */
  readonly migrate?: "auto" | "check";
}

/** A store provider over an engine that is opened with the store and closed with it: what an adapter package exports. */
export function sqlStoreProvider(
  kind: string,
  openEngine: (environment: StoreEnvironment) => ResultAsync<SqlEngine, SpineError>,
  options: SqlStoreOptions = {},
): StoreProvider {
  return Object.freeze({
    kind,
    open: (environment: StoreEnvironment) =>
      resultAsync(async () => {
        const engine = await openEngine(environment);
        if (engine.isErr()) return err(engine.error);
        const store = await openSqlStore(engine.value, environment, options);
        if (store.isErr()) await engine.value.close();
        return store;
      }),
  });
}

/** The store of an open engine, its tables up to date. When that fails, the engine stays open. */
export function openSqlStore(
  engine: SqlEngine,
  environment: StoreEnvironment,
  options: SqlStoreOptions = {},
): ResultAsync<Store, SpineError> {
  const ready = options.migrate === "check" ? checkMigrations(engine, environment) : migrate(engine, environment);
  return ready.map(() => createSqlStore(engine, environment));
}

function checkMigrations(engine: SqlEngine, environment: StoreEnvironment): ResultAsync<unknown, SpineError> {
  return pendingMigrations(engine, environment).andThen((pending) => {
    const [first] = pending;
    if (first === undefined) return ok(undefined);
    const more = pending.length === 1 ? "" : ` and ${pending.length - 1} more`;
    return err(
      new DatabaseError(
        `The database ${engine.location} lacks migration "${first.name}" of ${first.owner}${more}. Run \`spine migrate\`.`,
        { code: "MIGRATIONS_PENDING", context: { pending: pending.map(({ owner, name }) => `${owner} ${name}`) } },
      ),
    );
  });
}
