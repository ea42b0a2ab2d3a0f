import type { SpineError } from "../errors/spine-error.ts";
import { err, ok, type Result, type ResultAsync, resultAsync } from "../result.ts";
import type { Store } from "../store/store.ts";
import { type RemovalOptions, removePayload } from "./payload-removal.ts";

export interface Swept {
  /** Captures whose rows are gone now. */
  readonly captures: number;
  readonly rows: number;
}

/** How many captures are asked for at once. */
const pageSize = 100;

/**
 * Removes what captures that FAILED or turned out UNCHANGED have left in data tables: rows no reader ever saw. In short commits, so that it can
 * run beside everything else, and be stopped and repeated at will.
 */
export function sweepCaptures(
  store: Pick<Store, "payloads">,
  options: RemovalOptions = {},
): ResultAsync<Swept, SpineError> {
  return resultAsync(() => sweep(store, options));
}

async function sweep(
  { payloads }: Pick<Store, "payloads">,
  options: RemovalOptions,
): Promise<Result<Swept, SpineError>> {
  const done = new Set<string>();
  let rows = 0;
  for (;;) {
    const left = await payloads.leftovers({ limit: pageSize });
    if (left.isErr()) return err(left.error);
    const next = left.value.filter((captureId) => !done.has(captureId));
    if (next.length === 0) return ok({ captures: done.size, rows });
    for (const captureId of next) {
      const removal = await removePayload(payloads, captureId, options);
      if (removal.isErr()) return err(removal.error);
      rows += removal.value.rows;
      if (!removal.value.isDone) return ok({ captures: done.size, rows });
      done.add(captureId);
    }
  }
}
