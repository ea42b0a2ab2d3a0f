// Store ports
export { memory } from "../memory.ts";
export type { Store, StoreEnvironment, StoreProvider } from "../store/store.ts";
export type { StoreTransaction, Transaction } from "../store/transaction.ts";
export {
  closedError,
  doomedError,
  nestedError,
  savepointOpenError,
  tooLongError,
} from "../store/transaction-errors.ts";
export type { AnomalyStore, NewAnomaly, NewReject } from "../store/anomalies.ts";
export type {
  CaptureEdge,
  CaptureNote,
  CaptureRemark,
  CaptureStore,
  CompleteCapture,
  CompletedCapture,
  ListCaptures,
  ResolveCapture,
  SlotHead,
  StartCapture,
} from "../store/captures.ts";
export {
  captureHeld,
  captureInUse,
  captureNotFound,
  captureNotHeldBack,
  captureNotRunning,
  importedInFuture,
  importedUnpublished,
  takeoverText,
} from "../store/capture-errors.ts";
export type { PayloadStore } from "../store/payloads.ts";
export type { NewCheckResult, QualityStore } from "../store/quality.ts";
export type { ReadinessStore } from "../store/readiness.ts";
export type { BackfillStore } from "../store/backfills.ts";
export { anomalyNotFound, moveAnomaly } from "../quality/anomaly-life.ts";
export {
  backfillNotEnded,
  backfillNotFound,
  backfillStatusAfter,
  isBackfillEnd,
  moveBackfill,
} from "../backfill/backfill-life.ts";
export type { ItemRecord, ItemSettlement, ItemStatus, ItemStore, ItemTally } from "../store/items.ts";
export type { OwnerRecord, OwnerStore } from "../store/owners.ts";
export type { SignalRecord, SignalStore } from "../store/signals.ts";
export type { SlotStore } from "../store/slots.ts";
export { isReference, type Reference, type ReferenceStore } from "../store/references.ts";
export type {
  AttemptEnd,
  AttemptRecord,
  AttemptStatus,
  CheckpointResult,
  EventRecord,
  ListRuns,
  NewEvent,
  NewRun,
  RunHistory,
  RunKind,
  RunRecord,
  RunRequest,
  RunStatus,
  RunStore,
  StepCounts,
  StepRecord,
  StepSettlement,
  StepStart,
  StepStatus,
  Suspension,
  Transition,
} from "../store/runs.ts";
export { quoteIdentifier, type SqlExecutor, type SqlResult, type SqlRow, type SqlValue } from "../store/sql.ts";
