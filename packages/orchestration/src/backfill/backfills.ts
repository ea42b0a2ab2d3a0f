import {
  type Backfill,
  type BackfillItem,
  type BackfillItemStatus,
  type BackfillMode,
  type BackfillPlan,
  type BackfillStatus,
  type BackfillStore,
  err,
  type Expectations,
  type IdSource,
  type JsonObject,
  ok,
  OrchestrationError,
  type PlainDate,
  planBackfill,
  type Result,
  type ResultAsync,
  resultAsync,
  type SpineError,
} from "@spine/core";
import type { BackfillWorker, WorkOptions } from "./backfill-worker.ts";

/** What to fill, why, and how. */
export interface BackfillRequest {
  /** The expectation whose partitions it fills. */
  readonly expectation: string;
  readonly mode: BackfillMode;
  /** First business date of the range, included. @defaultValue the expectation's start */
  readonly from?: PlainDate | undefined;
  /** Last business date of the range, included. @defaultValue today */
  readonly to?: PlainDate | undefined;
  readonly reason: string;
  /** @defaultValue "api" */
  readonly createdBy?: string | undefined;
  /** Oldest partition first, or newest. @defaultValue "forward" */
  readonly direction?: "forward" | "backward" | undefined;
  /** Partitions that may run at once, over all processes. @defaultValue 1 */
  readonly maxParallel?: number | undefined;
  /** Partitions that are left alone, whatever their state. */
  readonly protect?: readonly string[] | undefined;
  /** Over the parameters the expectation gives to its target. */
  readonly params?: JsonObject | undefined;
}

/** Backfills of one spine: planned from what is expected, frozen when created, worked off durably. */
export interface Backfills {
  /** What a backfill would do, and which partitions it would leave alone and why. Writes nothing. */
  plan(request: BackfillRequest): ResultAsync<BackfillPlan, SpineError>;
  /** Freezes the plan. Fails with `BACKFILL_EMPTY`, `BACKFILL_TARGET_MISSING`, `EXPECTATION_NOT_FOUND`, `RUNNABLE_NOT_FOUND`. */
  create(request: BackfillRequest): ResultAsync<Backfill, SpineError>;
  /**
   * Starts a backfill, or goes on with one that was paused or whose process died, and works in this process until nothing is left to
   * claim. A partition is never done twice: its run's id is chosen before the run begins. Aborting the signal leaves the rest for later.
   */
  run(backfillId: string, options?: WorkOptions): ResultAsync<Backfill, SpineError>;
  /** No further partition begins; those that run go on to their end. */
  pause(backfillId: string): ResultAsync<Backfill, SpineError>;
  /** Partitions that did not begin never will; those that run go on to their end. */
  cancel(backfillId: string): ResultAsync<Backfill, SpineError>;
  /** Makes the failed partitions of an ended backfill pending again; `run` does them. Resolves to how many. */
  retryFailed(backfillId: string): ResultAsync<number, SpineError>;
  /** Fails with `BACKFILL_NOT_FOUND`. */
  get(backfillId: string): ResultAsync<Backfill, SpineError>;
  list(filter?: {
    readonly status?: BackfillStatus | undefined;
    readonly limit?: number | undefined;
  }): ResultAsync<readonly Backfill[], SpineError>;
  items(
    backfillId: string,
    filter?: {
      readonly status?: BackfillItemStatus | undefined;
      readonly after?: number | undefined;
      readonly limit?: number | undefined;
    },
  ): ResultAsync<readonly BackfillItem[], SpineError>;
  /** One pass: works off every RUNNING backfill as far as its partitions can be claimed. Resolves to what became of each. */
  recover(options?: WorkOptions): ResultAsync<readonly Backfill[], SpineError>;
}

export interface BackfillsOptions {
  readonly store: BackfillStore;
  readonly ids: IdSource;
  readonly expectations: Expectations;
  readonly worker: BackfillWorker;
  /** Whether anything of this name can be run. */
  readonly checkTarget: (name: string) => Result<unknown, SpineError>;
}

