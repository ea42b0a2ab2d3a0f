import type { Result, ResultAsync, SpineError, SqlExecutor, SqlResult, SqlRow } from "@spine/core";
import type { Kysely } from "kysely";
import type { StoreClock } from "../store-clock.ts";
import type { CoreTables } from "../tables.ts";
import type { SqlTraits } from "../traits.ts";
import type { Script } from "./script.ts";
import type { Query } from "./statement.ts";
import type { StoreStatements } from "./statements.ts";

/** How a port reaches the tables: on the store, or on the handle of a transaction. */
export interface StoreContext {
  readonly traits: SqlTraits;
  readonly clock: StoreClock;
  /** Statements whose text is made once, when the store opens. */
  readonly statements: StoreStatements;
  /** Typed statements. They throw spine's errors, which {@link StoreContext.attempt} turns into an Err. */
  readonly db: Kysely<CoreTables>;
  readonly executor: SqlExecutor;
  /** Runs one call of a port, or says why the handle cannot be used. In a transaction, an Err dooms it. */
  attempt<T>(work: () => Promise<Result<T, SpineError>>): ResultAsync<T, SpineError>;
  /** Several statements as one commit: the transaction that is open, or one of its own. */
  atomic<T>(
    work: (db: Kysely<CoreTables>, executor: SqlExecutor) => Promise<Result<T, SpineError>>,
  ): Promise<Result<T, SpineError>>;
  /** One of {@link StoreContext.statements}. */
  prepared<Row = SqlRow>(query: Query): PromiseLike<Result<SqlResult<Row>, SpineError>>;
  /** Several of them as one commit. */
  script<T>(script: () => Script<T>): Promise<Result<T, SpineError>>;
}
