import { AsyncLocalStorage } from "node:async_hooks";
import type { Capture, CaptureSlot } from "../captures/capture.ts";
import type { AcceptedGap } from "../expectations/gaps.ts";
import type { Certificate } from "../expectations/readiness.ts";
import type { JsonObject } from "../json.ts";
import type { Anomaly, AnomalyChange } from "../quality/anomaly.ts";
import type { CheckResult } from "../quality/check.ts";
import type { Reject } from "../quality/reject.ts";
import type { ItemRecord } from "../store/items.ts";
import type { EventRecord } from "../store/runs.ts";
import type { SignalRecord } from "../store/signals.ts";
import type { CaptureRemark } from "../store/captures.ts";
import type { Instant } from "../time.ts";
import type { BackfillState } from "./backfill-state.ts";
import { createLock, type Lock } from "./lock.ts";
import type { RunState } from "./run-state.ts";
import { createOverlay, type Table } from "./table.ts";

export interface OwnerState {
  readonly owner: string;
  readonly place: string;
  readonly pid: number;
  readonly startedAtMs: number;
  readonly leaseUntilMs: number;
}

/** What is known of a slot without looking through all captures. */
export interface SlotState {
  /** The capture that runs, of which there is at most one. */
  readonly running: string | undefined;
  /** The capture that was started last; never one of an old view of the world. */
  readonly latest: string | undefined;
  /** The capture that a gate held back last. */
  readonly heldBack: string | undefined;
  /** Captures that readers see or saw, in the order of availability (`compareVersions`): the last one is the present. */
  readonly versions: readonly string[];
}

/** What a transaction can write, besides runs. */
export interface LedgerTables {
  readonly captures: Table<string, Capture>;
  readonly slots: Table<string, SlotState>;
  /** Capture id → ids of the captures it was computed from. */
  readonly inputs: Table<string, readonly string[]>;
  /** Capture id → ids of the captures that were computed from it: `inputs`, read the other way. */
  readonly dependants: Table<string, readonly string[]>;
  /** Capture id → when it becomes available, of captures that are history. */
  readonly imports: Table<string, { readonly availableAt: Instant }>;
  /** Capture id → what became of it since it was complete, oldest first. */
  readonly remarks: Table<string, readonly CaptureRemark[]>;
  readonly anomalies: Table<string, Anomaly>;
  readonly anomalyChanges: Table<string, readonly AnomalyChange[]>;
  readonly rejects: Table<string, Reject>;
  readonly checkResults: Table<string, CheckResult>;
  readonly references: Table<string, { readonly text: string }>;
}

/** Everything the handles of one memory store share: what would be the disk. */
export interface MemoryState {
  readonly lock: Lock;
  /** Set in code that runs inside a transaction; `open` turns false when that transaction ends. */
  readonly inside: AsyncLocalStorage<{ open: boolean }>;
  readonly runs: Map<string, RunState>;
  readonly definitions: Map<string, JsonObject>;
  /** The event log; an event's sequence is its index plus one. */
  readonly events: EventRecord[];
  readonly owners: Map<string, OwnerState>;
  /** Every signal, in the order in which they came; a signal's sequence is its index plus one. */
  readonly signals: (SignalRecord & { readonly id: string })[];
  /** Run and step → the step's items, by index. */
  readonly items: Map<string, ItemRecord[]>;
  /** Key → the runs that hold its slots. */
  readonly slots: Map<string, (string | undefined)[]>;
  /** By slot. */
  readonly acceptedGaps: Map<string, AcceptedGap>;
  readonly certificates: Map<string, Certificate>;
  readonly backfills: Map<string, BackfillState>;
  readonly ledger: LedgerTables;
}

export function createState(): MemoryState {
  return {
    lock: createLock(),
    inside: new AsyncLocalStorage(),
    runs: new Map(),
    definitions: new Map(),
    events: [],
    owners: new Map(),
    signals: [],
    items: new Map(),
    slots: new Map(),
    acceptedGaps: new Map(),
    certificates: new Map(),
    backfills: new Map(),
    ledger: {
      captures: new Map(),
      slots: new Map(),
      inputs: new Map(),
      dependants: new Map(),
      imports: new Map(),
      remarks: new Map(),
      anomalies: new Map(),
      anomalyChanges: new Map(),
      rejects: new Map(),
      checkResults: new Map(),
      references: new Map(),
    },
  };
}

/** Tables over `below` whose changes are kept apart until `fold`. */
export function overlayLedger(below: LedgerTables): {
  readonly tables: LedgerTables;
  readonly fold: () => void;
} {
  const tables = {
    captures: createOverlay(below.captures),
    slots: createOverlay(below.slots),
    inputs: createOverlay(below.inputs),
    dependants: createOverlay(below.dependants),
    imports: createOverlay(below.imports),
    remarks: createOverlay(below.remarks),
    anomalies: createOverlay(below.anomalies),
    anomalyChanges: createOverlay(below.anomalyChanges),
    rejects: createOverlay(below.rejects),
    checkResults: createOverlay(below.checkResults),
    references: createOverlay(below.references),
  };
  return {
    tables,
    fold() {
      for (const table of Object.values(tables)) table.fold();
    },
  };
}

export function slotKey({ domain, partition, stage, tier }: CaptureSlot): string {
  return JSON.stringify([domain, partition, stage, tier]);
}
