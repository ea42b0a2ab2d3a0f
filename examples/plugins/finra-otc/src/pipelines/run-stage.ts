import {
  canonicalJson,
  type Capture,
  type CaptureSlot,
  createRowsHasher,
  encodeJson,
  encodeJsonObject,
  type Json,
  type JsonObject,
  orThrow,
  type PipelineContext,
  type RejectReport,
  type Result,
  type ResultAsync,
  type RunningCapture,
  type Skipped,
  skipped,
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
  /** Asks a gate about the capture once everything is written. */
  readonly judge?: (capture: RunningCapture) => ResultAsync<unknown, SpineError>;
}

/**
 * Makes one derived capture: looks whether the present one was computed from the same content, computes, writes, asks the gate, commits.
 * Inputs are compared by content and not by id, as a second capture of the same content changes nothing. When there is nothing new, the
 * present capture stays, and the ledger notes what it was found to rest on, so that it is not stale any more.
 *
 * Rows of one week and tier are computed in memory (some 10^5 at most) and hashed in the order of their key before the capture begins.
 */
export async function runStage<Output extends StageOutput>(
  context: PipelineContext<unknown, Output>,
  stage: Stage<Output>,
  compute: () => Promise<Computed<Output>>,
): Promise<Skipped<Output> | Result<Output, SpineError>> {
  const { capture, signal, commit } = context;
  const inputs = stage.inputs.map(({ captureId }) => captureId);
  const basis = basisOf(stage);
  const unchanged = async (contentHash: string | undefined): Promise<Capture | undefined> =>
    contentHash === undefined || stage.force
      ? undefined
      : orThrow(capture.unchanged({ ...stage.slot, contentHash, inputs }));

  const current = await orThrow(capture.current(stage.slot));
  const madeAlready =
    current !== undefined && isMadeOn(current, basis) ? await unchanged(current.contentHash) : undefined;
  if (madeAlready !== undefined)
    return skipped(
      `already computed as ${madeAlready.captureId} from the same input`,
      outputOf(madeAlready, stage.output),
    );

  const { rows, facts, rejects = [], report, judge } = await compute();
  const contentHash = hashOf(rows, rejects);
  const same = await unchanged(contentHash);
  if (same !== undefined)
    return skipped(`other input gives what ${same.captureId} has already`, outputOf(same, stage.output));

  const reason = stage.force ? "forced" : undefined;
  const running = await orThrow(
    capture.begin({ ...stage.slot, effectiveDate: stage.week, inputs, contentHash, reason }),
  );
  const { week: week_ending, tier } = stage;
  await inBatches(
    rows,
    signal,
    (batch) =>
      running.insert(
        stage.table,
        batch.map((row) => ({ ...row, week_ending, tier })),
        { provenance: true },
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
  if (judge !== undefined) await orThrow(judge(running));
  const output = stage.output.parse({ ...facts, captureId: running.captureId });
  return commit(() => output);
}

function basisOf({ inputs, parameters = {}, version }: Stage<unknown>): JsonObject {
  const content = inputs.map((input) => input.contentHash ?? input.captureId);
  return { inputs: content, parameters, version };
}

function isMadeOn(capture: Capture, basis: JsonObject): boolean {
  return canonicalJson(capture.metrics["basis"] ?? null) === canonicalJson(basis);
}

/** What was refused is content too: a file that lost only its bad records has the same rows, and other rejects. */
function hashOf(rows: readonly StageRow[], rejects: readonly RejectReport[]): string {
  const hasher = createRowsHasher();
  for (const row of rows) {
    const json: Record<string, Json> = {};
    for (const [name, value] of Object.entries(row))
      json[name] = typeof value === "bigint" ? value.toString() : (value as Json);
    hasher.add(json);
  }
  for (const { reasonCode, lineNumber = null, record = null } of rejects)
    hasher.add([reasonCode, lineNumber, orThrow(encodeJson(record))]);
  return hasher.digest();
}
