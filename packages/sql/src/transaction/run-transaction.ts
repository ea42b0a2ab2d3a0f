import type { AsyncLocalStorage } from "node:async_hooks";
import {
  type Clock,
  closedError,
  err,
  ok,
  type Result,
  type ResultAsync,
  resultAsync,
  type SpineError,
  tooLongError,
  tryAsync,
} from "@spine/core";
import type { SqlEngine, SqlSession } from "../engine.ts";
import { createScope, type Scope } from "./scope.ts";

/** Set in code that runs inside a transaction; `open` turns false when that transaction ends. */
export type InsideTransaction = AsyncLocalStorage<{ open: boolean }>;

export interface TransactionHost {
  readonly engine: SqlEngine;
  readonly clock: Clock;
  readonly inside: InsideTransaction;
  /** Called with the function that ends the transaction without keeping anything. */
  readonly onOpen: (cancel: (reason: SpineError) => void) => () => void;
}

export interface TransactionRun<Handle> {
  readonly deadlineMs: number;
  readonly createHandle: (session: SqlSession, scope: Scope) => Handle;
}

/** Runs `work` in one transaction: commits when it resolves, keeps nothing when it fails, is doomed, or takes too long. */
export async function runTransaction<T, Handle>(
  host: TransactionHost,
  { deadlineMs, createHandle }: TransactionRun<Handle>,
  work: (handle: Handle) => PromiseLike<T> | T,
): Promise<Result<T, SpineError>> {
  const begun = await host.engine.begin({ deadlineMs });
  if (begun.isErr()) return err(begun.error);
  const session = begun.value;
  const scope = createScope();
  const inside = { open: true };
  return new Promise((resolve) => {
    /** Ends the transaction once; whatever comes later finds it closed. */
    function finish(outcome: Result<T, SpineError>, reason?: SpineError): void {
      if (!inside.open) return;
      inside.open = false;
      stopTimer();
      forget();
      const refused = scope.unfinished();
      scope.close(reason);
      void end(session, refused === undefined ? outcome : outcome.andThen(() => err(refused))).then(resolve);
    }

    const { clock } = host;
    const cut = (reason: SpineError): void => finish(err(reason), reason);
    const stopTimer = clock.setTimer(deadlineMs, () => cut(tooLongError(deadlineMs)));
    const forget = host.onOpen(cut);
    const handle = createHandle(session, scope);
    void host.inside.run(inside, () => tryAsync(() => work(handle)).then((outcome) => finish(outcome)));
  });
}

/** Runs `work` so that its failure undoes its own writes only. The failure does not doom what is around. */
export function runSavepoint<T>(
  session: SqlSession,
  scope: Scope,
  work: (inner: Scope) => PromiseLike<T> | T,
): ResultAsync<T, SpineError> {
  const name = `spine_${scope.depth + 1}`;
  const opened = scope.attempt(() => session.execute(`savepoint ${name}`).map(() => scope.openInner()));
  return opened.andThen((inner) =>
    resultAsync(async (): Promise<Result<T, SpineError>> => {
      const outcome = await tryAsync(() => work(inner));
      const refused = outcome.isErr() ? outcome.error : inner.unfinished();
      const closed = inner.isClosed();
      inner.close();
      if (closed) return err(closedError());
      scope.closeInner();
      if (refused !== undefined) {
        const undone = await scope.attempt(() => session.execute(`rollback to savepoint ${name}`));
        if (undone.isErr()) return err(undone.error);
      }
      const released = await scope.attempt(() => session.execute(`release savepoint ${name}`));
      if (released.isErr()) return err(released.error);
      return refused === undefined ? outcome : err(refused);
    }),
  );
}

/** Commits what ended well. A rollback that fails leaves nothing behind either, so the reason for it is what counts. */
async function end<T>(session: SqlSession, outcome: Result<T, SpineError>): Promise<Result<T, SpineError>> {
  if (outcome.isErr()) {
    await session.rollback();
    return outcome;
  }
  const committed = await session.commit();
  return committed.andThen(() => ok(outcome.value));
}
