import { AsyncLocalStorage } from "node:async_hooks";
import {
  DatabaseError,
  err,
  errAsync,
  nowOf,
  ResultAsync,
  resultAsync,
  SpineError,
  type SqlExecutor,
  type Store,
  type StoreEnvironment,
} from "@spine/core";
import type { SqlEngine } from "../engine.ts";
import { kyselyOf, withTraits } from "../kysely-of.ts";
import { createStoreClock } from "../store-clock.ts";
import type { CoreTables } from "../tables.ts";
import { type InsideTransaction, runTransaction } from "../transaction/run-transaction.ts";
import { refuseTransactionControl } from "../transaction/transaction-control.ts";
import { createAnomalyStore } from "./anomalies.ts";
import { createCaptureStore } from "./captures.ts";
import type { StoreContext } from "./context.ts";
import { createRunHistory } from "./history.ts";
import { createHotWrites } from "./hot.ts";
import { createOwnerStore } from "./owners.ts";
import { createReferenceStore } from "./references.ts";
import { createRunStore } from "./runs.ts";
import { createStoreTransaction } from "./store-transaction.ts";

/** What a call of a port that needs several statements may take; nothing of the caller's runs inside. */
const ownDeadlineMs = 30_000;

/** Every port of core over one engine whose tables are there: see {@link openSqlStore}. Closing the store closes the engine. */
export function createSqlStore(engine: SqlEngine, environment: StoreEnvironment): Store {
  const { traits } = engine;
  const inside: InsideTransaction = new AsyncLocalStorage();
  const open = new Set<(reason: SpineError) => void>();
  let closing: ResultAsync<void, SpineError> | undefined;

  /** Why the store cannot be used here and now, if so. */
  function refusal(): SpineError | undefined {
    if (closing !== undefined) return closedError(engine, "was closed. Open it again.");
    return inside.getStore()?.open === true ? nestedError() : undefined;
  }

  const attempt: StoreContext["attempt"] = (work) => {
    const refused = refusal();
    return refused === undefined ? resultAsync(work) : errAsync(refused);
  };

  const raw = withTraits({ execute: engine.execute, insert: engine.insert }, traits);
  const clock = createStoreClock(traits, environment.clock);
  const context: StoreContext = { traits, clock, db: kyselyOf<CoreTables>(raw), executor: raw, attempt, atomic };
  const hot = createHotWrites({ engine, traits, clock, db: context.db, now: () => nowOf(environment.clock) });

  async function atomic<T>(work: Parameters<typeof context.atomic<T>>[0]): ReturnType<typeof context.atomic<T>> {
    const begun = await engine.begin({ deadlineMs: ownDeadlineMs });
    if (begun.isErr()) return err(begun.error);
    const session = begun.value;
    const executor = withTraits({ execute: session.execute, insert: session.insert }, traits);
    const outcome = await resultAsync(() => work(kyselyOf<CoreTables>(executor)));
    const ended = await (outcome.isOk() ? session.commit() : session.rollback());
    return outcome.andThen((value) => ended.map(() => value));
  }

  const sql: SqlExecutor = {
    execute: (text, params) =>
      attempt(async () => {
        const refused = refuseTransactionControl(text);
        return refused.isErr() ? err(refused.error) : engine.execute(text, params);
      }),
    insert: (table, rows) => attempt(async () => engine.insert(table, rows)),
  };

  return Object.freeze<Store>({
    kind: engine.kind,
    location: engine.location,
    capabilities: Object.freeze(new Set(["sql"])),
    runs: createRunStore(context, hot),
    history: createRunHistory(context),
    owners: createOwnerStore(context, engine),
    captures: createCaptureStore(context),
    anomalies: createAnomalyStore(context),
    references: createReferenceStore(context),
    sql: Object.freeze(withTraits(sql, traits)),
    transaction(work, { deadlineMs = 30_000 } = {}) {
      const refused = refusal();
      if (refused !== undefined) return errAsync(refused);
      const host = {
        engine,
        clock: environment.clock,
        inside,
        onOpen(cancel: (reason: SpineError) => void) {
          open.add(cancel);
          return () => void open.delete(cancel);
        },
      };
      return new ResultAsync(
        runTransaction(
          host,
          {
            deadlineMs,
            createHandle: (session, scope) => createStoreTransaction({ session, scope, traits, clock, hot }),
          },
          work,
        ),
      );
    },
    close() {
      if (closing !== undefined) return closing;
      for (const cancel of open) cancel(closedError(engine, "was closed during a transaction."));
      closing = engine.close();
      return closing;
    },
  });
}

function closedError({ location }: SqlEngine, what: string): SpineError {
  return new SpineError("HOST_CLOSED", `The store ${location} ${what}`);
}

function nestedError(): SpineError {
  return new DatabaseError(
    "The store was used inside its own transaction, which would wait for itself. Use the transaction's handle.",
    { code: "TX_NESTED" },
  );
}
