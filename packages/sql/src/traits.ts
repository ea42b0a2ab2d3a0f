import type { Dialect } from "kysely";

/** Names of column types. */
export interface SqlTypes {
  /** Ids and names: compared byte by byte, whatever the database's collation. */
  readonly key: string;
  readonly text: string;
  /** A point in time with milliseconds; comes back as {@link Instant} text. */
  readonly instant: string;
  /** JSON that comes back exactly as it went in; as text, for {@link decodeJson}. */
  readonly json: string;
  /** Comes back as true and false, or 1 and 0. */
  readonly boolean: string;
  /** 32 bits. */
  readonly integer: string;
  /** 64 bits; comes back as a number when that is exact, else as a bigint. */
  readonly bigint: string;
  /** A 64-bit float. */
  readonly real: string;
}

/** What differs between engines, by name. Code asks a trait and never which engine it runs on. */
export interface SqlTraits {
  /** kysely's classes for the engine's SQL. */
  readonly dialect: Pick<Dialect, "createQueryCompiler" | "createAdapter" | "createIntrospector">;
  readonly types: SqlTypes;
  /**
   * The present by the database's clock, as SQL: truncated to milliseconds and the same all over a statement.
   * @defaultValue the host's clock, bound as a value
   */
  readonly now?: string;
  /** An interval of one millisecond, as SQL, to add to {@link SqlTraits.now}. */
  readonly millisecond?: string;
  /** The database's clock as a column's default, whichever clock the store uses. @defaultValue none: it is bound */
  readonly defaultNow?: string;
  /** How many statements make up a durable transition: several in one synchronous go, or one that does it all. */
  readonly hotForm: "script" | "statement";
  /**
   * How the events of one run are found: by an index, or within the span of the log in which the run was written, which is a page less
   * to write at each step. @defaultValue "index"
   */
  readonly runEvents?: "index" | "span";
  /** The SQL type a bound instant is cast to where its type cannot be told from its place. @defaultValue no cast */
  readonly instantCast?: string;
  /**
   * How a statement that is prepared once and run often writes a bound value, where the engine would plan it anew for each value.
   * @defaultValue "?"
   */
  readonly boundValue?: string;
  /** What follows `create table (…)` of a table that is only ever read by its primary key. @defaultValue nothing */
  readonly keyedTable?: string;
  /** Whether a growing number is an identity column, rather than an integer primary key that grows by itself. @defaultValue false */
  readonly identityColumns?: boolean;
  /** The texts of a JSON array that is the one parameter, as a source of rows with the column `value`. */
  readonly jsonTexts: string;
  /**
   * Expressions that take a lock until the transaction ends: completions of captures share it, a restatement has it alone, so that nothing
   * is computed from what is being restated. @defaultValue none: transactions that write follow one another
   */
  readonly ledgerLock?: { readonly shared: string; readonly exclusive: string };
  /** What follows a `select` whose row nobody else may change until the transaction ends. @defaultValue nothing */
  readonly rowLock?: string;
  /** As {@link SqlTraits.rowLock}, for rows that several transactions may keep as they are. @defaultValue nothing */
  readonly sharedRowLock?: string;
  /** As {@link SqlTraits.rowLock}, leaving out the rows that another transaction has locked. @defaultValue nothing */
  readonly freeRowLock?: string;
  /** What addresses a row of a table without a primary key. */
  readonly rowAddress: string;
  /** A query for the columns of a table's primary key as `name`, in order; the table's name is its one parameter. */
  readonly primaryKey: string;
  /**
   * A query for the columns of a table as `name`, in order, with `as_text` 1 where values can only be compared as text; the table's name is
   * its one parameter.
   */
  readonly columns: string;
  /** A query that has a row when the table named by its one parameter is there. */
  readonly tableExists: string;
  /** A statement that lets one migrator in at a time, until its transaction ends. @defaultValue beginning is enough */
  readonly migrationLock?: string;
  /**
   * The transactions in flight, as `oldest:next:…` (PostgreSQL's `pg_snapshot`), when numbers of the event log can become visible out
   * of order. @defaultValue undefined: they cannot
   */
  readonly snapshot?: string;
}
