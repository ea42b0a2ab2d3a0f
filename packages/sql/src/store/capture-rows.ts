import { type Capture, type CompleteCapture, type Settlement, type StartCapture } from "@spine/core";
import type { Selectable } from "kysely";
import { decodeBoolean, decodeJsonObject, optional, plainText } from "../codecs.ts";
import type { ManifestTable } from "../tables.ts";
import type { NamedValues } from "./statement.ts";

export type ManifestRow = Selectable<ManifestTable>;

const defaultLeaseMs = 60_000;

export function toCapture(row: ManifestRow): Capture {
  return Object.freeze<Capture>({
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
    gate: optional(row.gate),
    supersedes: optional(row.supersedes),
    sameAs: optional(row.same_as),
    reason: optional(row.reason),
    error: optional(row.error),
    runId: optional(row.run_id),
    step: optional(row.step),
    asOf: optional(row.as_of),
    imported: decodeBoolean(row.imported),
    staleAt: optional(row.stale_at),
    staleBy: optional(row.stale_by),
    owner: optional(row.owner),
    leaseUntil: optional(row.lease_until),
    heartbeatAt: optional(row.heartbeat_at),
    payloadRemovedAt: optional(row.payload_removed_at),
    metrics: decodeJsonObject(row.metrics),
  });
}

export function startValues(capture: StartCapture): NamedValues {
  const { captureId, domain, partition, stage, tier, owner, importedAt, leaseMs = defaultLeaseMs } = capture;
  return {
    capture_id: captureId,
    domain,
    partition,
    stage,
    tier,
    effective_date: capture.effectiveDate,
    published_at: capture.publishedAt,
    content_hash: capture.contentHash,
    reason: plainText(capture.reason),
    run_id: capture.runId,
    step: capture.step,
    owner,
    lease_ms: owner === undefined ? null : leaseMs,
    as_of: capture.asOf,
    imported: importedAt !== undefined,
    import_at: importedAt,
    inputs: JSON.stringify(capture.inputs ?? []),
  };
}

/** What is the same for a capture's end whatever it is settled to. */
export interface EndFacts {
  readonly running: ManifestRow;
  readonly given: CompleteCapture;
  readonly metrics: string;
  readonly beforeId: string | undefined;
}

export function endValues({ running, given, metrics, beforeId }: EndFacts, settlement: Settlement): NamedValues {
  return {
    capture_id: given.captureId,
    before_id: beforeId,
    status: settlement.status,
    available_at: settlement.availableAt,
    supersedes: settlement.supersedes,
    same_as: settlement.sameAs,
    reason: settlement.reason,
    row_count: given.rowCount,
    reject_count: given.rejectCount,
    content_hash: given.contentHash ?? running.content_hash,
    published_at: given.publishedAt ?? running.published_at,
    gate: given.gate,
    metrics,
  };
}
