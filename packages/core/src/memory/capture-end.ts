import type { Capture } from "../captures/capture.ts";
import { isHeldBack, type Settlement, settleCapture } from "../captures/settle.ts";
import type { SpineError } from "../errors/spine-error.ts";
import { encodeJsonObject } from "../json.ts";
import { err, ok, type Result } from "../result.ts";
import {
  captureNotFound,
  captureNotHeldBack,
  captureNotRunning,
  importedUnpublished,
} from "../store/capture-errors.ts";
import type { CaptureNote, CaptureRemark, CompleteCapture, CompletedCapture } from "../store/captures.ts";
import type { Instant } from "../time.ts";
import { addInputs, inputsOf, moveDependants } from "./lineage.ts";
import { addVersion, capturesOf, changeSlot, neighboursOf } from "./slots.ts";
import { markStale, staleFrom } from "./staleness.ts";
import type { LedgerTables } from "./state.ts";

/** Ends a RUNNING capture the way {@link settleCapture} says. */
export function completeCapture(
  ledger: LedgerTables,
  facts: CompleteCapture,
  at: Instant,
): Result<CompletedCapture, SpineError> {
  const running = ledger.captures.get(facts.captureId);
  if (running === undefined) return err(captureNotFound(facts.captureId));
  if (running.status !== "RUNNING") return err(captureNotRunning(running));
  const publishedAt = facts.publishedAt ?? running.publishedAt;
  if (running.imported && publishedAt === undefined) return err(importedUnpublished(running.captureId));
  return encodeJsonObject(facts.metrics ?? {}).map((metrics) => {
    const ended: Capture = {
      ...running,
      completedAt: at,
      capturedAt: at,
      rowCount: facts.rowCount,
      rejectCount: facts.rejectCount,
      contentHash: facts.contentHash ?? running.contentHash,
      publishedAt,
      gate: facts.gate,
      leaseUntil: undefined,
      heartbeatAt: undefined,
      metrics,
    };
    const importedAt = ledger.imports.get(ended.captureId)?.availableAt;
    const neighbours = neighboursOf(ledger, ended, importedAt);
    const settlement = settleCapture({ ...ended, importedAt }, { ...neighbours, now: at });
    changeSlot(ledger, ended, { running: undefined });
    if (settlement.sameAs !== undefined) return endUnchanged(ledger, ended, settlement.sameAs, at);
    const staleBy = ended.asOf === undefined ? staleFrom(ledger, inputsOf(ledger, ended.captureId)) : undefined;
    const staleAt = staleBy === undefined ? undefined : at;
    return keep(
      ledger,
      { ...ended, reason: settlement.reason, staleAt, staleBy },
      { settlement, after: neighbours.after, at },
    );
  });
}

/** Lets a capture through that its gate held back. */
export function releaseCapture(
  ledger: LedgerTables,
  { captureId, by, why }: { readonly captureId: string; readonly by: string; readonly why: string },
  at: Instant,
): Result<CompletedCapture, SpineError> {
  const capture = ledger.captures.get(captureId);
  if (capture === undefined) return err(captureNotFound(captureId));
  if (capture.status !== "COMPLETE" || !isHeldBack(capture.gate)) return err(captureNotHeldBack(capture));
  // Whoever releases it wants it, so the present content again is no reason to drop it.
  const importedAt = ledger.imports.get(captureId)?.availableAt;
  const neighbours = neighboursOf(ledger, capture, importedAt);
  const settlement = settleCapture(
    { ...capture, gate: "PASS", reason: "forced", importedAt },
    { ...neighbours, now: at },
  );
  addRemark(ledger, captureId, { kind: "released", at, by, why });
  return ok(keep(ledger, { ...capture, gate: "PASS" }, { settlement, after: neighbours.after, at }));
}

/** Keeps that the content of a capture was found again, computed from these inputs. */
export function noteUnchanged(ledger: LedgerTables, note: CaptureNote, at: Instant): Result<Capture, SpineError> {
  const capture = ledger.captures.get(note.captureId);
  if (capture === undefined) return err(captureNotFound(note.captureId));
  addRemark(ledger, note.captureId, { kind: "unchanged", at, runId: note.runId, step: note.step });
  return ok(refresh(ledger, capture, note.inputs ?? [], at));
}

function addRemark(ledger: LedgerTables, captureId: string, remark: CaptureRemark): void {
  const before = ledger.remarks.get(captureId) ?? [];
  ledger.remarks.set(captureId, Object.freeze([...before, Object.freeze(remark)]));
}

interface Outcome {
  readonly settlement: Settlement;
  readonly after: Capture | undefined;
  readonly at: Instant;
}

/** Puts a capture into the ledger as COMPLETE and, unless a gate holds it back, among the versions of its slot. */
function keep(ledger: LedgerTables, ended: Capture, { settlement, after, at }: Outcome): CompletedCapture {
  const { availableAt, supersedes, restates } = settlement;
  const capture = Object.freeze<Capture>({ ...ended, status: "COMPLETE", availableAt, supersedes });
  ledger.captures.set(capture.captureId, capture);
  if (availableAt !== undefined && capture.asOf === undefined) addVersion(ledger, capture);
  if (isHeldBack(capture.gate) && capture.asOf === undefined)
    changeSlot(ledger, capture, { heldBack: capture.captureId });
  if (after !== undefined) {
    ledger.captures.set(after.captureId, Object.freeze({ ...after, supersedes: capture.captureId }));
  }
  return Object.freeze({ capture, restates, staled: restates ? markStale(ledger, capture, at) : 0 });
}

/** Ends a capture that is no version: the one with the same content goes on, computed from what this one was computed from. */
function endUnchanged(ledger: LedgerTables, ended: Capture, sameAs: string, at: Instant): CompletedCapture {
  const capture = Object.freeze<Capture>({ ...ended, status: "UNCHANGED", sameAs });
  ledger.captures.set(capture.captureId, capture);
  moveDependants(ledger, capture.captureId, sameAs);
  addRemark(ledger, sameAs, { kind: "unchanged", at, runId: capture.runId, step: capture.step });
  for (const same of capturesOf(ledger, [sameAs])) {
    refresh(ledger, same, inputsOf(ledger, capture.captureId), at);
  }
  return Object.freeze({ capture, restates: false, staled: 0 });
}

/** Adds what the content of a capture was computed from this time, by which it is fresh or stale from now on. */
function refresh(ledger: LedgerTables, capture: Capture, inputs: readonly string[], at: Instant): Capture {
  if (inputs.length === 0) return capture;
  addInputs(ledger, capture.captureId, inputs);
  if (capture.asOf !== undefined || capture.status !== "COMPLETE") return capture;
  const staleBy = staleFrom(ledger, inputs);
  const stays = staleBy !== undefined && capture.staleAt !== undefined;
  const staleness = stays ? {} : { staleAt: staleBy === undefined ? undefined : at, staleBy };
  const refreshed = Object.freeze<Capture>({ ...capture, ...staleness });
  ledger.captures.set(capture.captureId, refreshed);
  return refreshed;
}
