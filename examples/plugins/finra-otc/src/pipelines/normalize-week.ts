import { type AnomalyReport, type Capture, definePipeline, orThrow, type RejectReport, weekEnding } from "@spine/core";
import { z } from "zod";
import { slotOf } from "../domain.ts";
import { normalizeGate } from "../gates/normalize-gate.ts";
import type { NormalizedRecord } from "../rules/normalize-record.ts";
import {
  countReasons,
  type NormalizedWeek,
  normalizeWeek as applyRules,
  type RefusedRecord,
} from "../rules/normalize-week.ts";
import { readRaw } from "../tables/read.ts";
import { stageOutput, stageParams } from "./stage-schemas.ts";
import { runStage, type StageRow } from "./run-stage.ts";

const version = "1";
const examples = 20;

const output = stageOutput.extend({
  /** Records of the ingest capture: recordCount + rejected. */
  recordsIn: z.int(),
  /** rejected / recordsIn × 100, to 2 decimals; 0 without records. */
  rejectedPercent: z.number(),
  /** Reason → how often it was given; a record with two reasons counts in both. */
  rejectedByReason: z.record(z.string(), z.int()),
  duplicates: z.int(),
  /** Exact, as decimal text: a sum may pass 2^53. */
  totalShares: z.string(),
  totalTrades: z.string(),
});

/**
 * Checks and normalises the records of a week; refused ones become rejects with all their reasons, of two records of one symbol and
 * venue the smaller one (`DUPLICATE_VENUE_ROW`), so that records in = normalised + rejected. Fails with `QUALITY_GATE_FAILED` when
 * {@link normalizeGate} blocks it, `CAPTURE_NOT_FOUND` when the week is not captured, `PARTITION_BLOCKED` when its file was refused.
 */
export const normalizeWeek = definePipeline({
  key: "finra.otc.normalize_week",
  version,
  description: "Normalises a captured week; refused records are kept with reason and line.",
  params: stageParams.extend({
    /** Keep records without shares and trades. */
    keepZeroVolume: z.boolean().default(false),
  }),
  output,
  needs: ["sql"],
  async run(context) {
    const { week, tier, force, keepZeroVolume } = context.params;
    const input = await orThrow(context.capture.require(slotOf("INGEST", { week, tier })));
    const slot = slotOf("NORMALIZE", { week, tier });
    return runStage<z.infer<typeof output>>(
      context,
      {
        slot,
        week,
        tier,
        table: "finra_otc_normalized",
        inputs: [input],
        parameters: { keepZeroVolume },
        version,
        force,
        output,
      },
      async () => {
        const raw = await readRaw(context.sql, input.captureId);
        const result = applyRules(raw, { week: weekEnding(week), tier, keepZeroVolume });
        const facts = factsOf(raw.length, result);
        const measured = {
          recordCount: facts.recordsIn,
          validCount: facts.recordCount,
          invalidCount: facts.rejected,
        };
        context.quality(measured);
        return {
          rows: result.records.map(toRow),
          facts: { week, tier, ...facts },
          rejects: result.refused.flatMap((refused) => toRejects(refused, input)),
          report: async ({ captureId }) => {
            for (const anomaly of anomaliesOf(result))
              await orThrow(context.anomaly({ ...anomaly, ...slot, captureId }));
          },
          judge: (running) => running.gate(normalizeGate, measured),
        };
      },
    );
  },
});

function factsOf(recordsIn: number, { records, refused, duplicates, ...totals }: NormalizedWeek) {
  return {
    recordsIn,
    recordCount: records.length,
    rejected: refused.length,
    rejectedPercent: recordsIn === 0 ? 0 : Math.round((refused.length / recordsIn) * 10_000) / 100,
    rejectedByReason: countReasons(refused),
    duplicates: duplicates.length,
    totalShares: totals.totalShares.toString(),
    totalTrades: totals.totalTrades.toString(),
  };
}

function toRow(record: NormalizedRecord): StageRow {
  return {
    symbol: record.symbol,
    mpid: record.mpid,
    issue_name: record.issueName,
    venue_name: record.venueName,
    shares: record.shares,
    trades: record.trades,
    last_update_date: record.lastUpdateDate,
    record_hash: record.recordHash,
    line_number: record.lineNumber,
  };
}

function toRejects(
  { raw, lineNumber, reasons }: RefusedRecord,
  { metrics: { file } }: Capture,
): readonly RejectReport[] {
  const record = Object.fromEntries(
    Object.entries(raw).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const where = typeof file === "string" ? { sourceLocator: file } : {};
  return reasons.map((reason) => ({ ...reason, record, lineNumber, ...where }));
}

/** One anomaly for each kind, with examples: a file that comes twice over must not make ten thousand. */
function anomaliesOf({ duplicates, cleanedSymbols }: NormalizedWeek): readonly AnomalyReport[] {
  const anomalies: AnomalyReport[] = [];
  if (duplicates.length > 0) {
    anomalies.push({
      code: "DUPLICATE_VENUE_ROW",
      message: `${duplicates.length} records repeat the symbol and venue of another one; the one with more shares was kept.`,
      context: {
        count: duplicates.length,
        examples: duplicates.slice(0, examples).map(({ record, kept }) => ({
          symbol: record.symbol,
          mpid: record.mpid,
          keptLine: kept.lineNumber,
          rejectedLine: record.lineNumber,
        })),
      },
    });
  }
  if (cleanedSymbols.length > 0) {
    anomalies.push({
      code: "SYMBOL_CLEANED",
      message: `${cleanedSymbols.length} symbols had characters that symbols cannot have; they were removed.`,
      context: {
        count: cleanedSymbols.length,
        examples: cleanedSymbols.slice(0, examples).map(({ from, to }) => ({ from, to })),
      },
    });
  }
  return anomalies;
}
