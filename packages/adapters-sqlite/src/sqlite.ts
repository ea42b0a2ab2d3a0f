import type { SpineError, ResultAsync, StoreProvider } from "@spine/core";
import { type SqlEngine, type SqlStoreOptions, sqlStoreProvider } from "@spine/sql";
import { openDatabase } from "./open-database.ts";
import { createSqliteEngine } from "./sqlite-engine.ts";

export interface SqliteOptions extends SqlStoreOptions {
  /**
   * What a commit survives: `normal` a killed process, and a power cut without damage but perhaps without the last commits; `full` a
   * power cut too, at a tenth of the speed.
   * @defaultValue "normal"
   */
  readonly durability?: "normal" | "full";
  /** How long a write waits for other writers, of this process or another one. @defaultValue 10,000 */
  readonly busyTimeoutMs?: number;
}

/**
 * A store in one SQLite file, which is made when it is not there (not on a network file system); `:memory:` keeps it in this process.
 * Several processes may open a file: one of them writes at a time, the others wait.
 * Fails to open with `DATABASE_UNAVAILABLE`, `DATABASE_READ_ONLY`, `DATABASE_CORRUPT`, `DATABASE_BUSY`, or what migrating fails with.
 * @example
 * const spine = await orThrow(createSpine({ store: sqlite("spine.db"), plugins: [finraOtc] }));
 */
export function sqlite(path: string, options: SqliteOptions = {}): StoreProvider {
  return sqlStoreProvider("sqlite", () => openSqliteEngine(path, options), options);
}

export function openSqliteEngine(path: string, options: SqliteOptions): ResultAsync<SqlEngine, SpineError> {
  return openDatabase(path, options).map((database) => createSqliteEngine(database, options.busyTimeoutMs ?? 10_000));
}
