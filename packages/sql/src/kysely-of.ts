import { ConfigError, DatabaseError, type SqlExecutor, type SqlValue } from "@spine/core";
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  type QueryResult,
} from "kysely";
import type { SqlTraits } from "./traits.ts";

/** How two copies of this package find the traits of an executor. */
const traitsSymbol = Symbol.for("spine.sql.traits/1");

const instances = new WeakMap<SqlExecutor, Kysely<unknown>>();

/**
 * Typed queries by kysely over `store.sql`, an adapter, or the handle of a transaction. Its queries throw spine's errors; inside
 * a transaction such an error dooms it, as any statement's does. Transactions and savepoints are the store's: kysely's own
 * `transaction()` fails with `TX_NESTED`. Throws `SQL_UNAVAILABLE` for a store that has no SQL.
 * @example
 * await commit(async (tx) => {
 *   await kyselyOf<Tables>(tx).deleteFrom("finra_otc_normalized").where("week_ending", "=", week).execute();
 * });
 */
export function kyselyOf<DB>(executor: SqlExecutor): Kysely<DB> {
  const known = instances.get(executor);
  if (known !== undefined) return known as Kysely<DB>;
  const traits = traitsOf(executor);
  if (traits === undefined) {
    throw new ConfigError("This store has no SQL. Use sqlite() or postgres().", { code: "SQL_UNAVAILABLE" });
  }
  const instance = new Kysely<DB>({ dialect: dialectOver(executor, traits) });
  instances.set(executor, instance as Kysely<unknown>);
  return instance;
}

/** An executor that {@link kyselyOf} takes. */
export function withTraits<E extends SqlExecutor>(executor: E, traits: SqlTraits): E {
  // Enumerable, so that a copy by spread is an executor that kyselyOf takes as well.
  return Object.defineProperty(executor, traitsSymbol, { value: traits, enumerable: true });
}

/** The traits of the engine an executor runs on, or undefined when it has no SQL. */
export function traitsOf(executor: SqlExecutor): SqlTraits | undefined {
  return (executor as { readonly [traitsSymbol]?: SqlTraits })[traitsSymbol];
}

/** The traits of the engine that {@link kyselyOf} made this for, or undefined when somebody else did. */
export function traitsOfKysely(db: Pick<Kysely<unknown>, "getExecutor">): SqlTraits | undefined {
  return (db.getExecutor().adapter as { readonly [traitsSymbol]?: SqlTraits })[traitsSymbol];
}

function dialectOver(executor: SqlExecutor, traits: SqlTraits): Dialect {
  const connection = connectionOver(executor);
  return {
    ...traits.dialect,
    createAdapter: () =>
      Object.defineProperties(traits.dialect.createAdapter(), {
        // One handle stands for as many connections as the store has; kysely's own queue for a single one would only add to it.
        supportsMultipleConnections: { value: true },
        [traitsSymbol]: { value: traits },
      }),
    createDriver: () => driverOver(connection),
  };
}

function driverOver(connection: DatabaseConnection): Driver {
  const refuse = async (): Promise<never> => {
    throw new DatabaseError(
      "kysely's own transaction() cannot be used on a handle of the store. Use store.transaction, or tx.savepoint inside one.",
      { code: "TX_NESTED" },
    );
  };
  const nothing = async (): Promise<void> => undefined;
  return {
    init: nothing,
    acquireConnection: async () => connection,
    beginTransaction: refuse,
    commitTransaction: refuse,
    rollbackTransaction: refuse,
    releaseConnection: nothing,
    destroy: nothing,
  };
}

function connectionOver(executor: SqlExecutor): DatabaseConnection {
  return {
    async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
      const result = await executor.execute<Row>(sql, parameters as readonly SqlValue[]);
      if (result.isErr()) throw result.error;
      const { rows, rowsAffected } = result.value;
      return { rows: [...rows], numAffectedRows: BigInt(rowsAffected) };
    },
    // oxlint-disable-next-line require-yield
    async *streamQuery() {
      throw new DatabaseError("Queries of a store's handle do not stream. Read page after page by key.", {
        code: "QUERY_INVALID",
      });
    },
  };
}
