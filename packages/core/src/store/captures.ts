import type { Capture, CaptureSlot, CaptureStatus } from "../captures/capture.ts";
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
  readonly owner?: string | undefined;
  readonly asOf?: Instant | undefined;
  readonly inputs?: readonly string[] | undefined;
}

export interface CompleteCapture {
  readonly captureId: string;
  readonly rowCount: number;
  readonly rejectCount?: number | undefined;
  readonly contentHash?: string | undefined;
  readonly publishedAt?: Instant | undefined;
  readonly metrics?: JsonObject | undefined;
}

export interface ListCaptures {
  readonly domain?: string | undefined;
  readonly partition?: string | undefined;
  readonly stage?: string | undefined;
  readonly tier?: string | undefined;
  readonly status?: CaptureStatus | undefined;
  readonly runId?: string | undefined;
  /** @defaultValue 100 */
  readonly limit?: number | undefined;
}

/** The ledger of captures (`core_manifest`). Times are the store's own clock. */
export interface CaptureStore {
  /** Fails with `CAPTURE_HELD` while another capture of the slot runs: a unique index decides, not a look before. */
  start(capture: StartCapture): ResultAsync<Capture, SpineError>;
  /** Completes a RUNNING capture and makes it available. Fails with `CAPTURE_NOT_RUNNING`. */
  complete(capture: CompleteCapture): ResultAsync<Capture, SpineError>;
  /** Ends a RUNNING capture as FAILED; one that has ended already stays as it is. */
  fail(capture: { readonly captureId: string; readonly error: string }): ResultAsync<void, SpineError>;
  get(capture: { readonly captureId: string }): ResultAsync<Capture | undefined, SpineError>;
  /** The last capture of the slot that was available at `asOf` (default: now). */
  current(slot: CaptureSlot & { readonly asOf?: Instant | undefined }): ResultAsync<Capture | undefined, SpineError>;
  /** Newest first. */
  list(filter: ListCaptures): ResultAsync<readonly Capture[], SpineError>;
  /** Ids of the captures a capture was computed from. */
  inputsOf(capture: { readonly captureId: string }): ResultAsync<readonly string[], SpineError>;
}
