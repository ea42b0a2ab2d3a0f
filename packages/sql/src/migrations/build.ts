import { bytesHash, type SqlExecutor } from "@spine/core";
import { sql } from "kysely";
import { kyselyOf, withTraits } from "../kysely-of.ts";
import { currentRows } from "../readers/current-view.ts";
import type { SqlTraits, SqlTypes } from "../traits.ts";
import type { Migration, MigrationBuilder } from "./migration.ts";

/** A migration as text for one engine. */
export interface BuiltMigration {
  readonly name: string;
  readonly statements: readonly string[];
  /** Hash of the name and the statements. */
  readonly checksum: string;
}

export function buildMigration(migration: Migration, traits: SqlTraits): BuiltMigration {
  const statements = migration.up(createMigrationBuilder(traits)).map((statement) => statement.compile().sql);
  return { name: migration.name, statements, checksum: bytesHash([migration.name, ...statements].join(";\n")) };
}

export function createMigrationBuilder(traits: SqlTraits): MigrationBuilder {
  const { schema } = kyselyOf<unknown>(withTraits({ ...unused }, traits));
  const names = Object.entries(traits.types) as [keyof SqlTypes, string][];
  const type = Object.fromEntries(names.map(([name, text]) => [name, sql.raw(text)])) as MigrationBuilder["type"];
  return {
    traits,
    schema,
    sql,
    type,
    sequencedTable: (name, column) =>
      traits.identityColumns === true
        ? schema
            .createTable(name)
            .addColumn(column, "bigint", (build) => build.generatedAlwaysAsIdentity().primaryKey())
        : schema.createTable(name).addColumn(column, "integer", (build) => build.primaryKey()),
    now: traits.defaultNow === undefined ? undefined : sql.raw(traits.defaultNow),
    keyed: sql.raw(traits.keyedTable ?? ""),
    currentView: (table, options = {}) =>
      schema.createView(options.name ?? `${table}_current`).as(currentRows(table, options)),
  };
}

/** The builder only compiles. */
const unused: SqlExecutor = {
  execute() {
    throw new Error("A migration returns its statements; it does not run them.");
  },
  insert() {
    throw new Error("A migration returns its statements; it does not run them.");
  },
};
