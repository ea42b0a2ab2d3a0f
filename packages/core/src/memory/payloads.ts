import { err, ok } from "../result.ts";
import { captureInUse, captureNotFound } from "../store/capture-errors.ts";
import type { PayloadStore } from "../store/payloads.ts";
import type { Instant } from "../time.ts";
import type { Access } from "./access.ts";
import { refuse } from "./no-sql.ts";
import { presentOf } from "./slots.ts";
import type { LedgerTables } from "./state.ts";

/** There are no tables without SQL, so no capture has rows: what is removed is the promise of them. */
export function createPayloadStore(ledger: LedgerTables, access: Access, now: () => Instant): PayloadStore {
  return Object.freeze<PayloadStore>({
    write: () => access.write(refuse),
    tables: () => access.read(() => ok(Object.freeze([]))),
    leftovers: () => access.read(() => ok(Object.freeze([]))),
    remove: ({ captureId }) =>
      access.write(() => {
        const capture = ledger.captures.get(captureId);
        if (capture === undefined) return err(captureNotFound(captureId));
        const isPresent = presentOf(ledger, capture)?.captureId === captureId;
        if (capture.status === "RUNNING" || isPresent) return err(captureInUse(capture));
        const payloadRemovedAt = capture.payloadRemovedAt ?? now();
        ledger.captures.set(captureId, Object.freeze({ ...capture, payloadRemovedAt }));
        return ok(Object.freeze({ removed: 0, done: true }));
      }),
  });
}
