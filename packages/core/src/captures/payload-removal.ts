import type { SpineError } from "../errors/spine-error.ts";
import { err, ok, type Result } from "../result.ts";
import type { PayloadStore } from "../store/payloads.ts";

export interface RemovalOptions {
  /** Rows of one commit. @defaultValue 5,000 */
  readonly batchRows?: number | undefined;
  /** Aborting it stops between two commits; what is left goes the next time. */
  readonly signal?: AbortSignal | undefined;
}

/** Removes the rows of one capture, batch by batch. `isDone` is false when it was stopped before the end. */
export async function removePayload(
  payloads: PayloadStore,
  captureId: string,
  { batchRows = 5000, signal }: RemovalOptions,
): Promise<Result<{ readonly rows: number; readonly isDone: boolean }, SpineError>> {
  let rows = 0;
  for (;;) {
    if (signal?.aborted === true) return ok({ rows, isDone: false });
    const batch = await payloads.remove({ captureId, limit: batchRows });
    if (batch.isErr()) return err(batch.error);
    rows += batch.value.removed;
    if (batch.value.done) return ok({ rows, isDone: true });
  }
}
