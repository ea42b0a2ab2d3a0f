import { toSpineError } from "../errors/classify.ts";
import type { SpineError } from "../errors/spine-error.ts";
import { err, ok, type Result, ResultAsync } from "../result.ts";
import type { StoreTransaction } from "../store/transaction.ts";
import type { Clock, Instant } from "../time.ts";
import { runSafely } from "./access.ts";
import { createAnomalyStore } from "./anomalies.ts";
import { createCaptureStore } from "./captures.ts";
import { createNoSql } from "./no-sql.ts";
import { createReferenceStore } from "./references.ts";
import { checkpoint } from "./runs.ts";
import { isOwn } from "./run-state.ts";
import type { MemoryState } from "./state.ts";
import { closedError, createScope, type Scope, tooLongError } from "./transaction-scope.ts";

export interface TransactionOptions {
  readonly clock: Clock;
  readonly now: () => Instant;
  readonly deadlineMs: number;
  /** Why nothing can begin or be kept any more, if so. */
  readonly refusal: () => SpineError | undefined;
  /** Called with the function that ends the transaction without keeping anything. */
  readonly onOpen: (cancel: (reason: SpineError) => void) => () => void;
}

/** Runs `work` as the store's only writer; what it writes is staged, and applied at the end or not at all. */
export async function runTransaction<T>(
  state: MemoryState,
  work: (tx: StoreTransaction) => PromiseLike<T> | T,
  options: TransactionOptions,
): Promise<Result<T, SpineError>> {
  const release = await state.lock.acquire();
  const refused = options.refusal();
  if (refused !== undefined) {
    release();
    return err(refused);
  }
  const scope = createScope(state.ledger);
  const inside = { open: true };
  return new Promise((resolve) => {
    /** Ends the transaction once; whatever comes later finds it closed. */
    function finish(outcome: Result<T, SpineError>): void {
      if (!inside.open) return;
      inside.open = false;
      stopTimer();
      forget();
      const result = outcome.andThen((value) => runSafely(() => commit(state, scope, options.now())).map(() => value));
      scope.close();
      release();
      resolve(result);
    }

    const { clock, deadlineMs } = options;
    const stopTimer = clock.setTimer(deadlineMs, () => finish(err(tooLongError(deadlineMs))));
    const forget = options.onOpen((reason) => finish(err(reason)));
    const handle = createHandle(state, scope, options.now);
    void state.inside.run(inside, () => settle(() => work(handle)).then(finish));
  });
}

function commit(state: MemoryState, scope: Scope, at: Instant): Result<void, SpineError> {
  const refused = scope.unfinished();
  if (refused !== undefined) return err(refused);
  scope.fold();
  checkpoint(state, scope.transitions, at);
  return ok(undefined);
}

function createHandle(state: MemoryState, scope: Scope, now: () => Instant): StoreTransaction {
  return Object.freeze<StoreTransaction>({
    ...createNoSql(scope),
    captures: createCaptureStore(scope.tables, scope, now),
    anomalies: createAnomalyStore(scope.tables, scope, now),
    references: createReferenceStore(scope.tables, scope),
    runs: Object.freeze({
      checkpoint: (transitions) =>
        scope.write(() => {
          // Nobody else writes before the end, so what is the owner's now is the owner's then, unless this transaction ends it.
          const ended = new Set(scope.transitions.filter(({ end }) => end !== undefined).map(({ runId }) => runId));
          const own = transitions.filter(
            (transition) => !ended.has(transition.runId) && isOwn(state.runs.get(transition.runId), transition),
          );
          scope.stage(own);
          return ok(Object.freeze({ kept: new Set(own.map(({ runId }) => runId)), at: now() }));
        }),
    }),
    savepoint: (work) => new ResultAsync(runSavepoint(scope, (inner) => work(createHandle(state, inner, now)))),
  });
}

async function runSavepoint<T>(
  scope: Scope,
  work: (inner: Scope) => PromiseLike<T> | T,
): Promise<Result<T, SpineError>> {
  const opened = scope.openInner();
  if (opened.isErr()) return err(opened.error);
  const inner = opened.value;
  const outcome = await settle(() => work(inner));
  const refused = outcome.isErr() ? outcome.error : inner.unfinished();
  const closed = inner.isClosed();
  inner.close();
  if (closed) return err(closedError());
  if (refused === undefined) inner.fold();
  scope.closeInner();
  return refused === undefined ? outcome : err(refused);
}

async function settle<T>(work: () => PromiseLike<T> | T): Promise<Result<T, SpineError>> {
  try {
    return ok(await work());
  } catch (thrown) {
    return err(toSpineError(thrown));
  }
}
