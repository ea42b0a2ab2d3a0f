import {
  type BeginCapture,
  type Capture,
  type CaptureFacts,
  type CompleteCapture,
  encodeJson,
  err,
  errAsync,
  evaluateGate,
  type Gate,
  type GateDecision,
  gateError,
  type GateVerdict,
  isHeldBack,
  ok,
  optionalInstant,
  type RejectReport,
  type Result,
  type ResultAsync,
  resultAsync,
  type RunningCapture,
  type SpineError,
  type SqlValue,
  stampProvenance,
} from "@spine/core";
import { attemptEnded, type CaptureScope } from "./capture-scope.ts";
import { captureEvent } from "./capture-events.ts";

/** A capture that an attempt has begun, with what `commit` needs of it. */
export interface Writer {
  readonly running: RunningCapture;
  /** False once it has ended before `commit`: blocked, or unchanged. */
  isWriting(): boolean;
  completion(): CompleteCapture;
}

type Rows = readonly Readonly<Record<string, SqlValue>>[];

const severity: readonly GateDecision[] = ["PASS", "WARN", "QUARANTINE", "BLOCK"];

export function createWriter(scope: CaptureScope, request: BeginCapture, captureId: string): Writer {
  const { environment, holder } = scope;
  const { store, ids } = environment;
  const { domain, partition, stage, tier } = request;
  const slot = Object.freeze({ domain, partition, stage, tier });
  let written = 0;
  let rejected = 0;
  let decision: GateDecision | undefined;
  let facts: CaptureFacts = {};
  let ended = false;

  /** Does something with the capture while it is being written. */
  function writing<T>(work: () => Promise<Result<T, SpineError>>): ResultAsync<T, SpineError> {
    return ended || !scope.isOpen() ? errAsync(attemptEnded(slot)) : resultAsync(work);
  }

  const completion = (): CompleteCapture => ({
    captureId,
    rowCount: facts.rowCount ?? written,
    rejectCount: facts.rejectCount ?? rejected,
    contentHash: facts.contentHash ?? request.contentHash,
    publishedAt: optionalInstant(facts.publishedAt).unwrapOr(undefined),
    gate: decision,
    metrics: facts.metrics,
  });

  async function insert(table: string, rows: Rows, provenance: boolean): Promise<Result<number, SpineError>> {
    const stamped = provenance ? stampProvenance(rows, request.inputs ?? []) : rows;
    const count = await store.payloads.write({ captureId, table, rows: stamped });
    return count.map((inserted) => {
      written += inserted;
      return inserted;
    });
  }

  async function reject(rejects: readonly RejectReport[]): Promise<Result<void, SpineError>> {
    const kept = await store.anomalies.reject(
      rejects.map((report) => ({
        rejectId: ids.next("rej"),
        captureId,
        stage,
        reasonCode: report.reasonCode,
        reasonDetail: report.reasonDetail,
        record: encodeJson(report.record ?? null).unwrapOr(null),
        sourceLocator: report.sourceLocator,
        lineNumber: report.lineNumber,
      })),
    );
    if (kept.isOk()) rejected += recordsIn(rejects);
    return kept;
  }

  async function pass<Subject>(gate: Gate<Subject>, subject: Subject): Promise<Result<GateVerdict, SpineError>> {
    const verdict = await evaluateGate(gate, {
      slot,
      captureId,
      subject,
      sql: store.sql,
      history: (limit) => store.captures.list({ domain, stage, tier, available: true, limit }),
    });
    const results = verdict.results.map(({ check, category, verdict: found }) => ({
      ...found,
      resultId: ids.next("chk"),
      captureId,
      gate: verdict.gate,
      check,
      category,
      runId: holder.runId,
      step: holder.step,
    }));
    const kept = await store.quality.record(results);
    if (kept.isErr()) return err(kept.error);
    decision = worse(decision, verdict.decision);
    if (verdict.decision !== "BLOCK") return ok(verdict);
    const completed = await store.captures.complete(completion());
    if (completed.isErr()) return err(completed.error);
    ended = true;
    scope.tell(captureEvent("capture.blocked", holder.step, completed.value.capture, { gate: gate.name }));
    return err(gateError(verdict));
  }

  /** In one transaction, so that nothing becomes available here when somebody changed the slot in between. */
  async function unchanged(contentHash: string): Promise<Result<Capture | undefined, SpineError>> {
    if (holder.asOf !== undefined || request.reason === "forced" || isHeldBack(decision)) return ok(undefined);
    const outcome = await store.transaction(async (tx) => {
      const present = await tx.captures.resolve(slot);
      if (present.isErr()) throw present.error;
      if (present.value?.contentHash !== contentHash) return undefined;
      const completed = await tx.captures.complete({ ...completion(), contentHash });
      if (completed.isErr()) throw completed.error;
      return present.value;
    });
    return outcome.map((present) => {
      if (present === undefined) return undefined;
      ended = true;
      scope.tell(captureEvent("capture.unchanged", holder.step, present));
      return present;
    });
  }

  const running: RunningCapture = Object.freeze<RunningCapture>({
    captureId,
    slot,
    insert: (table, rows, { provenance = false } = {}) => writing(() => insert(table, rows, provenance)),
    reject: (rejects) => writing(() => reject(rejects)),
    gate: (gate, subject) => writing(() => pass(gate, subject)),
    unchanged: (contentHash) => writing(() => unchanged(contentHash)),
    complete(given) {
      facts = given;
    },
  });
  return { running, isWriting: () => !ended, completion };
}

/** A capture that went through several gates has the verdict of the strictest. */
function worse(before: GateDecision | undefined, now: GateDecision): GateDecision {
  return before !== undefined && severity.indexOf(before) > severity.indexOf(now) ? before : now;
}

/** Several reasons of one record follow each other and have its line in common. */
function recordsIn(rejects: readonly RejectReport[]): number {
  return rejects.filter(
    ({ lineNumber }, index) => lineNumber === undefined || lineNumber !== rejects[index - 1]?.lineNumber,
  ).length;
}
