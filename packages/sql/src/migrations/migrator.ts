import {
  ConfigError,
  DatabaseError,
  err,
  instantOfMs,
  ok,
  type Result,
  type ResultAsync,
  resultAsync,
  type SpineError,
  type StoreEnvironment,
} from "@spine/core";
import type { SqlEngine, SqlSession } from "../engine.ts";
import type { CoreTables } from "../tables.ts";
import { foundation } from "./0001-foundation.ts";
import { buildMigration, type BuiltMigration, createMigrationBuilder } from "./build.ts";
import type { Migration } from "./migration.ts";

/** A migration that this code has and the database has not. */
export interface PendingMigration {
  /** `spine`, or the plugin's name. */
  readonly owner: string;
  readonly name: string;
}

interface OwnedMigration extends BuiltMigration {
  readonly owner: string;
}

/** Long enough for an index over a large table. */
const deadlineMs = 60 * 60_000;
const coreOwner = "spine";

/**
 * Brings a database up to date: spine's own migrations, then the plugins', each in one transaction, one process at a time. Resolves
 * to what it applied. Fails with `MIGRATION_FAILED`, `MIGRATION_CHANGED`, `DATABASE_NEWER`.
 */
export function migrate(
  engine: SqlEngine,
  environment: StoreEnvironment,
): ResultAsync<readonly PendingMigration[], SpineError> {
  return resultAsync(async () => {
    const known = knownMigrations(engine, environment);
    if (known.isErr()) return err(known.error);
    const applied: PendingMigration[] = [];
    for (;;) {
      const pending = await pendingOf(engine, known.value);
      if (pending.isErr()) return err(pending.error);
      if (pending.value.length === 0) return ok(applied);
      const next = await applyNext(engine, known.value, environment);
      if (next.isErr()) return err(next.error);
      if (next.value === undefined) continue;
      environment.logger.info("migration applied", { owner: next.value.owner, migration: next.value.name });
      applied.push(next.value);
    }
  });
}

/** What {@link migrate} would apply, in order. Changes nothing. Fails with `MIGRATION_CHANGED`, `DATABASE_NEWER`. */
export function pendingMigrations(
  engine: SqlEngine,
  environment: StoreEnvironment,
): ResultAsync<readonly PendingMigration[], SpineError> {
  return resultAsync(async () => {
    const known = knownMigrations(engine, environment);
    if (known.isErr()) return err(known.error);
    const pending = await pendingOf(engine, known.value);
    return pending.map((list) => list.map(({ owner, name }) => ({ owner, name })));
  });
}

function knownMigrations(
  engine: SqlEngine,
  environment: StoreEnvironment,
): Result<readonly OwnedMigration[], SpineError> {
  const contributed = environment.contributions("migrations");
  const all = [{ owner: coreOwner, value: foundation as unknown }, ...contributed];
  const names = new Set<string>();
  const built: OwnedMigration[] = [];
  for (const { owner, value } of all) {
    const migration = value as Partial<Migration> | null;
    const { name, up } = migration ?? {};
    if (typeof name !== "string" || typeof up !== "function" || (owner === coreOwner && value !== foundation)) {
      return err(
        new ConfigError(`Plugin "${owner}" contributes a migration that defineMigration did not make.`, {
          code: "PLUGIN_INVALID",
        }),
      );
    }
    if (names.has(`${owner} ${name}`)) {
      return err(
        new ConfigError(`Plugin "${owner}" contributes migration "${name}" twice. Rename one of them.`, {
          code: "PLUGIN_INVALID",
        }),
      );
    }
    names.add(`${owner} ${name}`);
    built.push({ owner, ...buildMigration({ name, up }, engine.traits) });
  }
  return ok(built);
}

type AppliedRow = Pick<CoreTables["core_migrations"], "owner" | "name" | "checksum">;

async function pendingOf(
  executor: Pick<SqlEngine, "execute" | "traits">,
  known: readonly OwnedMigration[],
): Promise<Result<readonly OwnedMigration[], SpineError>> {
  const there = await executor.execute(executor.traits.tableExists, ["core_migrations"]);
  if (there.isErr()) return err(there.error);
  if (there.value.rows.length === 0) return ok(known);
  const applied = await executor.execute<AppliedRow>(
    "select owner, name, checksum from core_migrations order by owner, name",
  );
  return applied.andThen(({ rows }) => compare(known, rows));
}

