import { type Capture, type Instant, instantOfMs, type SlotHead } from "@spine/core";

/** A capture as the ledger gives it: complete, and seen since 2025-12-01. */
export function captureRecord(given: Partial<Capture> = {}): Capture {
  const at = "2025-12-01T00:00:00.000Z" as Instant;
  return {
    captureId: "cap_000001",
    domain: "prices",
    partition: "2025-12-19",
    stage: "INGEST",
    tier: "BRONZE",
    status: "COMPLETE",
    startedAt: at,
    completedAt: at,
    rowCount: 10,
    rejectCount: 0,
    contentHash: "hash",
    effectiveDate: undefined,
    publishedAt: undefined,
    capturedAt: at,
    availableAt: at,
    gate: undefined,
    supersedes: undefined,
    sameAs: undefined,
    reason: "first",
    error: undefined,
    runId: undefined,
    step: undefined,
    asOf: undefined,
    imported: false,
    staleAt: undefined,
    staleBy: undefined,
    owner: undefined,
    leaseUntil: undefined,
    heartbeatAt: undefined,
    payloadRemovedAt: undefined,
    metrics: {},
    ...given,
  };
}

/** What is known of a slot whose last capture is the one readers see, unless it says otherwise. */
export function headOf(given: Partial<Capture> = {}): SlotHead {
  const latest = captureRecord(given);
  const isSeen = latest.status === "COMPLETE" && latest.availableAt !== undefined;
  return { partition: latest.partition, tier: latest.tier, current: isSeen ? latest : undefined, latest };
}

export function instant(text: string): Instant {
  return instantOfMs(Date.parse(text));
}
