import {
  canonicalJson,
  type Capture,
  type CaptureSlot,
  createRowsHasher,
  encodeJsonObject,
  type Json,
  type JsonObject,
  orThrow,
  type PipelineContext,
  PipelineError,
  type RejectReport,
  type Result,
  type RunningCapture,
  type Skipped,
  skipped,
  slotText,
  type SpineError,
  type SqlValue,
} from "@spine/core";
import type { FinraTables } from "../tables/tables.ts";
import { inBatches } from "./in-batches.ts";
import { outputOf, type StageOutput } from "./stage-schemas.ts";

export interface Stage<Output> {
  readonly slot: CaptureSlot;
  /** A Friday. */
  readonly week: string;
  readonly tier: string;
  readonly table: keyof FinraTables;
  /** The captures it is computed from, at least one. */
  readonly inputs: readonly Capture[];
  /** What besides the inputs decides about the rows. */
  readonly parameters?: JsonObject;
  /** Changed when the rules change, so that what they made before is computed again. */
  readonly version: string;
  readonly force: boolean;
  readonly output: { parse(value: unknown): Output };
}

export type StageRow = Readonly<Record<string, SqlValue>>;

export interface Computed<Output extends StageOutput> {
  /** In the order of their key. */
  readonly rows: readonly StageRow[];
  readonly facts: Omit<Output, "captureId">;
  readonly rejects?: readonly RejectReport[];
  /** What is worth telling of the capture once it has an id. */
  readonly report?: (capture: RunningCapture) => Promise<void>;
}

/**
 * Makes one derived capture: looks whether the current one was computed from the same content, computes, writes, commits. A second
 * capture of an input that was forced makes nothing stale, so inputs are compared by content and not by id.
 *
 * Rows of one week and tier are computed in memory (some 10^5 at most) and hashed in the order of their key before the capture begins.
 */
export async function runStage<Output extends StageOutput>(
  context: PipelineContext<unknown, Output>,
  stage: Stage<Output>,
  compute: () => Promise<Computed<Output>>,
): Promise<Skipped<Output> | Result<Output, SpineError>> {
  const { capture, signal, commit } = context;
  const basis = basisOf(stage);
  const current = await orThrow(capture.current(stage.slot));
  if (current !== undefined && !stage.force && isMadeOn(current, basis)) {
    return skipped(`already computed as ${current.captureId} from the same input`, outputOf(current, stage.output));
  }

  const { rows, facts, rejects = [], report } = await compute();
  const contentHash = hashOf(rows);
  const isSame = current?.contentHash === contentHash;
  const inputIds = stage.inputs.map(({ captureId }) => captureId).toSorted();
  const running = await orThrow(
    capture.begin({
      ...stage.slot,
      effectiveDate: stage.week,
      inputs: inputIds,
      contentHash,
      // Other input and the same rows: the new capture says so, and nothing after it is stale.
      ...(isSame ? { reason: stage.force ? "forced" : "same-content" } : {}),
    }),
  );
  const provenance = {
    week_ending: stage.week,
    tier: stage.tier,
    input_min_capture_id: inputIds.at(0) ?? "",
    input_max_capture_id: inputIds.at(-1) ?? "",
  };
  await inBatches(
    rows,
    signal,
    (batch) =>
      running.insert(
        stage.table,
        batch.map((row) => ({ ...row, ...provenance })),
      ),
    (done) => context.progress(done / rows.length, `${done} of ${rows.length} rows`),
  );
  await inBatches(rejects, signal, (batch) => running.reject(batch));
  await report?.(running);

  running.complete({
    rowCount: rows.length,
    // Records, not reasons: a record with two reasons is two rejects.
    rejectCount: facts.rejected,
    metrics: orThrow(encodeJsonObject({ ...facts, basis })),
  });
  const output = stage.output.parse({ ...facts, captureId: running.captureId });
  return commit(() => output);
}

/** The current capture of an earlier stage. Fails with `CAPTURE_NOT_FOUND`, naming the pipeline to run first. */
export async function requireInput(
  { capture }: Pick<PipelineContext, "capture">,
  slot: CaptureSlot,
  pipeline: string,
): Promise<Capture> {
  const current = await orThrow(capture.current(slot));
  if (current !== undefined) return current;
  throw new PipelineError(`There is no capture of ${slotText(slot)}. Run ${pipeline} first.`, {
    code: "CAPTURE_NOT_FOUND",
    context: { partition: slot.partition, stage: slot.stage },
  });
}

function basisOf({ inputs, parameters = {}, version }: Stage<unknown>): JsonObject {
  const content = inputs.map((input) => input.contentHash ?? input.captureId);
  return { inputs: content, parameters, version };
}

function isMadeOn(capture: Capture, basis: JsonObject): boolean {
  return canonicalJson(capture.metrics["basis"] ?? null) === canonicalJson(basis);
}

function hashOf(rows: readonly StageRow[]): string {
  const hasher = createRowsHasher();
  for (const row of rows) {
    const json: Record<string, Json> = {};
    for (const [name, value] of Object.entries(row))
      json[name] = typeof value === "bigint" ? value.toString() : (value as Json);
    hasher.add(json);
  }
  return hasher.digest();
}
