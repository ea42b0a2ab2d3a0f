import { ValidationError } from "../errors/families.ts";
import type { SpineError } from "../errors/spine-error.ts";
import type { BeginCapture } from "../pipeline/context.ts";
import { err, ok, type Result } from "../result.ts";
import type { StartCapture } from "../store/captures.ts";
import { type Instant, type InstantInput, parseInstant } from "../time.ts";

/**
 * The clocks a capture is started with, of what a caller says: history becomes available when it was published, or at the instant given.
 * Fails with `INSTANT_INVALID`, and `CAPTURE_IMPORT_INVALID` for history without a date of publication.
 */
export function captureClocks({
  publishedAt,
  imported,
}: Pick<BeginCapture, "publishedAt" | "imported">): Result<
  Pick<StartCapture, "publishedAt" | "importedAt">,
  SpineError
> {
  const published = optionalInstant(publishedAt);
  if (published.isErr()) return err(published.error);
  if (imported === undefined || imported === false) return ok({ publishedAt: published.value });
  if (published.value === undefined) return err(unpublished());
  const available = imported === true ? published : parseInstant(imported.availableAt);
  return available.map((importedAt) => ({ publishedAt: published.value, importedAt }));
}

/** {@link parseInstant} of what may be left out. */
export function optionalInstant(input: InstantInput | undefined): Result<Instant | undefined, ValidationError> {
  return input === undefined ? ok(undefined) : parseInstant(input);
}

function unpublished(): ValidationError {
  return new ValidationError("A capture of history must say when it was published. Pass `publishedAt`.", {
    code: "CAPTURE_IMPORT_INVALID",
  });
}
