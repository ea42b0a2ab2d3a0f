import type { FinraTier } from "../rules/tier.ts";

/** 64 bits: a number where that is exact, else a bigint. */
export type Quantity = number | bigint;

interface CapturedRow {
  /** Part of every table's key: versions of a week live side by side. */
  capture_id: string;
  /** A Friday, `2025-11-14`. */
  week_ending: string;
  tier: FinraTier;
}

/** Seed 001 §4, step 5: the captures a row was computed from. */
interface DerivedRow extends CapturedRow {
  input_min_capture_id: string;
  input_max_capture_id: string;
}

/** The records of a file as they stand in it: texts, null where the file has no such column. */
export interface RawTable extends CapturedRow {
  /** 1-based, header included. */
  line_number: number;
  tier_text: string | null;
  symbol: string | null;
  issue_name: string | null;
  venue_name: string | null;
  mpid: string | null;
  shares: string | null;
  trades: string | null;
  last_update_date: string | null;
  week_text: string | null;
  summary_type: string | null;
}

/** One venue's trading in one security in one week. */
export interface NormalizedTable extends DerivedRow {
  symbol: string;
  mpid: string;
  issue_name: string | null;
  venue_name: string | null;
  shares: Quantity;
  trades: Quantity;
  last_update_date: string | null;
  record_hash: string;
  /** Of the file. */
  line_number: number;
}

/** One security's week over all venues. */
export interface SymbolSummaryTable extends DerivedRow {
  symbol: string;
  issue_name: string | null;
  total_shares: Quantity;
  total_trades: Quantity;
  venue_count: number;
  avg_trade_size: number;
}

/** One venue's part of a tier's week. */
export interface VenueShareTable extends DerivedRow {
  mpid: string;
  venue_name: string | null;
  total_shares: Quantity;
  total_trades: Quantity;
  symbol_count: number;
  /** 0–1. */
  share: number;
  /** 1 is the largest. */
  venue_rank: number;
}

/** One security over a window of weeks that ends with `week_ending`. */
export interface RollingTable extends DerivedRow {
  window_weeks: number;
  symbol: string;
  avg_shares: number;
  avg_trades: number;
  min_shares: Quantity;
  max_shares: Quantity;
  trend: "UP" | "DOWN" | "FLAT";
  trend_percent: number;
  weeks_in_window: number;
  /** SQLite has 1 and 0. */
  is_complete: boolean | number;
}

/** The plugin's tables, for `kyselyOf<FinraTables>`. */
export interface FinraTables {
  finra_otc_raw: RawTable;
  finra_otc_normalized: NormalizedTable;
  finra_otc_symbol_summary: SymbolSummaryTable;
  finra_otc_venue_share: VenueShareTable;
  finra_otc_rolling: RollingTable;
}
