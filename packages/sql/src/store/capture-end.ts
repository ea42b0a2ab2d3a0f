import {
  type Capture,
  captureNotFound,
  captureNotHeldBack,
  captureNotRunning,
  type CaptureNote,
  type CompleteCapture,
  type CompletedCapture,
  DatabaseError,
  err,
  importedUnpublished,
  type Instant,
  isHeldBack,
  ok,
  settleCapture,
  type SqlResult,
} from "@spine/core";
import { encodeJsonText, optional, plainText } from "../codecs.ts";
import { endValues, type ManifestRow, toCapture } from "./capture-rows.ts";
import type { CaptureStatements } from "./capture-sql.ts";
import { ask, type Script } from "./script.ts";
import type { Query } from "./statement.ts";

type Version = Pick<Capture, "captureId" | "availableAt" | "contentHash">;

/** A capture that is to end or to be released, with the version readers see of its slot. */
interface EndingRow extends ManifestRow {
  readonly present: Instant;
  readonly before_id: string | null;
  readonly before_at: Instant | null;
  readonly before_hash: string | null;
  /** One that a gate held back since that version. */
  readonly held_back_id: string | null;
}

/** Only a release can change a slot's present while a capture of it ends, so the second look is the last one. */
const maxLooks = 5;

/** Ends the first capture of a slot, the usual one: undefined when it is another one, or one that its gate holds back. */
export function* completeFirst(
  sql: CaptureStatements,
  given: CompleteCapture,
): Generator<Query, CompletedCapture | undefined, SqlResult<never>> {
  const metrics = encodeJsonText(given.metrics ?? {});
  if (metrics.isErr() || isHeldBack(given.gate)) return undefined;
  const { captureId, rowCount, rejectCount, contentHash, publishedAt, gate } = given;
  const values = {
    capture_id: captureId,
    row_count: rowCount,
    reject_count: rejectCount,
    content_hash: contentHash,
    published_at: publishedAt,
    gate,
    metrics: metrics.value,
  };
  const [row] = (yield* ask<ManifestRow>(sql.endFirst(values))).rows;
  return row && Object.freeze<CompletedCapture>({ capture: toCapture(row), restates: false, staled: 0 });
}

/** Ends a RUNNING capture the way {@link settleCapture} says. */
export function* completeCapture(sql: CaptureStatements, given: CompleteCapture): Script<CompletedCapture> {
  const metrics = encodeJsonText(given.metrics ?? {});
  if (metrics.isErr()) return err(metrics.error);
  const key = { capture_id: given.captureId, content_hash: given.contentHash };
  for (let look = 0; look < maxLooks; look += 1) {
    const [running] = (yield* ask<EndingRow>(sql.ending(key))).rows;
    if (running === undefined) return err(captureNotFound(given.captureId));
    if (running.status !== "RUNNING") return err(captureNotRunning(toCapture(running)));
    const importedAt = optional(running.import_at);
    if (importedAt !== undefined && given.publishedAt === undefined && running.published_at === null)
      return err(importedUnpublished(given.captureId));
    const { before, after } = yield* neighboursOf(sql, running, key);
    const settlement = settleCapture(
      {
        asOf: optional(running.as_of),
        contentHash: given.contentHash ?? optional(running.content_hash),
        reason: optional(running.reason),
        gate: given.gate,
        importedAt,
      },
      { before, after, heldBack: running.held_back_id !== null, now: running.present },
    );
    const facts = { running, given, metrics: metrics.value, beforeId: optional(running.before_id) };
    const [row] = (yield* ask<ManifestRow>(sql.end({ ...endValues(facts, settlement), at: running.present }))).rows;
    if (row === undefined) continue;
    if (settlement.sameAs !== undefined) {
      yield* passOn(sql, row, settlement.sameAs);
      return completed(row, false, 0);
    }
    if (after !== undefined) yield* ask(sql.supersede({ capture_id: given.captureId, after_id: after.captureId }));
    return completed(
      row,
      settlement.restates,
      settlement.restates ? yield* markStale(sql, given.captureId, running.present) : 0,
    );
  }
  return err(unsettled(given.captureId));
}

