// Typed SQL
export { kyselyOf } from "./kysely-of.ts";
export type { CoreTables } from "./tables.ts";

// Migrations
export { defineMigration, type Migration, type MigrationBuilder } from "./migrations/migration.ts";
export { migrate, pendingMigrations } from "./migrations/migrator.ts";
export type { PendingMigration } from "./migrations/plan-migrations.ts";

// Reading data tables by captures
export { currentView, resolvedCaptures, rowsAsOf } from "./readers/rows-as-of.ts";
export type { AsOfFilter } from "./readers/resolved.ts";
export type { CurrentViewOptions } from "./readers/current-view.ts";
export { type CaptureDiff, type ChangedRow, diffCaptures, type DiffCaptures, type TableDiff } from "./readers/diff-captures.ts";

// For adapters
export type { Batch, BeginOptions, SqlEngine, SqlSession, SyncStatements } from "./engine.ts";
export type { SqlTraits, SqlTypes } from "./traits.ts";
export { databaseError, type DatabaseErrorOptions } from "./errors.ts";
export { canonicalInstant } from "./codecs.ts";
export { checkParameters, type NumberedStatement, numberPlaceholders } from "./placeholders.ts";
export { openSqlStore, type SqlStoreOptions, sqlStoreProvider } from "./open-store.ts";
export { createSqlStore } from "./store/sql-store.ts";

// Databases by name or URL
export { type AdapterOptions, type AdapterProvider, type DatabaseAdapter, getAdapter, type SqlTransaction } from "./adapter.ts";
export { maskUrl } from "./mask-url.ts";
