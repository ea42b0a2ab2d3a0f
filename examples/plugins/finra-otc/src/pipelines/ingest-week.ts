import { basename } from "node:path";
import { type Capture, contentHash, definePipeline, orThrow, skipped, weekEnding } from "@spine/core";
import type { SourceBatch, TextRow } from "@spine/sources";
import { z } from "zod";
import { slotOf } from "../domain.ts";
import { type ColumnMap, toRawRecord } from "../rules/columns.ts";
import { type FileWeek, resolveWeek } from "../rules/resolve-week.ts";
import { weekRules } from "../rules/week-rule.ts";
import { readHead, weeklyFile } from "../source.ts";
import { outputOf, stageOutput, tierSchema, weekSchema } from "./stage-schemas.ts";

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
 * Skipped when the file's bytes are those of the current capture; other bytes are a restatement, `force` a second capture.
 */
export const ingestWeek = definePipeline({
  key: "finra.otc.ingest_week",
  description: "Captures a FINRA weekly file as it stands.",
  params: z.object({
    /** Path; relative ones start at the working directory. */
    file: z.string().min(1),
    /** @defaultValue follows from tier and publication date by `weekRule` */
    week: weekSchema.optional(),
    /** @defaultValue from the file's name */
    tier: tierSchema.optional(),
    /** @defaultValue publication-delay */
    weekRule: z.enum(weekRules).optional(),
    force: z.boolean().default(false),
  }),
  output,
  needs: ["sql"],
  async run({ params, capture, signal, log, commit }) {
    const { file, force } = params;
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
    const slot = slotOf("INGEST", where);
    const current = await orThrow(capture.current(slot));
    const isSame = current !== undefined && !(await hasChanged(file, current, signal));
    if (isSame && !force) return skipped(`already captured as ${current.captureId}`, outputOf(current, output));

    const running = await orThrow(
      capture.begin({
        ...slot,
        effectiveDate: where.week,
        ...publicationOf(where),
        ...(isSame ? { reason: "forced" } : {}),
      }),
    );
    const summary = await orThrow(
      weeklyFile.stream({ params: { file }, signal }).forEachBatch(async (batch) => {
        await orThrow(running.insert("finra_otc_raw", toRows(batch, columns, where)));
        if (batch.rejects.length > 0) await orThrow(running.reject(batch.rejects));
      }),
    );
    for (const warning of summary.warnings) log.warn(warning.message, { code: warning.code, file });

    const facts = {
      week: where.week,
      tier: where.tier,
      recordsIn: summary.rowCount + summary.rejectedCount,
      recordCount: summary.rowCount,
      rejected: summary.rejectedCount,
      file: summary.locator,
      fileHash: summary.contentHash,
      fileSizeBytes: summary.sizeBytes,
      publishedOn: where.publishedOn ?? null,
    };
    running.complete({
      rowCount: facts.recordCount,
      rejectCount: facts.rejected,
      contentHash: contentHash({ bytes: facts.fileHash, week: where.week, tier: where.tier }),
      metrics: facts,
    });
    return commit(() => ({ captureId: running.captureId, ...facts }));
  },
});

async function hasChanged(file: string, current: Capture, signal: AbortSignal): Promise<boolean> {
  const { fileHash, fileSizeBytes } = outputOf(current, output);
  const previous = { contentHash: fileHash, sizeBytes: fileSizeBytes };
  return orThrow(weeklyFile.hasChanged(previous, { params: { file }, signal }));
}

/** The end of the day: the file tells no hour, and nobody must seem to have known it the morning before. */
function publicationOf({ publishedOn }: FileWeek): { readonly publishedAt?: string } {
  return publishedOn === undefined ? {} : { publishedAt: `${publishedOn}T23:59:59.999Z` };
}

function toRows({ rows, lineNumbers }: SourceBatch<TextRow>, columns: ColumnMap, { week, tier }: FileWeek) {
  return rows.map((row, index) => {
    const raw = toRawRecord(row, columns);
    return {
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
    };
  });
}
