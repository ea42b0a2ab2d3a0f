import type { Result, ResultAsync, SpineError, SqlExecutor } from "@spine/core";
import type { Kysely } from "kysely";
import type { StoreClock } from "../store-clock.ts";
import type { CoreTables } from "../tables.ts";
import type { SqlTraits } from "../traits.ts";

/** How a port reaches the tables: on the store, or on the handle of a transaction. */
export interface StoreContext {
  readonly traits: SqlTraits;
  readonly clock: StoreClock;
  /** Typed statements. They throw spine's errors, which {@link StoreContext.attempt} turns into an Err. */
  readonly db: Kysely<CoreTables>;
  readonly executor: SqlExecutor;
  /** Runs one call of a port, or says why the handle cannot be used. In a transaction, an Err dooms it. */
  attempt<T>(work: () => Promise<Result<T, SpineError>>): ResultAsync<T, SpineError>;
  /** Several statements as one commit: the transaction that is open, or one of its own. */
  atomic<T>(work: (db: Kysely<CoreTables>) => Promise<Result<T, SpineError>>): Promise<Result<T, SpineError>>;
}
