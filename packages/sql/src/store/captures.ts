import {
  type Capture,
  type CaptureSlot,
  type CaptureStore,
  type CompleteCapture,
  err,
  type ListCaptures,
  ok,
  type Result,
  type SpineError,
  type StartCapture,
} from "@spine/core";
import { type Kysely, type Selectable, sql } from "kysely";
import { encodeJsonText, plainText } from "../codecs.ts";
import type { CoreTables, ManifestTable } from "../tables.ts";
import { captureHeld, captureNotFound, captureNotRunning, newManifestRow, toCapture } from "./capture-rows.ts";
import type { StoreContext } from "./context.ts";

type Db = Kysely<CoreTables>;

/** The ledger of captures over `core_manifest`. */
export function createCaptureStore(context: StoreContext): CaptureStore {
  const { attempt, atomic, clock, db } = context;
  return Object.freeze<CaptureStore>({
    start: (capture) => attempt(() => atomic((tx) => start(tx, context, capture))),
    complete: (capture) => attempt(() => atomic((tx) => complete(tx, context, capture))),
    fail: ({ captureId, error }) =>
      attempt(async () => {
        await db
          .updateTable("core_manifest")
          .set({ status: "FAILED", completed_at: clock.now(), error: plainText(error) })
          .where("capture_id", "=", captureId)
          .where("status", "=", "RUNNING")
          .execute();
        return ok(undefined);
      }),
    get: ({ captureId }) => attempt(async () => ok(await find(db, captureId))),
    current: ({ asOf, ...slot }) =>
      attempt(async () => {
        const row = await availableIn(db, slot)
          .selectAll()
          .$if(asOf !== undefined, (query) => query.where("available_at", "<=", asOf ?? null))
          .executeTakeFirst();
        return ok(row === undefined ? undefined : toCapture(row));
      }),
    list: (filter) => attempt(async () => ok(Object.freeze((await list(db, filter)).map(toCapture)))),
    inputsOf: ({ captureId }) =>
      attempt(async () => {
        const rows = await db
          .selectFrom("core_capture_inputs")
          .select("input_capture_id")
          .where("capture_id", "=", captureId)
          .orderBy("input_capture_id")
          .execute();
        return ok(Object.freeze(rows.map(({ input_capture_id }) => input_capture_id)));
      }),
  });
}

async function start(db: Db, { clock }: StoreContext, capture: StartCapture): Promise<Result<Capture, SpineError>> {
  const row = await db
    .insertInto("core_manifest")
    .values(newManifestRow(capture, clock.now()))
    .onConflict((conflict) =>
      conflict
        .columns(["domain", "partition_key", "stage", "tier"])
        .where(sql.ref("status"), "=", sql.lit("RUNNING"))
        .doNothing(),
    )
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) return err(await holderError(db, capture));
  const inputs = [...new Set(capture.inputs)];
  for (let from = 0; from < inputs.length; from += 500) {
    const rows = inputs
      .slice(from, from + 500)
      .map((input) => ({ capture_id: capture.captureId, input_capture_id: input }));
    await db.insertInto("core_capture_inputs").values(rows).execute();
  }
  return ok(toCapture(row));
}

/** Whoever holds the slot may have ended since; then somebody else's next try will find it free. */
async function holderError(db: Db, slot: CaptureSlot): Promise<SpineError> {
  const holder = await inSlot(db, slot).selectAll().where("status", "=", "RUNNING").executeTakeFirst();
  return captureHeld(slot, holder);
}

async function complete(
  db: Db,
  { clock }: StoreContext,
  capture: CompleteCapture,
): Promise<Result<Capture, SpineError>> {
  const metrics = encodeJsonText(capture.metrics ?? {});
  if (metrics.isErr()) return err(metrics.error);
  const running = await find(db, capture.captureId);
  if (running === undefined) return err(captureNotFound(capture.captureId));
  if (running.status !== "RUNNING") return err(captureNotRunning(running));
  const isPresent = running.asOf === undefined;
  const previous = isPresent ? await availableIn(db, running).select("capture_id").executeTakeFirst() : undefined;
  const row = await db
    .updateTable("core_manifest")
    .set({
      status: "COMPLETE",
      completed_at: clock.now(),
      captured_at: clock.now(),
      available_at: clock.now(),
      row_count: capture.rowCount,
      reject_count: capture.rejectCount ?? null,
      content_hash: capture.contentHash ?? running.contentHash ?? null,
      published_at: capture.publishedAt ?? running.publishedAt ?? null,
      supersedes: previous?.capture_id ?? null,
      reason: running.reason ?? (isPresent ? defaultReason(previous) : null),
      metrics: metrics.value,
    })
    .where("capture_id", "=", capture.captureId)
    .where("status", "=", "RUNNING")
    .returningAll()
    .executeTakeFirst();
  // It was RUNNING a moment ago, so another process has ended it in between.
  return row === undefined ? err(captureNotRunning({ ...running, status: "FAILED" })) : ok(toCapture(row));
}

/** A capture of an old view of the world is neither the first nor a restatement of the present one. */
function defaultReason(previous: object | undefined): string {
  return previous === undefined ? "first" : "restatement";
}

async function find(db: Db, captureId: string): Promise<Capture | undefined> {
  const row = await db.selectFrom("core_manifest").selectAll().where("capture_id", "=", captureId).executeTakeFirst();
  return row === undefined ? undefined : toCapture(row);
}

function list(db: Db, { limit = 100, ...filter }: ListCaptures): Promise<readonly Selectable<ManifestTable>[]> {
  return db
    .selectFrom("core_manifest")
    .selectAll()
    .where((build) =>
      build.and({
        ...(filter.domain === undefined ? {} : { domain: filter.domain }),
        ...(filter.partition === undefined ? {} : { partition_key: filter.partition }),
        ...(filter.stage === undefined ? {} : { stage: filter.stage }),
        ...(filter.tier === undefined ? {} : { tier: filter.tier }),
        ...(filter.status === undefined ? {} : { status: filter.status }),
        ...(filter.runId === undefined ? {} : { run_id: filter.runId }),
      }),
    )
    .orderBy("started_at", "desc")
    .orderBy("capture_id", "desc")
    .limit(limit)
    .execute();
}

/** Captures of a slot that readers see, the present one first. */
function availableIn(db: Db, slot: CaptureSlot) {
  return inSlot(db, slot)
    .where("status", "=", "COMPLETE")
    .where("as_of", "is", null)
    .orderBy("available_at", "desc")
    .orderBy("capture_id", "desc")
    .limit(1);
}

function inSlot(db: Db, { domain, partition, stage, tier }: CaptureSlot) {
  return db
    .selectFrom("core_manifest")
    .where("domain", "=", domain)
    .where("partition_key", "=", partition)
    .where("stage", "=", stage)
    .where("tier", "=", tier);
}
