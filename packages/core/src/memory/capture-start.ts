import type { Capture } from "../captures/capture.ts";
import { DatabaseError } from "../errors/families.ts";
import type { SpineError } from "../errors/spine-error.ts";
import { err, ok, type Result } from "../result.ts";
import { captureHeld, importedInFuture, takeoverText } from "../store/capture-errors.ts";
import type { StartCapture } from "../store/captures.ts";
import { type Instant, instantOfMs, msOf } from "../time.ts";
import { addInputs } from "./lineage.ts";
import { capturesOf, changeSlot, newestFirst, slotOf } from "./slots.ts";
import type { LedgerTables } from "./state.ts";

const defaultLeaseMs = 60_000;

/** Starts a capture in a slot that is free, or whose holder is gone. */
export function startCapture(ledger: LedgerTables, given: StartCapture, at: Instant): Result<Capture, SpineError> {
  const { captureId, importedAt } = given;
  if (importedAt !== undefined && importedAt > at) return err(importedInFuture(captureId, importedAt, at));
  const { running = "", latest = "" } = slotOf(ledger, given);
  const holder = ledger.captures.get(running);
  if (holder !== undefined && !isGone(holder, given.deadOwners ?? [], at)) return err(captureHeld(given, holder));
  if (ledger.captures.has(captureId)) {
    return err(
      new DatabaseError(`Capture "${captureId}" is there already. Give each capture an id of its own.`, {
        code: "INTEGRITY_VIOLATED",
      }),
    );
  }
  if (holder !== undefined) failCapture(ledger, holder, takeoverText(holder, at), at);
  const capture = runningCapture(given, at);
  ledger.captures.set(captureId, capture);
  if (importedAt !== undefined) ledger.imports.set(captureId, { availableAt: importedAt });
  addInputs(ledger, captureId, given.inputs ?? []);
  changeSlot(ledger, capture, { running: captureId });
  if (capture.asOf === undefined) {
    const [newest] = [capture, ...capturesOf(ledger, [latest])].toSorted(newestFirst);
    changeSlot(ledger, capture, { latest: newest?.captureId });
  }
  return ok(capture);
}

/** Ends a RUNNING capture as FAILED. */
export function failCapture(ledger: LedgerTables, running: Capture, error: string, at: Instant): void {
  const ended = { status: "FAILED" as const, completedAt: at, error, leaseUntil: undefined, heartbeatAt: undefined };
  ledger.captures.set(running.captureId, Object.freeze({ ...running, ...ended }));
  changeSlot(ledger, running, { running: undefined });
}

/** Whoever said nothing of a lease is never thought gone. */
function isGone({ owner, leaseUntil }: Capture, deadOwners: readonly string[], at: Instant): boolean {
  return owner !== undefined && (deadOwners.includes(owner) || (leaseUntil !== undefined && leaseUntil <= at));
}

function runningCapture(given: StartCapture, startedAt: Instant): Capture {
  const { owner, leaseMs = defaultLeaseMs } = given;
  return Object.freeze<Capture>({
    captureId: given.captureId,
    domain: given.domain,
    partition: given.partition,
    stage: given.stage,
    tier: given.tier,
    status: "RUNNING",
    startedAt,
    effectiveDate: given.effectiveDate,
    publishedAt: given.publishedAt,
    contentHash: given.contentHash,
    reason: given.reason,
    runId: given.runId,
    step: given.step,
    asOf: given.asOf,
    imported: given.importedAt !== undefined,
    owner,
    leaseUntil: owner === undefined ? undefined : instantOfMs(msOf(startedAt) + leaseMs),
    heartbeatAt: owner === undefined ? undefined : startedAt,
    completedAt: undefined,
    rowCount: undefined,
    rejectCount: undefined,
    capturedAt: undefined,
    availableAt: undefined,
    gate: undefined,
    supersedes: undefined,
    sameAs: undefined,
    error: undefined,
    staleAt: undefined,
    staleBy: undefined,
    payloadRemovedAt: undefined,
    metrics: Object.freeze({}),
  });
}
