import { slotText, StorageError } from "@spine/core";
import { type ManifestRow, toCapture } from "../store/capture-rows.ts";

/** `CAPTURE_PAYLOAD_GONE`. */
export function payloadGone(row: ManifestRow): StorageError {
  const capture = toCapture(row);
  const since = row.removal_begun_at ?? "";
  return new StorageError(
    `The rows of capture "${capture.captureId}" of ${slotText(capture)} were removed at ${since}; only its entry is left. Restore them from the archive, or ask for another instant.`,
    { code: "CAPTURE_PAYLOAD_GONE", context: { captureId: capture.captureId, removedAt: since } },
  );
}
