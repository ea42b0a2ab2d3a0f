import {
  type Capture,
  type CaptureStore,
  type CompleteCapture,
  type CompletedCapture,
  err,
  ok,
  type Result,
  type SpineError,
  type StartCapture,
} from "@spine/core";
import { plainText } from "../codecs.ts";
import { completeCapture, completeFirst, noteCapture, releaseCapture } from "./capture-end.ts";
import { edgesFrom, first, headsOf, listCaptures, remarksOf, resolveCapture } from "./capture-reads.ts";
import { type ManifestRow, startValues, toCapture } from "./capture-rows.ts";
import { startCapture } from "./capture-start.ts";
import type { StoreContext } from "./context.ts";

/** The ledger of captures over `core_manifest`. What is written often or looked up is a statement whose text was made at the opening. */
export function createCaptureStore(context: StoreContext): CaptureStore {
  const { attempt, db, prepared, script, statements, traits } = context;
  const sql = statements.captures;

  async function start(capture: StartCapture): Promise<Result<Capture, SpineError>> {
    // The usual case is one statement and one commit. History may have to be taken back, and a holder looked at.
    if (traits.hotForm === "statement" && capture.importedAt === undefined) {
      const started = await prepared<ManifestRow>(sql.insertWithInputs(startValues(capture)));
      if (started.isErr()) return err(started.error);
      const [row] = started.value.rows;
      if (row !== undefined) return ok(toCapture(row));
    }
    return script(() => startCapture(sql, capture));
  }

  async function complete(capture: CompleteCapture): Promise<Result<CompletedCapture, SpineError>> {
    if (traits.hotForm === "script") {
      return script(function* () {
        const completed = yield* completeFirst(sql, capture);
        return completed === undefined ? yield* completeCapture(sql, capture) : ok(completed);
      });
    }
    // The usual case is one statement and one commit here too.
    const usual = completeFirst(sql, capture);
    const asked = usual.next();
    if (asked.done === true) return script(() => completeCapture(sql, capture));
    const ended = await prepared<never>(asked.value);
    if (ended.isErr()) return err(ended.error);
    const completed = usual.next(ended.value).value as CompletedCapture | undefined;
    return completed === undefined ? script(() => completeCapture(sql, capture)) : ok(completed);
  }

  return Object.freeze<CaptureStore>({
    start: (capture) => attempt(() => start(capture)),
    complete: (capture) => attempt(() => complete(capture)),
    fail: ({ captureId, error }) =>
      attempt(async () =>
        (await prepared(sql.fail({ capture_id: captureId, error: plainText(error) }))).map(() => undefined),
      ),
    release: (capture) => attempt(() => script(() => releaseCapture(sql, capture))),
    note: (note) => attempt(() => script(() => noteCapture(sql, note))),
    remarks: ({ captureId }) => attempt(() => remarksOf(context, captureId)),
    get: ({ captureId }) => attempt(() => first(context, sql.get({ capture_id: captureId }))),
    many: ({ captureIds }) =>
      attempt(async () => {
        const found = await prepared<ManifestRow>(sql.many({ ids: JSON.stringify(captureIds) }));
        return found.map(({ rows }) => Object.freeze(rows.map(toCapture)));
      }),
    resolve: (slot) => attempt(() => resolveCapture(context, slot)),
    list: (filter) => attempt(() => listCaptures(db, filter)),
    heads: (filter) => attempt(() => headsOf(context, filter)),
    edges: (from) => attempt(() => edgesFrom(context, from)),
  });
}
