import { type CaptureSlot, type Instant, type NewEvent, SpineError, type Store } from "@spine/core";
import type { EngineEnvironment } from "./scope.ts";

/** The attempt that captures. */
export interface CaptureHolder {
  readonly runId: string;
  readonly step: string;
  readonly owner: string;
  readonly asOf: Instant | undefined;
}

/** What the captures of one attempt work with. */
export interface CaptureScope {
  readonly environment: EngineEnvironment & { readonly store: Store };
  readonly holder: CaptureHolder;
  /** False once the attempt has ended: nothing may be written under its captures any more. */
  readonly isOpen: () => boolean;
  /** Keeps an event that does not wait for `commit`. */
  readonly tell: (event: NewEvent) => void;
}

export function attemptEnded(slot: CaptureSlot): SpineError {
  return new SpineError(
    "CAPTURE_NOT_RUNNING",
    `The attempt that works on ${slot.domain} ${slot.partition} ${slot.stage} has ended, so it writes nothing more.`,
    { context: { domain: slot.domain, partition: slot.partition } },
  );
}
