import { type Anomaly, type Capture, type CaptureRemark, type CheckResult, orThrow, type Store } from "@spine/core";

/** Everything the store knows of a capture. */
export interface CaptureDetail {
  readonly capture: Capture;
  /** What the checks of its gate found, in the order in which they ran. */
  readonly checks: readonly CheckResult[];
  readonly rejects: readonly { readonly reasonCode: string; readonly count: number }[];
  /** Newest first, at most 100. */
  readonly anomalies: readonly Anomaly[];
  /** What it was computed from, the nearest only. */
  readonly inputs: readonly Capture[];
  /** What was computed from it, the nearest only. */
  readonly derived: readonly Capture[];
  /** What became of it since it was complete, oldest first. */
  readonly remarks: readonly CaptureRemark[];
  /** Tables that hold its rows. */
  readonly tables: readonly string[];
}

export async function readCaptureDetail(store: Store, capture: Capture): Promise<CaptureDetail> {
  const { captureId } = capture;
  return {
    capture,
    checks: await orThrow(store.quality.results({ captureId })),
    rejects: await orThrow(store.anomalies.rejectCounts({ captureId })),
    anomalies: await orThrow(store.anomalies.list({ captureId, limit: 100 })),
    inputs: await neighbours(store, captureId, "up"),
    derived: await neighbours(store, captureId, "down"),
    remarks: await orThrow(store.captures.remarks({ captureId })),
    tables: await orThrow(store.payloads.tables({ captureId })),
  };
}

async function neighbours(
  { captures }: Store,
  captureId: string,
  direction: "up" | "down",
): Promise<readonly Capture[]> {
  const edges = await orThrow(captures.edges({ captureId, direction, nearest: true }));
  const ids = edges.map((edge) => (direction === "up" ? edge.input : edge.captureId));
  const found = await orThrow(captures.many({ captureIds: [...new Set(ids)] }));
  return found.toSorted((left, right) => (left.captureId < right.captureId ? -1 : 1));
}