/** Pure: what is left to do, or why the database and the code do not fit. */
function compare(
  known: readonly OwnedMigration[],
  applied: readonly AppliedRow[],
): Result<readonly OwnedMigration[], SpineError> {
  const owners = new Set(known.map(({ owner }) => owner));
  const byName = new Map(known.map((migration) => [`${migration.owner} ${migration.name}`, migration]));
  for (const { owner, name, checksum } of applied) {
    const migration = byName.get(`${owner} ${name}`);
    if (migration === undefined && owners.has(owner)) return err(newerError(owner, name));
    if (migration !== undefined && migration.checksum !== checksum) return err(changedError(owner, name));
  }
  const done = new Set(applied.map(({ owner, name }) => `${owner} ${name}`));
  return ok(known.filter(({ owner, name }) => !done.has(`${owner} ${name}`)));
}

/** Applies the first pending migration as seen under the lock; undefined when another process was faster. */
async function applyNext(
  engine: SqlEngine,
  known: readonly OwnedMigration[],
  environment: StoreEnvironment,
): Promise<Result<OwnedMigration | undefined, SpineError>> {
  const begun = await engine.begin({ deadlineMs });
  if (begun.isErr()) return err(begun.error);
  const session = begun.value;
  const applied = await applyUnderLock(engine, session, known, environment);
  const ended = applied.isErr() ? await session.rollback() : await session.commit();
  return applied.andThen((migration) => ended.map(() => migration));
}

async function applyUnderLock(
  { traits }: SqlEngine,
  session: SqlSession,
  known: readonly OwnedMigration[],
  { clock }: StoreEnvironment,
): Promise<Result<OwnedMigration | undefined, SpineError>> {
  if (traits.migrationLock !== undefined) {
    const locked = await session.execute(traits.migrationLock);
    if (locked.isErr()) return err(locked.error);
  }
  const created = await session.execute(migrationsTable(traits));
  if (created.isErr()) return err(created.error);
  const pending = await pendingOf({ execute: session.execute, traits }, known);
  if (pending.isErr()) return err(pending.error);
  const [next] = pending.value;
  if (next === undefined) return ok(undefined);
  for (const statement of next.statements) {
    const done = await session.execute(statement);
    if (done.isErr()) return err(failedError(next, done.error));
  }
  const { owner, name, checksum } = next;
  const recorded = await session.insert("core_migrations", [
    { owner, name, checksum, applied_at: instantOfMs(clock.nowMs()) },
  ]);
  return recorded.map(() => next);
}

function migrationsTable(traits: SqlEngine["traits"]): string {
  const { schema, type } = createMigrationBuilder(traits);
  return schema
    .createTable("core_migrations")
    .ifNotExists()
    .addColumn("owner", type.key, (column) => column.notNull())
    .addColumn("name", type.key, (column) => column.notNull())
    .addColumn("checksum", type.key, (column) => column.notNull())
    .addColumn("applied_at", type.instant, (column) => column.notNull())
    .addPrimaryKeyConstraint("core_migrations_key", ["owner", "name"])
    .compile().sql;
}

function newerError(owner: string, name: string): SpineError {
  const what = owner === coreOwner ? "spine" : `plugin "${owner}"`;
  return new DatabaseError(
    `The database has migration "${name}" of ${what}, which this version does not know. Update the package.`,
    {
      code: "DATABASE_NEWER",
      context: { owner, migration: name },
    },
  );
}

function changedError(owner: string, name: string): SpineError {
  return new DatabaseError(
    `Migration "${name}" of ${owner} was applied with other statements than it has now. Restore it, and put the change into a new migration.`,
    { code: "MIGRATION_CHANGED", context: { owner, migration: name } },
  );
}

function failedError({ owner, name }: OwnedMigration, cause: SpineError): SpineError {
  return new DatabaseError(`Migration "${name}" of ${owner} failed and was rolled back: ${cause.message}`, {
    code: "MIGRATION_FAILED",
    cause,
    context: { owner, migration: name },
  });
}
