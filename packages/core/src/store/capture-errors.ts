import { type Capture, type CaptureSlot, slotText } from "../captures/capture.ts";
import { StorageError, ValidationError } from "../errors/families.ts";
import type { Instant } from "../time.ts";

type Holder = Pick<Capture, "captureId" | "startedAt" | "runId" | "owner" | "leaseUntil">;

/** `CAPTURE_HELD`. @param holder undefined when it has ended since */
export function captureHeld(slot: CaptureSlot, holder: Holder | undefined): StorageError {
  if (holder === undefined) {
    return new StorageError(`${slotText(slot)} was held by another capture until a moment ago. Try again.`, {
      code: "CAPTURE_HELD",
    });
  }
  const { captureId, startedAt: since, leaseUntil } = holder;
  const remedy =
    leaseUntil === undefined
      ? "It has no lease: wait for it, or end it when its process is gone."
      : `Its lease runs until ${leaseUntil}: wait for it, or for the lease to run out.`;
  return new StorageError(`${slotText(slot)} is held by ${holderText(holder)} since ${since}. ${remedy}`, {
    code: "CAPTURE_HELD",
    context: {
      captureId,
      since,
      ...(holder.runId === undefined ? {} : { runId: holder.runId }),
      ...(holder.owner === undefined ? {} : { owner: holder.owner }),
      ...(leaseUntil === undefined ? {} : { leaseUntil }),
    },
  });
}

/** What is kept as the error of a capture whose slot somebody else takes over. */
export function takeoverText(holder: Holder, now: Instant): string {
  const { leaseUntil } = holder;
  const why =
    leaseUntil !== undefined && leaseUntil <= now ? `its lease ran out at ${leaseUntil}` : "its process is gone";
  return `Taken over from ${holderText(holder)}: ${why}.`;
}

/** `CAPTURE_NOT_FOUND`. */
export function captureNotFound(captureId: string): StorageError {
  return new StorageError(`No capture has the id "${captureId}". List them with \`spine captures\`.`, {
    code: "CAPTURE_NOT_FOUND",
    context: { captureId },
  });
}

/** `CAPTURE_NOT_RUNNING`. */
export function captureNotRunning({
  captureId,
  status,
  error,
}: Pick<Capture, "captureId" | "status" | "error">): StorageError {
  const why = error === undefined ? "" : ` (${error})`;
  return new StorageError(
    `Capture "${captureId}" is ${status}${why}: it takes no more rows and cannot end twice. Start a new one.`,
    { code: "CAPTURE_NOT_RUNNING", context: { captureId, status } },
  );
}

/** `CAPTURE_NOT_HELD_BACK`. */
export function captureNotHeldBack({ captureId, status, gate }: Capture): StorageError {
  const decision = gate === undefined ? "no gate judged it" : `its gate said ${gate}`;
  return new StorageError(`Capture "${captureId}" is ${status} and ${decision}, so there is nothing to release.`, {
    code: "CAPTURE_NOT_HELD_BACK",
    context: { captureId, status, ...(gate === undefined ? {} : { gate }) },
  });
}

/** `CAPTURE_IN_USE`. */
export function captureInUse(capture: Capture): StorageError {
  const why = capture.status === "RUNNING" ? "is being written" : `is what readers see of ${slotText(capture)}`;
  return new StorageError(`Capture "${capture.captureId}" ${why}, so its rows stay.`, {
    code: "CAPTURE_IN_USE",
    context: { captureId: capture.captureId, status: capture.status },
  });
}

/** `CAPTURE_IMPORT_INVALID`: history that would become available in the future. */
export function importedInFuture(captureId: string, importedAt: Instant, now: Instant): ValidationError {
  return new ValidationError(
    `Capture "${captureId}" is history and cannot become available at ${importedAt}, which is after now (${now}).`,
    { code: "CAPTURE_IMPORT_INVALID", field: "importedAt", value: importedAt, context: { captureId } },
  );
}

/** `CAPTURE_IMPORT_INVALID`: history without its published clock. */
export function importedUnpublished(captureId: string): ValidationError {
  return new ValidationError(
    `Capture "${captureId}" is history and must say when its source published it. Pass \`publishedAt\`.`,
    { code: "CAPTURE_IMPORT_INVALID", field: "publishedAt", context: { captureId } },
  );
}

function holderText({ captureId, runId, owner }: Holder): string {
  const run = runId === undefined ? "" : ` of run ${runId}`;
  return `capture ${captureId}${run}${owner === undefined ? "" : `, owner ${owner}`}`;
}
