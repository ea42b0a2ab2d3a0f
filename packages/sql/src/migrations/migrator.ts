import {
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
import { createMigrationBuilder } from "./build.ts";
import {
  type AppliedMigration,
  knownMigrations,
  type OwnedMigration,
  type PendingMigration,
  planMigrations,
} from "./plan-migrations.ts";

/** Long enough for an index over a large table. */
const deadlineMs = 60 * 60_000;
/**
 * Brings a database up to date: spine's own migrations, then the plugins', each in one transaction, one process at a time. Resolves
 * to what it applied. Fails with `MIGRATION_FAILED`, `MIGRATION_CHANGED`, `DATABASE_NEWER`.
 */
export function migrate(
  engine: SqlEngine,
  environment: StoreEnvironment,
): ResultAsync<readonly PendingMigration[], SpineError> {
  return resultAsync(async () => {
    const known = knownMigrations(engine.traits, environment);
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
    const known = knownMigrations(engine.traits, environment);
    if (known.isErr()) return err(known.error);
    const pending = await pendingOf(engine, known.value);
    return pending.map((list) => list.map(({ owner, name }) => ({ owner, name })));
  });
}

async function pendingOf(
  executor: Pick<SqlEngine, "execute" | "traits">,
  known: readonly OwnedMigration[],
): Promise<Result<readonly OwnedMigration[], SpineError>> {
  const there = await executor.execute(executor.traits.tableExists, ["core_migrations"]);
  if (there.isErr()) return err(there.error);
  if (there.value.rows.length === 0) return ok(known);
  const applied = await executor.execute<AppliedMigration>(
    "select owner, name, checksum from core_migrations order by owner, name",
  );
  return applied.andThen(({ rows }) => planMigrations(known, rows));
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

function failedError({ owner, name }: OwnedMigration, cause: SpineError): SpineError {
  return new DatabaseError(`Migration "${name}" of ${owner} failed and was rolled back: ${cause.message}`, {
    code: "MIGRATION_FAILED",
    cause,
    context: { owner, migration: name },
  });
}
