import {
  type Capture,
  type CaptureSlot,
  slotText,
  type SpineError,
  type StartCapture,
  StorageError,
} from "@spine/core";
import type { Insertable, RawBuilder, Selectable } from "kysely";
import { decodeJsonObject, optional, plainText } from "../codecs.ts";
import type { Instant } from "@spine/core";
import type { ManifestTable } from "../tables.ts";

export function newManifestRow(capture: StartCapture, now: RawBuilder<Instant>) {
  return {
    capture_id: capture.captureId,
    domain: capture.domain,
    partition_key: capture.partition,
    stage: capture.stage,
    tier: capture.tier,
    status: "RUNNING" as const,
    started_at: now,
    effective_date: capture.effectiveDate ?? null,
    published_at: capture.publishedAt ?? null,
    content_hash: capture.contentHash ?? null,
    reason: plainText(capture.reason),
    run_id: capture.runId ?? null,
    step: capture.step ?? null,
    owner: capture.owner ?? null,
    as_of: capture.asOf ?? null,
  } satisfies { [Column in keyof Insertable<ManifestTable>]?: unknown };
}

export function toCapture(row: Selectable<ManifestTable>): Capture {
  return Object.freeze({
    captureId: row.capture_id,
    domain: row.domain,
    partition: row.partition_key,
    stage: row.stage,
    tier: row.tier,
    status: row.status,
    startedAt: row.started_at,
    completedAt: optional(row.completed_at),
    rowCount: optional(row.row_count),
    rejectCount: optional(row.reject_count),
    contentHash: optional(row.content_hash),
    effectiveDate: optional(row.effective_date),
    publishedAt: optional(row.published_at),
    capturedAt: optional(row.captured_at),
    availableAt: optional(row.available_at),
    supersedes: optional(row.supersedes),
    reason: optional(row.reason),
    error: optional(row.error),
    runId: optional(row.run_id),
    step: optional(row.step),
    asOf: optional(row.as_of),
    metrics: decodeJsonObject(row.metrics),
  });
}

/** @param holder absent when it ended between the two looks: the slot is free for the next try */
export function captureHeld(slot: CaptureSlot, holder: Selectable<ManifestTable> | undefined): SpineError {
  if (holder === undefined) {
    return new StorageError(`${slotText(slot)} was held by another capture, which has just ended. Start again.`, {
      code: "CAPTURE_HELD",
    });
  }
  const { capture_id: captureId, run_id: runId, owner, started_at: since } = holder;
  const who = runId === null ? `capture ${captureId}` : `capture ${captureId} of run ${runId}`;
  return new StorageError(
    `${slotText(slot)} is held by ${who} since ${since}. Wait for it, or end it when its process is gone.`,
    {
      code: "CAPTURE_HELD",
      context: { captureId, owner: optional(owner), since, ...(runId === null ? {} : { runId }) },
    },
  );
}

export function captureNotFound(captureId: string): SpineError {
  return new StorageError(`No capture has the id "${captureId}". List them with \`spine captures\`.`, {
    code: "CAPTURE_NOT_FOUND",
    context: { captureId },
  });
}

export function captureNotRunning({ captureId, status }: Pick<Capture, "captureId" | "status">): SpineError {
  return new StorageError(`Capture "${captureId}" is ${status} and cannot end twice. Start a new one.`, {
    code: "CAPTURE_NOT_RUNNING",
    context: { captureId, status },
  });
}
