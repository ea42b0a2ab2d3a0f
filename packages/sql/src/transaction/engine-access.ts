import { AsyncLocalStorage } from "node:async_hooks";
import {
  type Clock,
  err,
  errAsync,
  nestedError,
  type Result,
  ResultAsync,
  resultAsync,
  SpineError,
  type SqlExecutor,
} from "@spine/core";
import type { SqlEngine } from "../engine.ts";
import { withTraits } from "../kysely-of.ts";
import { type InsideTransaction, runTransaction, type TransactionRun } from "./run-transaction.ts";
import { refuseTransactionControl } from "./transaction-control.ts";

/** How everything outside a transaction reaches an engine: refused once it is closed, and from inside a transaction of its own. */
export interface EngineAccess {
  /** Runs `work`, or says why not. */
  attempt<T>(work: () => Promise<Result<T, SpineError>>): ResultAsync<T, SpineError>;
  /** Statements, each its own commit. */
  readonly executor: SqlExecutor;
  transaction<T, Handle>(
    run: TransactionRun<Handle>,
    work: (handle: Handle) => PromiseLike<T> | T,
  ): ResultAsync<T, SpineError>;
  /** Ends open transactions, then the engine. */
  close(): ResultAsync<void, SpineError>;
}

/** What a store and an adapter over one engine must agree on. */
interface Shared {
  readonly inside: InsideTransaction;
  readonly open: Set<(reason: SpineError) => void>;
  closing: ResultAsync<void, SpineError> | undefined;
}

const sharedByEngine = new WeakMap<SqlEngine, Shared>();

export function createEngineAccess(engine: SqlEngine, clock: Clock): EngineAccess {
  const shared = sharedByEngine.get(engine) ?? { inside: new AsyncLocalStorage(), open: new Set(), closing: undefined };
  sharedByEngine.set(engine, shared);

  /** Why the engine cannot be used here and now, if so. */
  function refusal(): SpineError | undefined {
    if (shared.closing !== undefined) return closedError(engine, "was closed. Open it again.");
    return shared.inside.getStore()?.open === true ? nestedError() : undefined;
  }

  const attempt: EngineAccess["attempt"] = (work) => {
    const refused = refusal();
    return refused === undefined ? resultAsync(work) : errAsync(refused);
  };

  const executor: SqlExecutor = {
    execute: (sql, params) =>
      attempt(async () => {
        const refused = refuseTransactionControl(sql);
        return refused.isErr() ? err(refused.error) : engine.execute(sql, params);
      }),
    insert: (table, rows) => attempt(async () => engine.insert(table, rows)),
  };

  return {
    attempt,
    executor: Object.freeze(withTraits(executor, engine.traits)),
    transaction(run, work) {
      const refused = refusal();
      if (refused !== undefined) return errAsync(refused);
      const { inside, open } = shared;
      const onOpen = (cancel: (reason: SpineError) => void) => {
        open.add(cancel);
        return () => void open.delete(cancel);
      };
      return new ResultAsync(runTransaction({ engine, clock, inside, onOpen }, run, work));
    },
    close() {
      if (shared.closing !== undefined) return shared.closing;
      for (const cancel of shared.open) cancel(closedError(engine, "was closed during a transaction."));
      shared.closing = engine.close();
      return shared.closing;
    },
  };
}

function closedError({ location }: SqlEngine, what: string): SpineError {
  return new SpineError("HOST_CLOSED", `The store ${location} ${what}`);
}
