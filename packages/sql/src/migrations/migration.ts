import { ConfigError } from "@spine/core";
import type { Compilable, CreateViewBuilder, RawBuilder, SchemaModule, sql } from "kysely";
import type { CurrentViewOptions } from "../readers/current-view.ts";
import type { SqlTraits, SqlTypes } from "../traits.ts";

/** What a migration builds its statements with; the same text makes the right types on every engine. */
export interface MigrationBuilder {
  readonly traits: SqlTraits;
  /** kysely's schema builder. */
  readonly schema: SchemaModule;
  readonly sql: typeof sql;
  /** Names of column types: `.addColumn("loaded_at", type.instant, …)`. */
  readonly type: { readonly [Name in keyof SqlTypes]: RawBuilder<unknown> };
  /** `schema.createTable(name)` with a column that counts its rows up from 1 as primary key. */
  readonly sequencedTable: (name: string, column: string) => ReturnType<SchemaModule["createTable"]>;
  /** The database's clock as a column's default, or undefined where there is none and the host's is bound. */
  readonly now: RawBuilder<unknown> | undefined;
  /** Behind `create table (…)` of a table that is only ever read by its primary key: `.modifyEnd(keyed)`. */
  readonly keyed: RawBuilder<unknown>;
  /**
   * A view `<table>_current` of a data table, for tools that know only SQL: of each domain, partition, stage and tier the rows of the
   * capture readers see now. For a reader of your own take `currentView`, which is told the stage and so has less to look through.
   */
  readonly currentView: (table: string, options?: CurrentViewOptions) => CreateViewBuilder;
}

/**
 * One change of a database's schema: a name and the statements, computed from nothing but the engine's traits. Applied once, in one
 * transaction, in the order of the list; the statements' text is hashed, so an applied migration can never change.
 */
export interface Migration {
  /** Unique among its owner's and sorting in order: `0001-foundation`. */
  readonly name: string;
  readonly up: (build: MigrationBuilder) => readonly Compilable[];
}

declare module "@spine/core" {
  interface Contributions {
    /** Changes to the store's schema, in order; they run after spine's own. */
    readonly migrations?: readonly Migration[];
  }
}

const nameForm = /^\d{4}-[a-z0-9]+(?:-[a-z0-9]+)*$/;

/**
 * Declares a migration for a plugin's own tables. Throws on a name of another form than `0001-what-it-does`.
 * @example
 * defineMigration({
 *   name: "0001-prices",
 *   up: ({ schema, type }) => [
 *     schema.createTable("prices").addColumn("capture_id", type.key, (column) => column.notNull()).addColumn("close", type.real),
 *   ],
 * });
 */
export function defineMigration(migration: Migration): Migration {
  if (!nameForm.test(migration.name)) {
    throw new ConfigError(
      `Migration "${migration.name}" has a name that does not sort. Use four digits and words, such as 0001-prices.`,
      { code: "CONFIG_INVALID" },
    );
  }
  return Object.freeze({ ...migration });
}
