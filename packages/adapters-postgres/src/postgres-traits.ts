import type { SqlTraits } from "@spine/sql";
import { PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from "kysely";

/** Truncated, because a column of timestamptz(3) rounds, and half of all instants would lie in the future. */
const now = "date_trunc('milliseconds', statement_timestamp())";

/** @param clock whose time statements use; the host's is for tests that move it by hand */
export function postgresTraits(clock: "database" | "host"): SqlTraits {
  return Object.freeze<SqlTraits>({
    dialect: {
      createQueryCompiler: () => new PostgresQueryCompiler(),
      createAdapter: () => new PostgresAdapter(),
      createIntrospector: (db) => new PostgresIntrospector(db),
    },
    types: Object.freeze({
      key: 'text collate "C"',
      text: "text",
      instant: "timestamptz(3)",
      // Not jsonb, which refuses \u0000 and half surrogates and forgets the order of keys.
      json: "json",
      boolean: "boolean",
      integer: "integer",
      bigint: "bigint",
      real: "double precision",
    }),
    ...(clock === "database" ? { now } : {}),
    millisecond: "interval '1 millisecond'",
    defaultNow: now,
    hotForm: "statement",
    instantCast: "timestamptz",
    identityColumns: true,
    jsonTexts: "json_array_elements_text(cast(? as json))",
    // Of one schema, as below; the first number is another one of spine's.
    ledgerLock: {
      shared: "cast(pg_advisory_xact_lock_shared(1936747893, hashtext(current_schema())) as text)",
      exclusive: "cast(pg_advisory_xact_lock(1936747893, hashtext(current_schema())) as text)",
    },
    rowLock: "for no key update",
    sharedRowLock: "for share",
    freeRowLock: "for no key update skip locked",
    rowAddress: "ctid",
    primaryKey: `select a.attname as name from pg_index i
      join lateral unnest(i.indkey) with ordinality as k(number, place) on true
      join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number
      where i.indisprimary and i.indrelid = to_regclass(quote_ident(?)) order by k.place`,
    columns: `select attname as name, case when exists (
        select from pg_operator where oprname = '=' and oprleft = atttypid and oprright = atttypid
      ) then 0 else 1 end as as_text from pg_attribute
      where attrelid = to_regclass(quote_ident(?)) and attnum > 0 and not attisdropped order by attnum`,
    tableExists: "select 1 as found where to_regclass(?) is not null",
    // Of one schema: several stores may share a database. The first number is spine's.
    migrationLock: "select pg_advisory_xact_lock(1936747892, hashtext(current_schema()))",
    snapshot: "pg_current_snapshot()::text",
  });
}
