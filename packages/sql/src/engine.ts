import type { ResultAsync, SpineError, SqlExecutor, SqlResult, SqlRow, SqlValue } from "@spine/core";
import type { SqlTraits } from "./traits.ts";

/**
 * A database engine, as thin as it can be: it runs statements and knows nothing of captures or runs. Parameters are `?`, in
 * order. Failures are `DatabaseError`s made by {@link databaseError}; nothing throws.
 */
export interface SqlEngine extends SqlExecutor {
  /** `sqlite`, `postgres`. */
  readonly kind: string;
  /** Where the data lies, for people; a password never shows. */
  readonly location: string;
  readonly traits: SqlTraits;
  /** Like `execute`, prepared once, on a connection that no transaction and no load holds: checkpoints and heartbeats. */
  executeHot<Row = SqlRow>(sql: string, params: readonly SqlValue[]): ResultAsync<SqlResult<Row>, SpineError>;
  /** Like `execute`, kept prepared on whatever connection it runs on; it may wait for locks as `execute` may. */
  executePrepared<Row = SqlRow>(sql: string, params: readonly SqlValue[]): ResultAsync<SqlResult<Row>, SpineError>;
  /** Begins a transaction that takes its write lock at once where the engine has one for all writers. */
  begin(options: BeginOptions): ResultAsync<SqlSession, SpineError>;
  /** Runs synchronous statements as one commit. There where `traits.hotForm` is `script`. */
  readonly batch?: Batch;
  close(): ResultAsync<void, SpineError>;
}

export interface BeginOptions {
  /** How long the transaction may last at most; an engine that can enforce it itself does. */
  readonly deadlineMs: number;
}

/** A connection inside a transaction. Statements run one after another, in the order in which they were asked for. */
export interface SqlSession extends SqlExecutor {
  /** Like `execute`, prepared once on each connection. */
  executeHot: SqlEngine["executeHot"];
  /** The synchronous statements join this transaction. */
  readonly batch?: Batch;
  commit(): ResultAsync<void, SpineError>;
  /** Gives up what was written and frees the connection, also when a statement is still under way. */
  rollback(): ResultAsync<void, SpineError>;
}

export type Batch = <T>(work: (statements: SyncStatements) => T) => ResultAsync<T, SpineError>;

/**
 * Statements that are prepared once by their text and run without an await. Parameters are what the driver takes as it is: booleans
 * are 0 and 1. They throw what the driver throws.
 */
export interface SyncStatements {
  /** The number of rows changed. */
  run(sql: string, params: readonly SqlValue[]): number;
  /** The first row as an array of its columns, or undefined. */
  first(sql: string, params: readonly SqlValue[]): readonly unknown[] | undefined;
  /** Any statement, its rows as objects; integers as numbers, which hold no more than 53 bits. */
  execute<Row = SqlRow>(sql: string, params: readonly SqlValue[]): SqlResult<Row>;
}
