import type { SpineError } from "../errors/spine-error.ts";
import type { IdSource } from "../ids.ts";
import type { BeginCapture, CaptureFacts } from "../pipeline/context.ts";
import { err, errAsync, ok, okAsync, type Result, type ResultAsync, resultAsync } from "../result.ts";
import type {
  CaptureNote,
  CaptureRemark,
  CaptureStore,
  CompletedCapture,
  ListCaptures,
  ResolveCapture,
} from "../store/captures.ts";
import { captureNotFound } from "../store/capture-errors.ts";
import type { InstantInput } from "../time.ts";
import type { Capture, CaptureTier, GateDecision } from "./capture.ts";
import { captureClocks, optionalInstant } from "./clocks.ts";
import { closureOf, type Lineage, type LineageDirection } from "./provenance.ts";
import { createStages, type Stages, type StagesOptions } from "./stages.ts";

export interface RecordStart extends BeginCapture {
  readonly runId?: string | undefined;
  readonly step?: string | undefined;
}

export interface RecordComplete extends CaptureFacts {
  readonly rowCount: number;
  /** What a gate said. @defaultValue none, which lets the capture through */
  readonly gate?: GateDecision | undefined;
}

export interface ResolveSlot extends Omit<ResolveCapture, "asOf"> {
  /** @defaultValue now: the present capture */
  readonly asOf?: InstantInput | undefined;
}

/** What of the ledger can take part in a transaction. */
export interface CaptureRecords {
  /** Whether readers have a capture of the slot (seed 001 §3). */
  checkComplete(domain: string, partition: string, stage: string, tier: CaptureTier): ResultAsync<boolean, SpineError>;
  /**
   * Ends a capture; a number is its count of rows. Content that is there already ends it as UNCHANGED. Fails with `CAPTURE_NOT_RUNNING`,
   * `CAPTURE_NOT_FOUND`.
   */
  recordComplete(captureId: string, facts: number | RecordComplete): ResultAsync<CompletedCapture, SpineError>;
  /** Ends a capture as FAILED; one that has ended already stays as it is. */
  recordFailed(captureId: string, reason: string): ResultAsync<void, SpineError>;
  /** Makes a capture that a gate held back available. Fails with `CAPTURE_NOT_HELD_BACK`, `CAPTURE_NOT_FOUND`. */
  release(
    captureId: string,
    options: { readonly by: string; readonly why: string },
  ): ResultAsync<CompletedCapture, SpineError>;
  /** Keeps the fact that content was found unchanged. Fails with `CAPTURE_NOT_FOUND`. */
  note(note: CaptureNote): ResultAsync<Capture, SpineError>;
  /** What became of a capture since it was complete, oldest first. */
  remarks(captureId: string): ResultAsync<readonly CaptureRemark[], SpineError>;
  /** The capture readers see, or saw at `asOf` by a clock, as a whole. */
  resolve(slot: ResolveSlot): ResultAsync<Capture | undefined, SpineError>;
  /** Fails with `CAPTURE_NOT_FOUND`. */
  get(captureId: string): ResultAsync<Capture, SpineError>;
  /** Newest first. */
  list(filter?: ListCaptures): ResultAsync<readonly Capture[], SpineError>;
  /** What a capture was computed from, however far back. Fails with `CAPTURE_NOT_FOUND`. */
  upstreamOf(captureId: string): ResultAsync<Lineage, SpineError>;
  /** What was computed from a capture, however far on. Fails with `CAPTURE_NOT_FOUND`. */
  downstreamOf(captureId: string): ResultAsync<Lineage, SpineError>;
}

/** The ledger of captures, for code outside pipelines: what `spine.captures` is. Inside, the pipeline's `capture` does this. */
export interface CaptureLedger extends CaptureRecords {
  /**
   * Starts a capture, in a commit of its own, held by this process as long as it lives. Fails with `CAPTURE_HELD` while another capture of
   * the slot runs, `INSTANT_INVALID`, `CAPTURE_IMPORT_INVALID`.
   */
  recordStart(capture: RecordStart): ResultAsync<Capture, SpineError>;
  /** Progress of partitions as a row of stages (seed 001 §4). */
  stages(options: StagesOptions): Stages;
  /** The same records inside a transaction: what it writes happens with the rest of it or not at all. */
  within(tx: { readonly captures: CaptureStore }): CaptureRecords;
}

