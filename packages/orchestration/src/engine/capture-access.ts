import {
  type BeginCapture,
  type Capture,
  type CaptureAccess,
  captureClocks,
  type CaptureSlot,
  type CompleteCapture,
  type Content,
  err,
  type GateDecision,
  type Instant,
  ok,
  type Result,
  type ResultAsync,
  resultAsync,
  slotText,
  SpineError,
  standsAfter,
  type StartCapture,
  sweepCaptures,
} from "@spine/core";
import { captureEvent } from "./capture-events.ts";
import { attemptEnded, type CaptureScope } from "./capture-scope.ts";
import { deadOwnersHere } from "./owner.ts";
import { createWriter, type Writer } from "./running-capture.ts";

/** The captures one attempt begins: what `commit` completes and what a failed attempt leaves behind. */
export interface AttemptCaptures extends CaptureAccess {
  /** What a capture begun in this attempt is a version of. */
  slotOf(captureId: string): CaptureSlot | undefined;
  /** What `commit` says of each capture that is still being written. */
  completions(): readonly CompleteCapture[];
  /** Fails those that nothing completed. */
  abandon(reason: string): Promise<void>;
  /** Removes what captures that are no version have left behind; what cannot be removed now, a later sweep finds. */
  sweep(): Promise<void>;
}

export function createAttemptCaptures(scope: CaptureScope): AttemptCaptures {
  const { environment, holder } = scope;
  const { store } = environment;
  const begun: Writer[] = [];

  const current = (slot: CaptureSlot): ResultAsync<Capture | undefined, SpineError> =>
    store.captures.resolve({
      ...slotOf(slot),
      asOf: holder.asOf,
      runId: holder.asOf === undefined ? undefined : familyOf(holder.runId),
    });

  async function require(slot: CaptureSlot): Promise<Result<Capture, SpineError>> {
    const found = await current(slot);
    if (found.isErr()) return err(found.error);
    const block = await heldBackAfter(slot, "BLOCK", found.value);
    if (block.isErr()) return err(block.error);
    if (block.value !== undefined) return err(partitionBlocked(block.value));
    return found.value === undefined ? err(nothingThere(slot, holder.asOf)) : ok(found.value);
  }

  /** A capture that a gate held back since another became available, as far as was known at `asOf`. */
  async function heldBackAfter(
    slot: CaptureSlot,
    gate: GateDecision,
    present: Capture | undefined,
  ): Promise<Result<Capture | undefined, SpineError>> {
    const { asOf = "9999" } = holder;
    const held = await store.captures.list({ ...slotOf(slot), gate });
    return held.map((captures) =>
      captures.find((capture) => (capture.completedAt ?? "") <= asOf && standsAfter(capture, present)),
    );
  }

  async function unchanged({
    contentHash,
    inputs,
    ...slot
  }: Content): Promise<Result<Capture | undefined, SpineError>> {
    const found = await current(slot);
    if (found.isErr() || found.value?.contentHash !== contentHash) return found.map(() => undefined);
    // An old view of the world says nothing of the present one.
    if (holder.asOf !== undefined) return ok(found.value);
    // After content that a gate held back, the same content again is news.
    for (const gate of ["BLOCK", "QUARANTINE"] as const) {
      const held = await heldBackAfter(slot, gate, found.value);
      if (held.isErr() || held.value !== undefined) return held.map(() => undefined);
    }
    const noted = await store.captures.note({
      captureId: found.value.captureId,
      runId: holder.runId,
      step: holder.step,
      inputs,
    });
    return noted.map((capture) => {
      scope.tell(captureEvent("capture.unchanged", holder.step, capture));
      return capture;
    });
  }

  async function begin(request: BeginCapture): Promise<Result<Writer, SpineError>> {
    if (!scope.isOpen()) return err(attemptEnded(request));
    const clocks = captureClocks(request);
    if (clocks.isErr()) return err(clocks.error);
    const { contentHash, effectiveDate, inputs, reason } = request;
    const start: StartCapture = {
      ...slotOf(request),
      ...clocks.value,
      contentHash,
      effectiveDate,
      inputs,
      reason,
      captureId: environment.ids.next("cap"),
      runId: holder.runId,
      step: holder.step,
      owner: holder.owner,
      asOf: holder.asOf,
    };
    let started = await store.captures.start(start);
    if (started.isErr() && started.error.code === "CAPTURE_HELD") {
      // Its process may be one that this machine sees is gone: then nobody need wait for its lease.
      const deadOwners = await deadOwnersHere(store.owners);
      if (deadOwners.isErr()) return err(deadOwners.error);
      if (deadOwners.value.length > 0) started = await store.captures.start({ ...start, deadOwners: deadOwners.value });
    }
    return started.map(({ captureId }) => createWriter(scope, request, captureId));
  }

  return {
    current,
    require: (slot) => resultAsync(() => require(slot)),
    unchanged: (content) => resultAsync(() => unchanged(content)),
    begin: (request) =>
      resultAsync(async () => {
        const writer = await begin(request);
        return writer.map((opened) => {
          begun.push(opened);
          return opened.running;
        });
      }),
    slotOf: (captureId) => begun.find(({ running }) => running.captureId === captureId)?.running.slot,
    completions: () => begun.filter(({ isWriting }) => isWriting()).map((writer) => writer.completion()),
    async abandon(reason) {
      for (const { running } of begun.filter(({ isWriting }) => isWriting()))
        await store.captures.fail({ captureId: running.captureId, error: reason });
    },
    async sweep() {
      if (begun.length === 0) return;
      const swept = await sweepCaptures(store);
      if (swept.isErr())
        environment.logger.warn("Rows of captures that are no version could not be removed yet.", {
          error: swept.error.message,
        });
    },
  };
}

/** A child run's id begins with its parent's: what one of a family captures in an old world, all of it see. */
function familyOf(runId: string): string {
  return runId.split(":", 1)[0] ?? runId;
}

function slotOf({ domain, partition, stage, tier }: CaptureSlot): CaptureSlot {
  return { domain, partition, stage, tier };
}

function nothingThere(slot: CaptureSlot, asOf: Instant | undefined): SpineError {
  const when = asOf === undefined ? "" : ` that was available at ${asOf}`;
  return new SpineError("CAPTURE_NOT_FOUND", `There is no capture of ${slotText(slot)}${when}. Capture it first.`, {
    context: { domain: slot.domain, partition: slot.partition, stage: slot.stage },
  });
}

function partitionBlocked(block: Capture): SpineError {
  return new SpineError(
    "PARTITION_BLOCKED",
    `${slotText(block)} is blocked: a gate refused capture ${block.captureId} at ${block.completedAt}. Capture it again, or release that capture.`,
    {
      context: {
        captureId: block.captureId,
        domain: block.domain,
        partition: block.partition,
        remedy: `spine captures show ${block.captureId}`,
      },
    },
  );
}
