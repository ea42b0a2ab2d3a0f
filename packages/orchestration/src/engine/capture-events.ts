import type { Capture, CompletedCapture, JsonObject, NewEvent } from "@spine/core";

/** What happened to a capture, for the event log: alerts and histories read no more of it than this. */
export type CaptureEventType =
  | "capture.completed"
  | "capture.restated"
  | "capture.quarantined"
  | "capture.blocked"
  | "capture.unchanged";

export function captureEvent(
  type: CaptureEventType,
  step: string,
  { captureId, domain, partition, stage, tier, rowCount, rejectCount, reason, supersedes }: Capture,
  more: JsonObject = {},
): NewEvent {
  return {
    type,
    step,
    payload: {
      captureId,
      domain,
      partition,
      stage,
      tier,
      rowCount: rowCount ?? 0,
      rejectCount: rejectCount ?? 0,
      ...(reason === undefined ? {} : { reason }),
      ...(supersedes === undefined ? {} : { supersedes }),
      ...more,
    },
  };
}

/** The events of a capture that `commit` ended. A restatement is told twice: as a capture, and as what it makes stale. */
export function eventsOfCompletion(step: string, { capture, staled, restates }: CompletedCapture): readonly NewEvent[] {
  if (capture.status === "UNCHANGED")
    return [
      captureEvent("capture.unchanged", step, capture, capture.sameAs === undefined ? {} : { sameAs: capture.sameAs }),
    ];
  if (capture.gate === "QUARANTINE") return [captureEvent("capture.quarantined", step, capture)];
  const completed = captureEvent("capture.completed", step, capture);
  return restates ? [completed, captureEvent("capture.restated", step, capture, { staled })] : [completed];
}
