// Captures
export {
  type Capture,
  type CaptureClock,
  type CaptureSlot,
  type CaptureStatus,
  type CaptureTier,
  type GateDecision,
  partitionKey,
  partitionParts,
  slotText,
} from "../captures/capture.ts";
export {
  compareVersions,
  type EndingCapture,
  instantBy,
  isHeldBack,
  settleCapture,
  standsAfter,
  type Settlement,
} from "../captures/settle.ts";
export { captureClocks, optionalInstant } from "../captures/clocks.ts";
export {
  type CaptureLedger,
  type CaptureLedgerOptions,
  type CaptureRecords,
  createCaptureLedger,
  type RecordComplete,
  type RecordStart,
  type ResolveSlot,
} from "../captures/ledger.ts";
export {
  type AdvanceFacts,
  createStages,
  type ReachedStage,
  type Stages,
  type StagesOptions,
} from "../captures/stages.ts";
export {
  closureOf,
  type Lineage,
  type LineageDirection,
  type LineageNode,
  type Provenance,
  stampProvenance,
} from "../captures/provenance.ts";
export {
  applyRetention,
  defineRetention,
  planRetention,
  type RemovableCapture,
  removableCaptures,
  type Retained,
  type Retention,
  type RetentionPlan,
} from "../captures/retention.ts";
export type { RemovalOptions } from "../captures/payload-removal.ts";
export { sweepCaptures, type Swept } from "../captures/sweep.ts";