export function createBackfills({ store, ids, expectations, worker, checkTarget }: BackfillsOptions): Backfills {
  async function plan(request: BackfillRequest): Promise<Result<BackfillPlan, SpineError>> {
    const { mode, direction, protect, params } = request;
    const expectation = expectations.get(request.expectation);
    if (expectation.isErr()) return err(expectation.error);
    const report = await expectations.gaps(request.expectation, { from: request.from, to: request.to });
    if (report.isErr()) return err(report.error);
    return planBackfill(expectation.value, report.value, { mode, direction, protect, params });
  }

  async function create(request: BackfillRequest): Promise<Result<Backfill, SpineError>> {
    const { maxParallel = 1, reason } = request;
    if (!Number.isSafeInteger(maxParallel) || maxParallel < 1) return err(parallelInvalid(maxParallel));
    if (reason.trim() === "") return err(reasonMissing());
    const planned = await plan(request);
    if (planned.isErr()) return err(planned.error);
    const { target, items } = planned.value;
    const runnable = checkTarget(target);
    if (runnable.isErr()) return err(runnable.error);
    return store.create({
      backfillId: ids.next("bf"),
      expectation: request.expectation,
      target,
      mode: request.mode,
      direction: request.direction ?? "forward",
      maxParallel,
      reason,
      createdBy: request.createdBy ?? "api",
      items: items.map(({ partition, params }) => ({ partition, params })),
    });
  }

  async function get(backfillId: string): Promise<Result<Backfill, SpineError>> {
    const found = await store.get({ backfillId });
    return found.andThen((backfill) => (backfill === undefined ? err(notFound(backfillId)) : ok(backfill)));
  }

  async function run(backfillId: string, options: WorkOptions): Promise<Result<Backfill, SpineError>> {
    const started = await store.change({ backfillId, to: "RUNNING" });
    if (started.isErr()) return err(started.error);
    const worked = await worker.work(started.value, options);
    return worked.isErr() ? err(worked.error) : get(backfillId);
  }

  async function recover(options: WorkOptions): Promise<Result<readonly Backfill[], SpineError>> {
    const running = await store.list({ status: "RUNNING" });
    if (running.isErr()) return err(running.error);
    const outcomes: Backfill[] = [];
    for (const { backfillId } of running.value.toReversed()) {
      const outcome = await run(backfillId, options);
      if (outcome.isErr()) return err(outcome.error);
      outcomes.push(outcome.value);
    }
    return ok(outcomes);
  }

  return Object.freeze<Backfills>({
    plan: (request) => resultAsync(() => plan(request)),
    create: (request) => resultAsync(() => create(request)),
    run: (backfillId, options = {}) => resultAsync(() => run(backfillId, options)),
    pause: (backfillId) => store.change({ backfillId, to: "PAUSED" }),
    cancel: (backfillId) => store.change({ backfillId, to: "CANCELLED" }),
    retryFailed: (backfillId) => store.retryFailed({ backfillId }),
    get: (backfillId) => resultAsync(() => get(backfillId)),
    list: (filter = {}) => store.list(filter),
    items: (backfillId, filter = {}) => store.items({ ...filter, backfillId }),
    recover: (options = {}) => resultAsync(() => recover(options)),
  });
}

function notFound(backfillId: string): SpineError {
  return new OrchestrationError(`No backfill has the id "${backfillId}". List them with \`spine backfill list\`.`, {
    code: "BACKFILL_NOT_FOUND",
    context: { backfillId },
  });
}

function parallelInvalid(maxParallel: number): SpineError {
  return new OrchestrationError(
    `A backfill cannot run ${maxParallel} partitions at once. Pass a whole number from 1 on.`,
    {
      code: "CONFIG_INVALID",
      context: { maxParallel },
    },
  );
}

function reasonMissing(): SpineError {
  return new OrchestrationError("A backfill needs a reason that a later reader understands. Pass `reason`.", {
    code: "CONFIG_MISSING",
  });
}
