import { toSpineError } from "../errors/classify.ts";
import type { SpineError } from "../errors/spine-error.ts";
import { err, ok, type Result, ResultAsync } from "../result.ts";
import type { ItemStore } from "../store/items.ts";
import type { Transition } from "../store/runs.ts";
import type { StoreTransaction, Transaction } from "../store/transaction.ts";
import { closedError, tooLongError } from "../store/transaction-errors.ts";
import type { Clock, Instant } from "../time.ts";
import { type Access, runSafely } from "./access.ts";
import { createAnomalyStore } from "./anomalies.ts";
import { createCaptureStore } from "./captures.ts";
import { createNoSql } from "./no-sql.ts";
import { settleItems } from "./items.ts";
import { createPayloadStore } from "./payloads.ts";
import { createQualityStore } from "./quality.ts";
import { createReferenceStore } from "./references.ts";
import { checkpoint } from "./runs.ts";
import { isOwn } from "./run-state.ts";
import type { MemoryState } from "./state.ts";
import { createScope, type Scope } from "./transaction-scope.ts";

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
  const transitions: Transition[] = [];
  const items: Parameters<ItemStore["settle"]>[0][] = [];
  const inside = { open: true };
  return new Promise((resolve) => {
    const commit = (): Result<void, SpineError> =>
      runSafely(() => {
        const unfinished = scope.unfinished();
        if (unfinished !== undefined) return err(unfinished);
        const at = options.now();
        scope.fold();
        checkpoint(state, transitions, at);
        for (const group of items) settleItems(state, group);
        return ok(undefined);
      });

    /** Ends the transaction once; whatever comes later finds it closed. */
    function finish(outcome: Result<T, SpineError>): void {
      if (!inside.open) return;
      inside.open = false;
      stopTimer();
      forget();
      const result = outcome.andThen((value) => commit().map(() => value));
      scope.close();
      release();
      resolve(result);
    }

    const { clock, deadlineMs } = options;
    const stopTimer = clock.setTimer(deadlineMs, () => finish(err(tooLongError(deadlineMs))));
    const forget = options.onOpen((reason) => finish(err(reason)));
    const handle = Object.freeze<StoreTransaction>({
      ...createHandle(scope, options.now),
      references: createReferenceStore(scope.tables, scope),
      runs: createJoiningRuns(state, scope, transitions, options.now),
      items: {
        settle: (group) =>
          scope.write(() => {
            const isOwner = isOwn(state.runs.get(group.runId), group);
            if (isOwner) items.push(group);
            return ok(isOwner);
          }),
      },
    });
    void state.inside.run(inside, () => settle(() => work(handle)).then(finish));
  });
}

function createHandle(scope: Scope, now: () => Instant): Transaction {
  return Object.freeze<Transaction>({
    ...createNoSql(scope),
    captures: createCaptureStore(scope.tables, scope, now),
    payloads: createPayloadStore(scope.tables, scope, now),
    anomalies: createAnomalyStore(scope.tables, scope, now),
    quality: createQualityStore(scope.tables, scope, now),
    savepoint: (work) => new ResultAsync(runSavepoint(scope, (inner) => work(createHandle(inner, now)))),
  });
}

/** Checkpoints that join a transaction: judged at once, kept in `joined` until its end. */
function createJoiningRuns(
  state: MemoryState,
  access: Access,
  joined: Transition[],
  now: () => Instant,
): StoreTransaction["runs"] {
  return Object.freeze<StoreTransaction["runs"]>({
    checkpoint: (transitions) =>
      access.write(() => {
        // Nobody else writes before the end, so what is the owner's now is the owner's then, unless this transaction ends it.
        const ended = new Set(joined.filter(({ end }) => end !== undefined).map(({ runId }) => runId));
        const own = transitions.filter(
          (transition) => !ended.has(transition.runId) && isOwn(state.runs.get(transition.runId), transition),
        );
        joined.push(...own);
        return ok(Object.freeze({ kept: new Set(own.map(({ runId }) => runId)), at: now() }));
      }),
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
