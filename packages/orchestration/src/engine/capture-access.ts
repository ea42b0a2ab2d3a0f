import {
  type BeginCapture,
  type Capture,
  type CaptureAccess,
  type CaptureFacts,
  type CaptureSlot,
  type CompleteCapture,
  encodeJson,
  err,
  type Instant,
  type InstantInput,
  ok,
  parseInstant,
  type RejectReport,
  type Result,
  ResultAsync,
  resultAsync,
  type RunningCapture,
  SpineError,
  type SqlValue,
  type Store,
} from "@spine/core";
import { deadHere } from "./owner.ts";
import type { EngineEnvironment } from "./scope.ts";

export interface CaptureHolder {
  readonly runId: string;
  readonly step: string;
  readonly owner: string;
  readonly asOf: Instant | undefined;
}

/** The captures one attempt begins: what `commit` completes and what a failed attempt leaves behind. */
export interface AttemptCaptures extends CaptureAccess {
  /** What a capture begun in this attempt is a version of. */
  slotOf(captureId: string): CaptureSlot | undefined;
  /** What `commit` says of each capture begun so far. */
  completions(): readonly CompleteCapture[];
  /** Fails those that nothing completed. */
  abandon(reason: string): Promise<void>;
}

/** @param isOpen false once the attempt has ended: nothing may be written under its captures any more */
export function createAttemptCaptures(
  environment: EngineEnvironment & { readonly store: Store },
  holder: CaptureHolder,
  isOpen: () => boolean,
): AttemptCaptures {
  const { store, ids } = environment;
  const begun: Tracked[] = [];

  return {
    current: (slot) => store.captures.current({ ...slot, asOf: holder.asOf }),
    begin: (request) =>
      resultAsync(async () => {
        if (!isOpen()) return err(ended(request));
        const publishedAt = optionalInstant(request.publishedAt);
        if (publishedAt.isErr()) return err(publishedAt.error);
        const start = {
          ...request,
          publishedAt: publishedAt.value,
          captureId: ids.next("cap"),
          runId: holder.runId,
          step: holder.step,
          owner: holder.owner,
          asOf: holder.asOf,
        };
        let started = await store.captures.start(start);
        if (started.isErr() && started.error.code === "CAPTURE_HELD" && (await freeDeadHolder(store, request)))
          started = await store.captures.start(start);
        if (started.isErr()) return err(started.error);
        const tracked = track(environment, request, started.value.captureId, isOpen);
        begun.push(tracked);
        return ok(tracked.running);
      }),
    slotOf: (captureId) => begun.find(({ running }) => running.captureId === captureId)?.running.slot,
    completions: () => begun.map((tracked) => tracked.completion()),
    async abandon(reason) {
      for (const { running } of begun) await store.captures.fail({ captureId: running.captureId, error: reason });
    },
  };
}

interface Tracked {
  readonly running: RunningCapture;
  completion(): CompleteCapture;
}

function track(
  { store, ids }: EngineEnvironment & { readonly store: Store },
  request: BeginCapture,
  captureId: string,
  isOpen: () => boolean,
): Tracked {
  let written = 0;
  let rejected = 0;
  let facts: CaptureFacts | undefined;
  const slot: CaptureSlot = {
    domain: request.domain,
    partition: request.partition,
    stage: request.stage,
    tier: request.tier,
  };

  const running: RunningCapture = Object.freeze({
    captureId,
    slot: Object.freeze(slot),
    insert: (table: string, rows: readonly Readonly<Record<string, SqlValue>>[]) => {
      if (!isOpen()) return new ResultAsync(Promise.resolve(err(ended(request))));
      return store.sql
        .insert(
          table,
          rows.map((row) => ({ ...row, capture_id: captureId })),
        )
        .map((count) => {
          written += count;
          return count;
        });
    },
    reject: (rejects: readonly RejectReport[]) =>
      resultAsync<void, SpineError>(async () => {
        if (!isOpen()) return err(ended(request));
        const result = await store.anomalies.reject(
          rejects.map((reject) => ({
            rejectId: ids.next("rej"),
            captureId,
            stage: request.stage,
            reasonCode: reject.reasonCode,
            reasonDetail: reject.reasonDetail,
            record: encodeJson(reject.record ?? null).unwrapOr(null),
            sourceLocator: reject.sourceLocator,
            lineNumber: reject.lineNumber,
          })),
        );
        if (result.isOk()) rejected += recordsIn(rejects);
        return result;
      }),
    complete(given: CaptureFacts) {
      facts = given;
    },
  });
  return {
    running,
    completion: () => ({
      captureId,
      rowCount: facts?.rowCount ?? written,
      rejectCount: facts?.rejectCount ?? rejected,
      contentHash: facts?.contentHash ?? request.contentHash,
      publishedAt: optionalInstant(facts?.publishedAt).unwrapOr(undefined),
      metrics: facts?.metrics,
    }),
  };
}

/** Several reasons of one record follow each other and have its line in common. */
function recordsIn(rejects: readonly RejectReport[]): number {
  return rejects.filter(
    ({ lineNumber }, index) => lineNumber === undefined || lineNumber !== rejects[index - 1]?.lineNumber,
  ).length;
}

/**
 * A holder whose process is gone (its lease ran out, or this machine sees that its pid is no more) is not waited for: its capture
 * becomes FAILED with that reason. Were it alive after all, its commit would find its capture ended and fail whole.
 */
async function freeDeadHolder(store: Store, slot: CaptureSlot): Promise<boolean> {
  const running = await store.captures.list({ ...slotOf(slot), status: "RUNNING", limit: 1 });
  const held: Capture | undefined = running.isOk() ? running.value[0] : undefined;
  if (held?.runId === undefined) return false;
  const [run, owners] = await Promise.all([store.history.get({ runId: held.runId }), store.owners.list()]);
  if (run.isErr() || owners.isErr()) return false;
  const owner = owners.value.find((candidate) => candidate.owner === run.value?.owner);
  const gone =
    run.value === undefined ||
    run.value.owner === undefined ||
    owner === undefined ||
    !owner.alive ||
    deadHere([owner]).length > 0;
  if (!gone) return false;
  const failed = await store.captures.fail({
    captureId: held.captureId,
    error: `The process that held it (run ${held.runId}) is gone.`,
  });
  return failed.isOk();
}

function slotOf({ domain, partition, stage, tier }: CaptureSlot): CaptureSlot {
  return { domain, partition, stage, tier };
}

function optionalInstant(input: InstantInput | undefined): Result<Instant | undefined, SpineError> {
  return input === undefined ? ok(undefined) : parseInstant(input);
}

function ended(slot: CaptureSlot): SpineError {
  return new SpineError(
    "CAPTURE_NOT_RUNNING",
    `The attempt that works on ${slot.domain} ${slot.partition} ${slot.stage} has ended, so it writes nothing more.`,
    { context: { domain: slot.domain, partition: slot.partition } },
  );
}
