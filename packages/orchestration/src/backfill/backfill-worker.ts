import {
  type Backfill,
  type BackfillItem,
  type BackfillStore,
  type Clock,
  err,
  type IdSource,
  type Logger,
  ok,
  type OwnerStore,
  type Result,
  type ResultAsync,
  resultAsync,
  type RunHistory,
  type RunRecord,
  sleep,
  type SpineError,
} from "@spine/core";
import { deadOwnersHere, type Owner } from "../engine/owner.ts";
import type { RunOptions } from "../engine/prepare.ts";
import type { ResumeOptions } from "../engine/resume-options.ts";
import type { Run } from "../engine/run.ts";

/** How long to wait before looking again at a run that another process works on. */
const foreignRunPollMs = 1000;

export interface WorkOptions {
  /** Partitions this process takes at once. @defaultValue the backfill's `maxParallel`, which holds over all processes anyhow */
  readonly parallel?: number | undefined;
  /** Aborting it stops after what was completed; partitions under way are taken up again by the next `run`. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each partition that ended here. */
  readonly onItem?: ((item: BackfillItem, backfill: Backfill) => void) | undefined;
}

/** Works off the partitions of a backfill in this process, together with any other process that does. */
export interface BackfillWorker {
  work(backfill: Backfill, options: WorkOptions): ResultAsync<void, SpineError>;
}

export interface BackfillWorkerOptions {
  readonly store: BackfillStore;
  readonly owners: OwnerStore;
  readonly history: RunHistory;
  readonly owner: Owner;
  readonly ids: IdSource;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly start: (target: string, options: RunOptions) => ResultAsync<Run, SpineError>;
  readonly resume: (runId: string, options: ResumeOptions) => ResultAsync<Run, SpineError>;
}

/** How a partition's run ended. PENDING was interrupted, and goes on where it is at a later claim. */
interface Ending {
  readonly status: "COMPLETED" | "SKIPPED" | "FAILED" | "PENDING";
  readonly error?: string;
}

export function createBackfillWorker(options: BackfillWorkerOptions): BackfillWorker {
  const { store, owners, history, owner, ids, clock, logger } = options;

  async function claim({ backfillId }: Backfill): Promise<Result<BackfillItem | undefined, SpineError>> {
    const deadOwners = await deadOwnersHere(owners);
    if (deadOwners.isErr()) return err(deadOwners.error);
    return store.claim({ backfillId, owner: owner.id, deadOwners: deadOwners.value, runId: ids.next("run") });
  }

  async function workOne(backfill: Backfill, item: BackfillItem, work: WorkOptions): Promise<Result<void, SpineError>> {
    const ending = await endingOf(backfill, item, work.signal);
    if (ending.isErr()) return err(ending.error);
    const settled = await store.settle({
      backfillId: item.backfillId,
      position: item.position,
      owner: owner.id,
      ...ending.value,
    });
    if (settled.isErr()) return err(settled.error);
    if (settled.value !== undefined) work.onItem?.({ ...item, ...ending.value }, settled.value);
    if (settled.value === undefined)
      logger.warn("A partition of a backfill was taken over by another process.", { ...placeOf(item) });
    return ok(undefined);
  }

  /** A claim gives a partition the id of its run; whoever claims it later finds that run and what became of it. */
  async function endingOf(
    backfill: Backfill,
    item: BackfillItem,
    signal: AbortSignal | undefined,
  ): Promise<Result<Ending, SpineError>> {
    const { runId = "" } = item;
    // A partition whose run waits holds its place until the run has ended.
    const given = { waitMs: Number.POSITIVE_INFINITY, ...(signal === undefined ? {} : { signal }) };
    for (let look = item.attempt; ; look += 1) {
      const earlier = look > 1 ? await history.get({ runId }) : ok(undefined);
      if (earlier.isErr()) return err(earlier.error);
      if (earlier.value !== undefined && hasEnded(earlier.value)) return ok(endingOfRun(earlier.value));
      const run =
        earlier.value === undefined
          ? await options.start(backfill.target, {
              ...given,
              runId,
              params: item.params,
              partition: item.partition,
              batchId: backfill.backfillId,
              triggeredBy: "backfill",
            })
          : await options.resume(runId, given);
      if (signal?.aborted === true) return ok({ status: "PENDING" });
      if (run.isErr() && run.error.code !== "RUN_OWNED") return endingOfError(run.error);
      if (run.isOk() && run.value.status !== "WAITING") return ok(endingOfRun(run.value));
      // A `recover` elsewhere goes on with it: its outcome is this partition's.
      await sleep(clock, foreignRunPollMs, signal);
    }
  }

  async function lane(backfill: Backfill, work: WorkOptions): Promise<Result<void, SpineError>> {
    while (work.signal?.aborted !== true) {
      const item = await claim(backfill);
      if (item.isErr()) return err(item.error);
      if (item.value === undefined) return ok(undefined);
      const done = await workOne(backfill, item.value, work);
      if (done.isErr()) return err(done.error);
    }
    return ok(undefined);
  }

  async function workOff(backfill: Backfill, given: WorkOptions): Promise<Result<void, SpineError>> {
    const owned = await owner.ensure();
    if (owned.isErr()) return err(owned.error);
    const length = Math.max(1, Math.min(backfill.maxParallel, given.parallel ?? backfill.maxParallel));
    const lanes = Array.from({ length }, () => lane(backfill, given));
    const outcomes = await Promise.all(lanes);
    return outcomes.find((outcome) => outcome.isErr()) ?? ok(undefined);
  }

  return { work: (backfill, given) => resultAsync(() => workOff(backfill, given)) };
}

/** What cannot be started is this partition's failure; a store that does not answer is everybody's, and nothing is lost by stopping. */
function endingOfError(error: SpineError): Result<Ending, SpineError> {
  if (error.category === "DATABASE" && error.retryable) return err(error);
  return ok({ status: "FAILED", error: `${error.code}: ${error.message}` });
}

function hasEnded({ status }: RunRecord): boolean {
  return status === "COMPLETED" || status === "PARTIAL" || status === "FAILED";
}

function endingOfRun({ status, error, counts }: Pick<RunRecord, "status" | "error" | "counts"> | Run): Ending {
  if (status === "COMPLETED") return { status: counts.completed === 0 ? "SKIPPED" : "COMPLETED" };
  const why = error === undefined ? `The run ended ${status}.` : `${error.code}: ${error.message}`;
  return { status: "FAILED", error: why };
}

function placeOf({ backfillId, partition, runId }: BackfillItem): Readonly<Record<string, unknown>> {
  return { backfillId, partition, runId };
}