/** Lets a capture through that its gate held back. */
export function* releaseCapture(
  sql: CaptureStatements,
  { captureId, by, why }: { readonly captureId: string; readonly by: string; readonly why: string },
): Script<CompletedCapture> {
  for (let look = 0; look < maxLooks; look += 1) {
    const [held] = (yield* ask<EndingRow>(sql.ending({ capture_id: captureId }))).rows;
    if (held === undefined) return err(captureNotFound(captureId));
    const capture = toCapture(held);
    if (held.status !== "COMPLETE" || !isHeldBack(capture.gate)) return err(captureNotHeldBack(capture));
    // Whoever releases it wants it, so the present content again is no reason to drop it.
    const importedAt = optional(held.import_at);
    const { before, after } = yield* neighboursOf(sql, held, { capture_id: captureId, content_hash: undefined });
    const { availableAt, supersedes, restates } = settleCapture(
      { ...capture, gate: "PASS", reason: "forced", importedAt },
      { before, after, heldBack: held.held_back_id !== null, now: held.present },
    );
    const [row] = (yield* ask<ManifestRow>(
      sql.release({
        capture_id: captureId,
        before_id: held.before_id,
        available_at: availableAt,
        supersedes,
      }),
    )).rows;
    if (row === undefined) continue;
    yield* ask(sql.note({ capture_id: captureId, kind: "released", by: plainText(by), why: plainText(why) }));
    if (after !== undefined) yield* ask(sql.supersede({ capture_id: captureId, after_id: after.captureId }));
    return completed(row, restates, restates ? yield* markStale(sql, captureId, held.present) : 0);
  }
  return err(unsettled(captureId));
}

/** Keeps that the content of a capture was found again, computed from these inputs, by which it is fresh or stale from now on. */
export function* noteCapture(
  sql: CaptureStatements,
  { captureId, runId, step, inputs = [] }: CaptureNote,
): Script<Capture> {
  const [found] = (yield* ask<ManifestRow>(sql.noted({ capture_id: captureId }))).rows;
  if (found === undefined) return err(captureNotFound(captureId));
  yield* ask(sql.note({ capture_id: captureId, kind: "unchanged", run_id: runId, step }));
  if (inputs.length === 0) return ok(toCapture(found));
  const values = { capture_id: captureId, inputs: JSON.stringify(inputs) };
  yield* ask(sql.link(values));
  const [row] = (yield* ask<ManifestRow>(sql.refresh(values))).rows;
  return ok(toCapture(row ?? found));
}

/** What an UNCHANGED capture was computed from, and what was computed from it, belongs to the one whose content it has. */
function* passOn(sql: CaptureStatements, unchanged: ManifestRow, sameAs: string) {
  const values = { capture_id: unchanged.capture_id, same_as: sameAs };
  yield* ask(sql.note({ capture_id: sameAs, kind: "unchanged", run_id: unchanged.run_id, step: unchanged.step }));
  yield* ask(sql.adoptInputs(values));
  yield* ask(sql.adoptDependants(values));
  yield* ask(sql.dropDependants(values));
  yield* ask(sql.refreshAs(values));
}

function* markStale(sql: CaptureStatements, captureId: string, at: Instant) {
  const { rowsAffected } = yield* ask(sql.markStale({ capture_id: captureId, at }));
  return rowsAffected;
}

/** The versions between which a capture comes: at the end, unless it is history. */
function* neighboursOf(
  sql: CaptureStatements,
  ending: EndingRow,
  key: { readonly capture_id: string; readonly content_hash: string | undefined },
) {
  if (ending.import_at === null) return { before: presentOf(ending), after: undefined };
  const before = versionOf((yield* ask<ManifestRow>(sql.versionBefore(key))).rows);
  return { before, after: versionOf((yield* ask<ManifestRow>(sql.versionAfter(key))).rows) };
}

function completed(row: ManifestRow, restates: boolean, staled: number) {
  return ok(Object.freeze<CompletedCapture>({ capture: toCapture(row), restates, staled }));
}

function presentOf({ before_id: id, before_at: at, before_hash: hash }: EndingRow): Version | undefined {
  return id === null ? undefined : { captureId: id, availableAt: optional(at), contentHash: optional(hash) };
}

function versionOf([row]: readonly Pick<ManifestRow, "capture_id" | "available_at" | "content_hash">[]):
  | Version
  | undefined {
  if (row === undefined) return undefined;
  return {
    captureId: row.capture_id,
    availableAt: optional(row.available_at),
    contentHash: optional(row.content_hash),
  };
}

function unsettled(captureId: string): DatabaseError {
  return new DatabaseError(
    `The slot of capture "${captureId}" changed each time it was looked at. Run the transaction again.`,
    {
      code: "DATABASE_CONFLICT",
      context: { captureId },
    },
  );
}
