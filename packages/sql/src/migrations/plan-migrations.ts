import { ConfigError, DatabaseError, err, ok, type Result, type SpineError, type StoreEnvironment } from "@spine/core";
import type { Selectable } from "kysely";
import type { MigrationsTable } from "../tables.ts";
import type { SqlTraits } from "../traits.ts";
import { foundation } from "./0001-foundation.ts";
import { captures } from "./0002-captures.ts";
import { orchestration } from "./0008-orchestration.ts";
import { buildMigration, type BuiltMigration } from "./build.ts";
import type { Migration } from "./migration.ts";

/** A migration that this code has and the database has not. */
export interface PendingMigration {
  /** `spine`, or the plugin's name. */
  readonly owner: string;
  readonly name: string;
}

/** A migration as text for one engine, with whose it is. */
export interface OwnedMigration extends BuiltMigration {
  readonly owner: string;
}

export type AppliedMigration = Pick<Selectable<MigrationsTable>, "owner" | "name" | "checksum">;

const coreOwner = "spine";

/** spine's own, in order. Applied ones are never changed. */
const own: readonly Migration[] = [foundation, captures, orchestration];

/** spine's own migrations, then those of the plugins, in their order; fails with `PLUGIN_INVALID`. */
export function knownMigrations(
  traits: SqlTraits,
  environment: StoreEnvironment,
): Result<readonly OwnedMigration[], SpineError> {
  const contributed = environment.contributions("migrations");
  const all = [...own.map((value) => ({ owner: coreOwner, value: value as unknown })), ...contributed];
  const names = new Set<string>();
  const built: OwnedMigration[] = [];
  for (const { owner, value } of all) {
    const migration = value as Partial<Migration> | null;
    const { name, up } = migration ?? {};
    if (
      typeof name !== "string" ||
      typeof up !== "function" ||
      (owner === coreOwner && !own.includes(migration as Migration))
    ) {
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
    built.push({ owner, ...buildMigration({ name, up }, traits) });
  }
  return ok(built);
}

/** What is left to do, or why the database and the code do not fit: `MIGRATION_CHANGED`, `DATABASE_NEWER`. */
export function planMigrations(
  known: readonly OwnedMigration[],
  applied: readonly AppliedMigration[],
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
