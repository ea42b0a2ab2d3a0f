import { basename } from "node:path";
import {
  type Capture,
  type CaptureAccess,
  contentHash,
  definePipeline,
  orThrow,
  skipped,
  weekEnding,
} from "@spine/core";
import { bulkLoad, type SourceBatch, type SourceMetadata, type TableRow, type TextRow } from "@spine/sources";
import { z } from "zod";
import { slotOf } from "../domain.ts";
import { ingestGate } from "../gates/ingest-gate.ts";
import { type AggregateLevel, aggregateLevelOf } from "../rules/aggregate-level.ts";
import { type RawRecord, toRawRecord } from "../rules/columns.ts";
import { type FileWeek, resolveWeek } from "../rules/resolve-week.ts";
import { readHead, weeklyFile } from "../source.ts";
import { outputOf, stageOutput } from "./stage-schemas.ts";
import { checkWeekFile, pathOf, weekFileShape } from "./week-file.ts";

const output = stageOutput.extend({
  /** Records of the file: recordCount + rejected. */
  recordsIn: z.int(),
  /** Where it was read. */
  file: z.string(),
  /** sha256 of its bytes. */
  fileHash: z.string(),
  fileSizeBytes: z.int(),
  publishedOn: z.string().nullable(),
});

/**
 * Captures one weekly file as it stands: every record as text with its line, records of another shape than the header as rejects.
 * Skipped when the file's bytes are those of the present capture; other bytes are a restatement, `force` a second capture, and `imported`
 * loads an old file as history, known since the day it was published. Fails with `QUALITY_GATE_FAILED` when {@link ingestGate} blocks it.
 */
export const ingestWeek = definePipeline({
  key: "finra.otc.ingest_week",
  description: "Captures a FINRA weekly file as it stands.",
  params: z
    .object({
      ...weekFileShape,
      /** A file with fewer records is no week. */
      minRecords: z.int().min(0).default(1),
      force: z.boolean().default(false),
      /** The file is one of the past: it counts as known since it was published, whenever it is loaded. */
      imported: z.boolean().default(false),
    })
    .check(checkWeekFile),
  output,
  needs: ["sql"],
  async run({ params, capture, signal, log, commit }) {
    const { force, imported, minRecords } = params;
    const file = await orThrow(pathOf(params));
    const { columns, first } = await orThrow(readHead(file, signal));
    const where = orThrow(
      resolveWeek({
        fileName: basename(file),
        tier: params.tier,
        week: params.week === undefined ? undefined : weekEnding(params.week),
        weekRule: params.weekRule,
        first,
      }),
    );
    // An old file may equal the present one and be another version all the same; the ledger tells when the commit comes.
    const mayBeThere = !force && !imported;
    const present = mayBeThere ? await presentOf(capture, where, file, signal) : undefined;
    if (present !== undefined) return skipped(`already captured as ${present.captureId}`, outputOf(present, output));

    const running = await orThrow(
      capture.begin({
        ...slotOf("INGEST", where),
        effectiveDate: where.week,
        ...publicationOf(where),
        imported,
        reason: force && !imported ? "forced" : undefined,
      }),
    );
    const levels: Partial<Record<AggregateLevel, number>> = {};
    const summary = await orThrow(
      bulkLoad(running, "finra_otc_raw", weeklyFile.stream({ params: { file }, signal }), {
        toRows(batch) {
          const records = batch.rows.map((row) => toRawRecord(row, columns));
          countLevels(records, levels);
          return toRows(records, batch, where);
        },
        onProgress: ({ rowCount }) => log.debug("rows are in the table", { rowCount, file }),
      }),
    );
    for (const warning of summary.warnings) log.warn(warning.message, { code: warning.code, file });

    const facts = factsOf(summary, where);
    const hash = contentHash({ bytes: facts.fileHash, week: where.week, tier: where.tier });
    // Between the look and the reading somebody else may have captured the same file.
    const meanwhile = mayBeThere ? await orThrow(running.unchanged(hash)) : undefined;
    if (meanwhile !== undefined)
      return skipped(`captured meanwhile as ${meanwhile.captureId}`, outputOf(meanwhile, output));

    running.complete({
      rowCount: facts.recordCount,
      rejectCount: facts.rejected,
      contentHash: hash,
      metrics: facts,
    });
    await orThrow(running.gate(ingestGate, { recordCount: facts.recordCount, minRecords, levels }));
    return commit(() => ({ captureId: running.captureId, ...facts }));
  },
});

/** The present capture when the file has its bytes, with the fact noted. Reads the file once and parses nothing. */
async function presentOf(
  capture: CaptureAccess,
  where: FileWeek,
  file: string,
  signal: AbortSignal,
): Promise<Capture | undefined> {
  const slot = slotOf("INGEST", where);
  const current = await orThrow(capture.current(slot));
  if (current?.contentHash === undefined) return undefined;
  const { fileHash, fileSizeBytes } = outputOf(current, output);
  const previous = { contentHash: fileHash, sizeBytes: fileSizeBytes };
  const hasChanged = await orThrow(weeklyFile.hasChanged(previous, { params: { file }, signal }));
  return hasChanged ? undefined : orThrow(capture.unchanged({ ...slot, contentHash: current.contentHash }));
}

/** The end of the day: the file tells no hour, and nobody must seem to have known it the morning before. */
function publicationOf({ publishedOn }: FileWeek): { readonly publishedAt?: string } {
  return publishedOn === undefined ? {} : { publishedAt: `${publishedOn}T23:59:59.999Z` };
}

function factsOf(
  summary: SourceMetadata,
  { week, tier, publishedOn }: FileWeek,
): Omit<z.infer<typeof output>, "captureId"> {
  return {
    week,
    tier,
    recordsIn: summary.rowCount + summary.rejectedCount,
    recordCount: summary.rowCount,
    rejected: summary.rejectedCount,
    file: summary.locator,
    fileHash: summary.contentHash,
    fileSizeBytes: summary.sizeBytes,
    publishedOn: publishedOn ?? null,
  };
}

function countLevels(records: readonly RawRecord[], levels: Partial<Record<AggregateLevel, number>>): void {
  for (const { summaryType } of records) {
    const level = aggregateLevelOf(summaryType);
    if (level !== undefined) levels[level] = (levels[level] ?? 0) + 1;
  }
}

function toRows(
  records: readonly RawRecord[],
  { lineNumbers }: SourceBatch<TextRow>,
  { week, tier }: FileWeek,
): readonly TableRow[] {
  return records.map((raw, index) => ({
    line_number: lineNumbers[index] ?? 0,
    week_ending: week,
    tier,
    tier_text: raw.tier ?? null,
    symbol: raw.symbol ?? null,
    issue_name: raw.issueName ?? null,
    venue_name: raw.venueName ?? null,
    mpid: raw.mpid ?? null,
    shares: raw.shares ?? null,
    trades: raw.trades ?? null,
    last_update_date: raw.lastUpdateDate ?? null,
    week_text: raw.week ?? null,
    summary_type: raw.summaryType ?? null,
  }));
}
