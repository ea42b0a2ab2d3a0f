import type { Capture, CaptureClock, CaptureSlot, CaptureStatus, GateDecision } from "../captures/capture.ts";
import type { SpineError } from "../errors/spine-error.ts";
import type { JsonObject } from "../json.ts";
import type { ResultAsync } from "../result.ts";
import type { Instant } from "../time.ts";

export interface StartCapture extends CaptureSlot {
  readonly captureId: string;
  readonly effectiveDate?: string | undefined;
  readonly publishedAt?: Instant | undefined;
  readonly contentHash?: string | undefined;
  readonly reason?: string | undefined;
  readonly runId?: string | undefined;
  readonly step?: string | undefined;
  /** The process that writes it. Without one the capture has no lease: it is held until somebody ends it. */
  readonly owner?: string | undefined;
  /** How long the owner may be silent; renewed with the owner's own lease. @defaultValue 60,000 when there is an owner */
  readonly leaseMs?: number | undefined;
  /** Owners the caller knows to be gone: what they hold is taken over although its lease has not run out. */
  readonly deadOwners?: readonly string[] | undefined;
  readonly asOf?: Instant | undefined;
  readonly inputs?: readonly string[] | undefined;
  /** Makes it history: it becomes available at this instant instead of at its completion. */
  readonly importedAt?: Instant | undefined;
}

export interface CompleteCapture {
  readonly captureId: string;
  readonly rowCount: number;
  readonly rejectCount?: number | undefined;
  readonly contentHash?: string | undefined;
  readonly publishedAt?: Instant | undefined;
  /** @defaultValue none, which lets the capture through */
  readonly gate?: GateDecision | undefined;
  readonly metrics?: JsonObject | undefined;
}

export interface CompletedCapture {
  /** COMPLETE, or UNCHANGED when its content is that of the present capture. */
  readonly capture: Capture;
  /** Whether it is a restatement: a later capture with other content. */
  readonly restates: boolean;
  /** How many captures it made stale. */
  readonly staled: number;
}

export interface ListCaptures {
  readonly domain?: string | undefined;
  readonly partition?: string | undefined;
  readonly stage?: string | undefined;
  readonly tier?: string | undefined;
  readonly status?: CaptureStatus | undefined;
  readonly gate?: GateDecision | undefined;
  readonly runId?: string | undefined;
  /** Only the stale ones, or only those that are not. */
  readonly stale?: boolean | undefined;
  /** Only versions that readers see, now or at some instant: COMPLETE, not held back, not of an old view of the world. */
  readonly available?: boolean | undefined;
  /** Only captures started before this one: the last id of the page before. */
  readonly before?: string | undefined;
  /** @defaultValue 100 */
  readonly limit?: number | undefined;
}

export interface ResolveCapture {
  readonly domain: string;
  readonly partition: string;
  readonly stage: string;
  /** @defaultValue any tier: the last capture of them all */
  readonly tier?: string | undefined;
  /** @defaultValue now: the present capture */
  readonly asOf?: Instant | undefined;
  /** @defaultValue "available" */
  readonly clock?: CaptureClock | undefined;
  /** A run with an `asOf` of its own: what it and its child runs (`<run>:…`) wrote comes before what the world had then. */
  readonly runId?: string | undefined;
}

/** What is known of one partition at one stage, without its history. */
export interface SlotHead {
  readonly partition: string;
  readonly tier: string;
  /** The capture readers see. */
  readonly current: Capture | undefined;
  /** The capture that was started last, seen or not; never one of an old view of the world. */
  readonly latest: Capture;
}

/** `captureId` was computed from `input`. */
export interface CaptureEdge {
  readonly captureId: string;
  readonly input: string;
}

/** Somebody looked at a slot and found the content of its present capture. */
export interface CaptureNote {
  readonly captureId: string;
  readonly runId?: string | undefined;
  readonly step?: string | undefined;
  /** What the same content was computed from this time; they join the capture's inputs, and it is stale no more when all are fresh. */
  readonly inputs?: readonly string[] | undefined;
}

/** What became of a capture after it was complete: its content was found again, or somebody let it through. */
export type CaptureRemark =
  | {
      readonly kind: "unchanged";
      readonly at: Instant;
      readonly runId: string | undefined;
      readonly step: string | undefined;
    }
  | { readonly kind: "released"; readonly at: Instant; readonly by: string; readonly why: string };

/**
 * The ledger of captures (`core_manifest`). Times are the store's own clock. What a completion means is decided by
 * {@link settleCapture}, the same in every store.
 */
export interface CaptureStore {
  /**
   * Fails with `CAPTURE_HELD` while another capture of the slot runs: a unique index decides, not a look before. A holder whose lease has
   * run out, or whose owner is one of `deadOwners`, becomes FAILED with that reason in the same commit.
   */
  start(capture: StartCapture): ResultAsync<Capture, SpineError>;
  /**
   * Ends a RUNNING capture and, unless its gate holds it back, makes it available. A restatement marks everything that was computed
   * from the slot's other content stale, transitively, in the same commit. Fails with `CAPTURE_NOT_RUNNING`, `CAPTURE_NOT_FOUND`.
   */
  complete(capture: CompleteCapture): ResultAsync<CompletedCapture, SpineError>;
  /** Ends a RUNNING capture as FAILED; one that has ended already stays as it is. */
  fail(capture: { readonly captureId: string; readonly error: string }): ResultAsync<void, SpineError>;
  /** Makes a capture that its gate held back available after all, now; history at its instant. Fails with `CAPTURE_NOT_HELD_BACK`, `CAPTURE_NOT_FOUND`. */
  release(capture: {
    readonly captureId: string;
    readonly by: string;
    readonly why: string;
  }): ResultAsync<CompletedCapture, SpineError>;
  /** Keeps the fact that content was found unchanged. Fails with `CAPTURE_NOT_FOUND`. */
  note(note: CaptureNote): ResultAsync<Capture, SpineError>;
  /** What became of a capture since it was complete, oldest first; nothing for one that is unknown. */
  remarks(capture: { readonly captureId: string }): ResultAsync<readonly CaptureRemark[], SpineError>;
  get(capture: { readonly captureId: string }): ResultAsync<Capture | undefined, SpineError>;
  /** Those that are there, in no order; any number of ids. */
  many(captures: { readonly captureIds: readonly string[] }): ResultAsync<readonly Capture[], SpineError>;
  /**
   * The last capture that was available at `asOf` by the clock, as a whole. Of captures with the same instant the one that became
   * available later, then the one with the greater content hash, then the greater id: so the order of loading never counts.
   */
  resolve(slot: ResolveCapture): ResultAsync<Capture | undefined, SpineError>;
  /** Newest first. */
  list(filter: ListCaptures): ResultAsync<readonly Capture[], SpineError>;
  /** One entry for each partition and tier that has any capture, by partition, then tier. */
  heads(filter: {
    readonly domain: string;
    readonly stage: string;
    readonly tier?: string | undefined;
    /** @defaultValue all of them */
    readonly partitions?: readonly string[] | undefined;
  }): ResultAsync<readonly SlotHead[], SpineError>;
  /** What a capture was computed from (`up`), or what was computed from it (`down`): all edges of the closure, each once. */
  edges(from: {
    readonly captureId: string;
    readonly direction: "up" | "down";
    /** Only the nearest ones. @defaultValue the whole closure */
    readonly nearest?: boolean | undefined;
  }): ResultAsync<readonly CaptureEdge[], SpineError>;
}
