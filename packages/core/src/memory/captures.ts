import { type Capture, type CaptureSlot, slotText } from "../captures/capture.ts";
import { DatabaseError, StorageError } from "../errors/families.ts";
import type { SpineError } from "../errors/spine-error.ts";
import { encodeJsonObject } from "../json.ts";
import { err, ok, type Result } from "../result.ts";
import type { CaptureStore, CompleteCapture, ListCaptures, StartCapture } from "../store/captures.ts";
import type { Instant } from "../time.ts";
import type { Access } from "./access.ts";
import { type LedgerTables, slotKey, type SlotState } from "./state.ts";

const emptySlot: SlotState = Object.freeze({ running: undefined, available: Object.freeze([]) });

export function createCaptureStore(ledger: LedgerTables, access: Access, now: () => Instant): CaptureStore {
  const { captures, slots, inputs } = ledger;

  function start(given: StartCapture): Result<Capture, SpineError> {
    const key = slotKey(given);
    const slot = slots.get(key) ?? emptySlot;
    const holder = slot.running === undefined ? undefined : captures.get(slot.running);
    if (holder !== undefined) return err(held(holder, ledger.holders.get(holder.captureId)?.owner));
    if (captures.has(given.captureId)) {
      return err(
        new DatabaseError(`Capture "${given.captureId}" is there already. Give each capture an id of its own.`, {
          code: "INTEGRITY_VIOLATED",
        }),
      );
    }
    const capture = runningCapture(given, now());
    captures.set(capture.captureId, capture);
    slots.set(key, { ...slot, running: capture.captureId });
    ledger.holders.set(capture.captureId, { owner: given.owner });
    inputs.set(capture.captureId, Object.freeze([...(given.inputs ?? [])]));
    return ok(capture);
  }

  function complete(facts: CompleteCapture): Result<Capture, SpineError> {
    const running = captures.get(facts.captureId);
    if (running === undefined) return err(notFound(facts.captureId));
    if (running.status !== "RUNNING") return err(notRunning(running));
    return encodeJsonObject(facts.metrics ?? {}).map((metrics) => {
      const at = now();
      const previous = running.asOf === undefined ? currentOf(running, at) : undefined;
      const capture = Object.freeze({
        ...running,
        status: "COMPLETE" as const,
        completedAt: at,
        capturedAt: at,
        availableAt: at,
        rowCount: facts.rowCount,
        rejectCount: facts.rejectCount,
        contentHash: facts.contentHash ?? running.contentHash,
        publishedAt: facts.publishedAt ?? running.publishedAt,
        supersedes: previous?.captureId,
        reason: running.reason ?? defaultReason(running, previous),
        metrics,
      });
      end(capture, running.asOf === undefined);
      return capture;
    });
  }

  /** Puts an ended capture in its place and frees its slot. */
  function end(capture: Capture, isPresent: boolean): void {
    const key = slotKey(capture);
    const { available } = slots.get(key) ?? emptySlot;
    captures.set(capture.captureId, capture);
    slots.set(key, {
      running: undefined,
      available: isPresent ? [...available, capture.captureId] : available,
    });
  }

  function currentOf(slot: CaptureSlot, asOf: Instant): Capture | undefined {
    let last: Capture | undefined;
    for (const captureId of slots.get(slotKey(slot))?.available ?? []) {
      const capture = captures.get(captureId);
      if (capture?.availableAt === undefined || capture.availableAt > asOf) continue;
      if (last === undefined || isLater(capture, last)) last = capture;
    }
    return last;
  }

  return Object.freeze<CaptureStore>({
    start: (given) => access.write(() => start(given)),
    complete: (facts) => access.write(() => complete(facts)),
    fail: ({ captureId, error }) =>
      access.write(() => {
        const capture = captures.get(captureId);
        if (capture?.status === "RUNNING") {
          end(Object.freeze({ ...capture, status: "FAILED", completedAt: now(), error }), false);
        }
        return ok(undefined);
      }),
    get: ({ captureId }) => access.read(() => ok(captures.get(captureId))),
    current: ({ asOf, ...slot }) => access.read(() => ok(currentOf(slot, asOf ?? now()))),
    list: ({ limit = 100, ...filter }) =>
      access.read(() => {
        const found = [...captures.values()].filter((capture) => fits(capture, filter));
        return ok(Object.freeze(found.toSorted(newestFirst).slice(0, limit)));
      }),
    inputsOf: ({ captureId }) => access.read(() => ok(inputs.get(captureId) ?? Object.freeze([]))),
  });
}

function runningCapture(given: StartCapture, startedAt: Instant): Capture {
  const { domain, partition, stage, tier, captureId, effectiveDate, publishedAt } = given;
  const { contentHash, reason, runId, step, asOf } = given;
  return Object.freeze({
    captureId,
    domain,
    partition,
    stage,
    tier,
    status: "RUNNING" as const,
    startedAt,
    effectiveDate,
    publishedAt,
    contentHash,
    reason,
    runId,
    step,
    asOf,
    completedAt: undefined,
    rowCount: undefined,
    rejectCount: undefined,
    capturedAt: undefined,
    availableAt: undefined,
    supersedes: undefined,
    error: undefined,
    metrics: Object.freeze({}),
  });
}

/** A capture of an old view of the world is neither the first nor a restatement of the present one. */
function defaultReason(capture: Capture, previous: Capture | undefined): string | undefined {
  if (capture.asOf !== undefined) return undefined;
  return previous === undefined ? "first" : "restatement";
}

function isLater(left: Capture, right: Capture): boolean {
  const [a = "", b = ""] = [left.availableAt, right.availableAt];
  return a === b ? left.captureId > right.captureId : a > b;
}

function newestFirst(left: Capture, right: Capture): number {
  if (left.startedAt !== right.startedAt) return left.startedAt > right.startedAt ? -1 : 1;
  return left.captureId > right.captureId ? -1 : 1;
}

function fits(capture: Capture, filter: Omit<ListCaptures, "limit">): boolean {
  return (
    (filter.domain === undefined || capture.domain === filter.domain) &&
    (filter.partition === undefined || capture.partition === filter.partition) &&
    (filter.stage === undefined || capture.stage === filter.stage) &&
    (filter.tier === undefined || capture.tier === filter.tier) &&
    (filter.status === undefined || capture.status === filter.status) &&
    (filter.runId === undefined || capture.runId === filter.runId)
  );
}

function held({ captureId, startedAt, runId, ...slot }: Capture, owner: string | undefined): StorageError {
  const holder = runId === undefined ? `capture ${captureId}` : `capture ${captureId} of run ${runId}`;
  return new StorageError(
    `${slotText(slot)} is held by ${holder} since ${startedAt}. Wait for it, or end it when its process is gone.`,
    {
      code: "CAPTURE_HELD",
      context: { captureId, owner, since: startedAt, ...(runId === undefined ? {} : { runId }) },
    },
  );
}

function notFound(captureId: string): StorageError {
  return new StorageError(`No capture has the id "${captureId}". List them with \`spine captures\`.`, {
    code: "CAPTURE_NOT_FOUND",
    context: { captureId },
  });
}

function notRunning({ captureId, status }: Capture): StorageError {
  return new StorageError(`Capture "${captureId}" is ${status} and cannot end twice. Start a new one.`, {
    code: "CAPTURE_NOT_RUNNING",
    context: { captureId, status },
  });
}
