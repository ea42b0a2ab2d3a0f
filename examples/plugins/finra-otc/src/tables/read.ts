import type { PlainDate, SqlExecutor, WeekEnding } from "@spine/core";
import { kyselyOf } from "@spine/sql";
import type { NormalizedRecord } from "../rules/normalize-record.ts";
import type { LinedRecord } from "../rules/normalize-week.ts";
import type { WeekOfSymbol } from "../rules/rolling.ts";
import type { FinraTables } from "./tables.ts";

const pageSize = 5000;

/** The records of an ingest capture, by line. */
export async function readRaw(sql: SqlExecutor, captureId: string): Promise<readonly LinedRecord[]> {
  const records: LinedRecord[] = [];
  for (let after = 0; ; after = records.at(-1)?.lineNumber ?? after) {
    const page = await kyselyOf<FinraTables>(sql)
      .selectFrom("finra_otc_raw")
      .selectAll()
      .where("capture_id", "=", captureId)
      .where("line_number", ">", after)
      .orderBy("line_number")
      .limit(pageSize)
      .execute();
    for (const row of page) {
      records.push({
        lineNumber: row.line_number,
        raw: {
          tier: row.tier_text ?? undefined,
          symbol: row.symbol ?? undefined,
          issueName: row.issue_name ?? undefined,
          venueName: row.venue_name ?? undefined,
          mpid: row.mpid ?? undefined,
          shares: row.shares ?? undefined,
          trades: row.trades ?? undefined,
          lastUpdateDate: row.last_update_date ?? undefined,
          week: row.week_text ?? undefined,
          summaryType: row.summary_type ?? undefined,
        },
      });
    }
    if (page.length < pageSize) return records;
  }
}

/** The records of a normalised capture, by symbol, then venue. */
export async function readNormalized(sql: SqlExecutor, captureId: string): Promise<readonly NormalizedRecord[]> {
  const rows = await kyselyOf<FinraTables>(sql)
    .selectFrom("finra_otc_normalized")
    .selectAll()
    .where("capture_id", "=", captureId)
    .orderBy("symbol")
    .orderBy("mpid")
    .execute();
  return rows.map((row) => ({
    lineNumber: row.line_number,
    symbol: row.symbol,
    issueName: row.issue_name,
    mpid: row.mpid,
    venueName: row.venue_name,
    shares: Number(row.shares),
    trades: Number(row.trades),
    lastUpdateDate: row.last_update_date as PlainDate | null,
    recordHash: row.record_hash,
  }));
}

/** The symbols of an aggregate capture. */
export async function readSymbols(
  sql: SqlExecutor,
  captureId: string,
  week: WeekEnding,
): Promise<readonly WeekOfSymbol[]> {
  const rows = await kyselyOf<FinraTables>(sql)
    .selectFrom("finra_otc_symbol_summary")
    .select(["symbol", "total_shares", "total_trades"])
    .where("capture_id", "=", captureId)
    .execute();
  return rows.map((row) => ({
    week,
    symbol: row.symbol,
    totalShares: BigInt(row.total_shares),
    totalTrades: BigInt(row.total_trades),
  }));
}
