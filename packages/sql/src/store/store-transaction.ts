import {
  err,
  type Result,
  type ResultAsync,
  resultAsync,
  type SpineError,
  type SqlExecutor,
  type StoreTransaction,
} from "@spine/core";
import type { Kysely } from "kysely";
import type { SqlSession } from "../engine.ts";
import { kyselyOf, withTraits } from "../kysely-of.ts";
import type { StoreClock } from "../store-clock.ts";
import type { CoreTables } from "../tables.ts";
import type { SqlTraits } from "../traits.ts";
import { runSavepoint } from "../transaction/run-transaction.ts";
import type { Scope } from "../transaction/scope.ts";
import { refuseTransactionControl } from "../transaction/transaction-control.ts";
import { createAnomalyStore } from "./anomalies.ts";
import { createCaptureStore } from "./captures.ts";
import type { StoreContext } from "./context.ts";
import type { HotWrites } from "./hot.ts";
import { createItemStore } from "./items.ts";
import { createPayloadStore } from "./payloads.ts";
import { createQualityStore } from "./quality.ts";
import { createReferenceStore } from "./references.ts";
import { joinScript } from "./script.ts";
import type { StoreStatements } from "./statements.ts";

export interface StoreTransactionOptions {
  readonly session: SqlSession;
  readonly scope: Scope;
  readonly traits: SqlTraits;
  readonly clock: StoreClock;
  readonly hot: HotWrites;
  readonly statements: StoreStatements;
}

/** The handle of a transaction: the store's ports bound to its session, each failure dooming its scope. */
export function createStoreTransaction(options: StoreTransactionOptions): StoreTransaction {
  const { session, scope, traits, hot } = options;
  const context = sessionContext(options);
  return Object.freeze<StoreTransaction>(
    withTraits(
      {
        ...scopedExecutor(session, scope),
        captures: createCaptureStore(context),
        payloads: createPayloadStore(context),
        anomalies: createAnomalyStore(context),
        quality: createQualityStore(context),
        references: createReferenceStore(context),
        runs: Object.freeze<StoreTransaction["runs"]>({
          checkpoint: (transitions) => scope.attempt(() => hot.checkpoint(transitions, session)),
        }),
        items: createItemStore(context),
        savepoint: (work) =>
          runSavepoint(session, scope, (inner) => work(createStoreTransaction({ ...options, scope: inner }))),
      },
      traits,
    ),
  );
}

/** Statements of a transaction's handle. */
export function scopedExecutor(session: SqlSession, scope: Scope): SqlExecutor {
  return {
    execute: (text, params) =>
      scope.attempt(async () => {
        const refused = refuseTransactionControl(text);
        return refused.isErr() ? err(refused.error) : session.execute(text, params);
      }),
    insert: (table, rows) => scope.attempt(() => session.insert(table, rows)),
  };
}

/** The ports' own statements go past the scope, which their caller has asked already. */
function sessionContext({ session, scope, traits, clock, statements }: StoreTransactionOptions): StoreContext {
  const executor = withTraits({ execute: session.execute, insert: session.insert }, traits);
  return {
    traits,
    clock,
    statements,
    executor,
    get db(): Kysely<CoreTables> {
      return kyselyOf(executor);
    },
    attempt: (work) => scope.attempt(work),
    atomic: <T>(work: (db: Kysely<CoreTables>, executor: SqlExecutor) => Promise<Result<T, SpineError>>) =>
      toPromise(resultAsync(() => work(kyselyOf(executor), executor))),
    prepared: ({ sql, params }) => session.executeHot(sql, params),
    script: (script) => toPromise(resultAsync(() => joinScript(session, script, traits.hotForm))),
  };
}

async function toPromise<T>(result: ResultAsync<T, SpineError>): Promise<Result<T, SpineError>> {
  return result;
}
