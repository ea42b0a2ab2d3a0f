import { ok } from "../result.ts";
import type { CaptureStore } from "../store/captures.ts";
import type { Instant } from "../time.ts";
import type { Access } from "./access.ts";
import { completeCapture, noteUnchanged, releaseCapture } from "./capture-end.ts";
import { headsOf, listCaptures, resolveCapture } from "./capture-reads.ts";
import { failCapture, startCapture } from "./capture-start.ts";
import { edgesFrom } from "./lineage.ts";
import { capturesOf } from "./slots.ts";
import type { LedgerTables } from "./state.ts";

export function createCaptureStore(ledger: LedgerTables, access: Access, now: () => Instant): CaptureStore {
  return Object.freeze<CaptureStore>({
    start: (capture) => access.write(() => startCapture(ledger, capture, now())),
    complete: (capture) => access.write(() => completeCapture(ledger, capture, now())),
    fail: ({ captureId, error }) =>
      access.write(() => {
        const capture = ledger.captures.get(captureId);
        if (capture?.status === "RUNNING") failCapture(ledger, capture, error, now());
        return ok(undefined);
      }),
    release: (release) => access.write(() => releaseCapture(ledger, release, now())),
    note: (note) => access.write(() => noteUnchanged(ledger, note, now())),
    remarks: ({ captureId }) => access.read(() => ok(ledger.remarks.get(captureId) ?? Object.freeze([]))),
    get: ({ captureId }) => access.read(() => ok(ledger.captures.get(captureId))),
    many: ({ captureIds }) => access.read(() => ok(Object.freeze(capturesOf(ledger, [...new Set(captureIds)])))),
    resolve: (slot) => access.read(() => ok(resolveCapture(ledger, slot))),
    list: (filter) => access.read(() => ok(Object.freeze(listCaptures(ledger, filter)))),
    heads: (filter) => access.read(() => ok(Object.freeze(headsOf(ledger, filter)))),
    edges: (from) => access.read(() => ok(edgesFrom(ledger, from))),
  });
}
