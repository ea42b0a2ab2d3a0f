import { type Capture, captureHeld, err, importedInFuture, ok, type StartCapture, takeoverText } from "@spine/core";
import type { Instant } from "@spine/core";
import { startValues, toCapture, type ManifestRow } from "./capture-rows.ts";
import type { CaptureStatements } from "./capture-sql.ts";
import { ask, type Script } from "./script.ts";

/** How often a slot is looked at that is free and taken again in between. */
const maxTries = 3;

/** Starts a capture in a slot that is free, or whose holder is gone. */
export function* startCapture(sql: CaptureStatements, capture: StartCapture): Script<Capture> {
  const values = startValues(capture);
  for (let tries = 1; ; tries += 1) {
    const { rows: started } = yield* ask<ManifestRow>(sql.insert(values));
    const [row] = started;
    if (row !== undefined) {
      if (isInFuture(row)) return err(importedInFuture(row.capture_id, row.import_at, row.started_at));
      if ((capture.inputs ?? []).length > 0) yield* ask(sql.link(values));
      return ok(toCapture(row));
    }
    const { rows: holders } = yield* ask<ManifestRow & { readonly present: Instant }>(sql.holder(values));
    const [holder] = holders;
    if (holder === undefined) {
      if (tries === maxTries) return err(captureHeld(capture, undefined));
      continue;
    }
    const isDead = capture.deadOwners?.includes(holder.owner ?? "") === true;
    if (tries === maxTries || !isGone(holder, isDead)) return err(captureHeld(capture, toCapture(holder)));
    yield* ask(
      sql.takeOver({
        capture_id: holder.capture_id,
        error: takeoverText(toCapture(holder), holder.present),
        dead: isDead ? 1 : 0,
      }),
    );
  }
}

/** Whoever said nothing of a lease is never thought gone. */
function isGone(holder: ManifestRow & { readonly present: Instant }, isDead: boolean): boolean {
  if (holder.owner === null) return false;
  return isDead || (holder.lease_until !== null && holder.lease_until <= holder.present);
}

function isInFuture(row: ManifestRow): row is ManifestRow & { readonly import_at: Instant } {
  return row.import_at !== null && row.import_at > row.started_at;
}