export interface CaptureLedgerOptions {
  readonly store: { readonly captures: CaptureStore };
  readonly ids: IdSource;
  /** The process that writes; `ensure` makes its lease known before its first capture. @defaultValue none: captures are held until ended */
  readonly owner?: { readonly id: string; ensure(): ResultAsync<void, SpineError> } | undefined;
}

export function createCaptureLedger({ store, ids, owner }: CaptureLedgerOptions): CaptureLedger {
  const ledger: CaptureLedger = Object.freeze<CaptureLedger>({
    ...recordsOf(store.captures),
    recordStart(capture) {
      const clocks = captureClocks(capture);
      if (clocks.isErr()) return errAsync(clocks.error);
      const { publishedAt: _published, imported: _imported, ...given } = capture;
      const ensured = owner === undefined ? okAsync<void, SpineError>(undefined) : owner.ensure();
      return ensured.andThen(() =>
        store.captures.start({
          ...given,
          ...clocks.value,
          captureId: ids.next("cap"),
          owner: owner?.id,
        }),
      );
    },
    stages: (options) => createStages(ledger, options),
    within: (tx) => recordsOf(tx.captures),
  });
  return ledger;
}

function recordsOf(captures: CaptureStore): CaptureRecords {
  const get = (captureId: string): ResultAsync<Capture, SpineError> =>
    captures
      .get({ captureId })
      .andThen((capture) => (capture === undefined ? err(captureNotFound(captureId)) : ok(capture)));

  return Object.freeze<CaptureRecords>({
    checkComplete: (domain, partition, stage, tier) =>
      captures.resolve({ domain, partition, stage, tier }).map((capture) => capture !== undefined),
    recordComplete(captureId, facts) {
      const { publishedAt, ...rest } = typeof facts === "number" ? { rowCount: facts, publishedAt: undefined } : facts;
      return fromResult(optionalInstant(publishedAt)).andThen((published) =>
        captures.complete({ ...rest, captureId, publishedAt: published }),
      );
    },
    recordFailed: (captureId, reason) => captures.fail({ captureId, error: reason }),
    release: (captureId, { by, why }) => captures.release({ captureId, by, why }),
    note: (note) => captures.note(note),
    remarks: (captureId) => captures.remarks({ captureId }),
    resolve: ({ asOf, ...slot }) =>
      fromResult(optionalInstant(asOf)).andThen((instant) => captures.resolve({ ...slot, asOf: instant })),
    get,
    list: (filter = {}) => captures.list(filter),
    upstreamOf: (captureId) => resultAsync(() => lineageOf(captures, captureId, "up")),
    downstreamOf: (captureId) => resultAsync(() => lineageOf(captures, captureId, "down")),
  });
}

async function lineageOf(
  captures: CaptureStore,
  captureId: string,
  direction: LineageDirection,
): Promise<Result<Lineage, SpineError>> {
  const edges = await captures.edges({ captureId, direction });
  if (edges.isErr()) return err(edges.error);
  const reached = closureOf(edges.value, { captureId, direction });
  const found = await captures.many({ captureIds: [captureId, ...reached.map((node) => node.captureId)] });
  if (found.isErr()) return err(found.error);
  const byId = new Map(found.value.map((capture) => [capture.captureId, capture]));
  const root = byId.get(captureId);
  if (root === undefined) return err(captureNotFound(captureId));
  const nodes = reached.flatMap((node) => {
    const capture = byId.get(node.captureId);
    return capture === undefined ? [] : [Object.freeze({ ...node, capture })];
  });
  return ok(Object.freeze({ root, direction, nodes: Object.freeze(nodes), edges: edges.value }));
}

function fromResult<T>(result: Result<T, SpineError>): ResultAsync<T, SpineError> {
  return result.isErr() ? errAsync(result.error) : okAsync(result.value);
}
