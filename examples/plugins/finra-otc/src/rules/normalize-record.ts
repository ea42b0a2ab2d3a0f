import { err, ok, parsePlainDate, type PlainDate, recordHash, type Result, type WeekEnding } from "@spine/core";
import type { RawRecord } from "./columns.ts";
import { parseQuantity } from "./quantity.ts";
import { cleanCode } from "./security-code.ts";
import { type FinraTier, parseTier } from "./tier.ts";

/** Why a record was refused; upper-case words are API, the detail is for people. */
export interface RejectReason {
  readonly reasonCode: string;
  readonly reasonDetail: string;
}

/** One venue's trading in one security in one week. */
export interface NormalizedRecord {
  /** 1-based line of the file, header included. */
  readonly lineNumber: number;
  /** Upper case; letters, digits, `.`, `-`, `/`; at most 20 characters. */
  readonly symbol: string;
  readonly issueName: string | null;
  /** The venue's identifier: upper case, at most 20 characters. */
  readonly mpid: string;
  readonly venueName: string | null;
  /** Whole number, 0 ≤ shares ≤ 2^53 − 1. */
  readonly shares: number;
  readonly trades: number;
  /** When FINRA last touched the row. */
  readonly lastUpdateDate: PlainDate | null;
  /** Of `week|tier|symbol|mpid|shares|trades`: changes when the record does (reference §4.16). */
  readonly recordHash: string;
}

export interface NormalizeOptions {
  readonly week: WeekEnding;
  readonly tier: FinraTier;
  /** Whether a record without shares and trades is kept. @defaultValue false */
  readonly keepZeroVolume?: boolean;
}

const maxCodeLength = 20;

/** Turns one raw record into a normalised one, or says everything that is wrong with it. Never throws. */
export function normalizeRecord(
  raw: RawRecord,
  lineNumber: number,
  options: NormalizeOptions,
): Result<NormalizedRecord, readonly RejectReason[]> {
  const reasons: RejectReason[] = [];
  const refuse = (reasonCode: string, reasonDetail: string): void => {
    reasons.push({ reasonCode, reasonDetail });
  };

  checkPartition(raw, options, refuse);
  const symbol = cleanCode(raw.symbol);
  checkCode("SYMBOL", symbol, raw.symbol, refuse);
  const mpid = (raw.mpid ?? "").trim().toUpperCase();
  checkCode("MPID", mpid, raw.mpid, refuse);
  const shares = quantityOf("SHARES", raw.shares, refuse);
  const trades = quantityOf("TRADES", raw.trades, refuse);
  if (shares === 0 && trades === 0 && options.keepZeroVolume !== true)
    refuse("ZERO_VOLUME", "shares and trades are both 0");
  const lastUpdateDate = dateOf(raw.lastUpdateDate, refuse);

  if (reasons.length > 0) return err(Object.freeze(reasons));
  return ok(
    Object.freeze({
      lineNumber,
      symbol,
      issueName: textOf(raw.issueName),
      mpid,
      venueName: textOf(raw.venueName),
      shares,
      trades,
      lastUpdateDate,
      recordHash: recordHash([options.week, options.tier, symbol, mpid, shares, trades]),
    }),
  );
}

type Refuse = (reasonCode: string, reasonDetail: string) => void;

/** A record of another tier or week would be counted where it does not belong. */
function checkPartition(raw: RawRecord, { tier, week }: NormalizeOptions, refuse: Refuse): void {
  const own = parseTier(raw.tier ?? "").unwrapOr(undefined);
  if (own === undefined) refuse("TIER_UNKNOWN", `${JSON.stringify(raw.tier ?? "")} is not a FINRA tier`);
  else if (own !== tier) refuse("TIER_MISMATCH", `the record is of ${own}, the file of ${tier}`);
  const stated = raw.week?.trim() ?? "";
  if (stated !== "" && stated !== week)
    refuse("WEEK_MISMATCH", `the record is of ${JSON.stringify(stated)}, the file of ${week}`);
}

function checkCode(field: "SYMBOL" | "MPID", code: string, raw: string | undefined, refuse: Refuse): void {
  const given = JSON.stringify(raw ?? "");
  if (code === "") refuse(`${field}_EMPTY`, `nothing is left of ${given}`);
  if (code.length > maxCodeLength) refuse(`${field}_TOO_LONG`, `${given} has more than ${maxCodeLength} characters`);
}

/** The quantity, or 1 in place of a refused one, so that it does not count as zero volume too. */
function quantityOf(field: "SHARES" | "TRADES", text: string | undefined, refuse: Refuse): number {
  return parseQuantity(text).match(
    (quantity) => quantity,
    ({ fault, detail }) => {
      refuse(`${field}_${fault}`, `${field.toLowerCase()} ${detail}`);
      return 1;
    },
  );
}

function dateOf(text: string | undefined, refuse: Refuse): PlainDate | null {
  const trimmed = text?.trim() ?? "";
  if (trimmed === "") return null;
  const date = parsePlainDate(trimmed).unwrapOr(null);
  if (date === null) refuse("LAST_UPDATE_DATE_INVALID", `${JSON.stringify(trimmed)} is not a calendar date`);
  return date;
}

function textOf(text: string | undefined): string | null {
  const trimmed = text?.trim() ?? "";
  return trimmed === "" ? null : trimmed;
}
