import { errAsync, type Instant, type Json, type ResultAsync, SpineError } from "@spine/core";
import type { EngineEnvironment } from "./scope.ts";

/** The current capture of a slot, at the instant the run reads at. */
export function readySlot(
  { store }: EngineEnvironment,
  slot: { readonly domain: string; readonly partition: string; readonly stage: string; readonly tier?: string },
  asOf: Instant | undefined,
): ResultAsync<Json | undefined, SpineError> {
  if (store === undefined) {
    return errAsync(
      new SpineError("CAPABILITY_MISSING", "A run without a store has no captures to wait for. Give it a store."),
    );
  }
  return store.captures
    .resolve({
      domain: slot.domain,
      partition: slot.partition,
      stage: slot.stage,
      tier: slot.tier ?? "BRONZE",
      asOf,
    })
    .map((capture) =>
      capture === undefined
        ? undefined
        : Object.freeze({ captureId: capture.captureId, availableAt: capture.availableAt ?? null }),
    );
}
