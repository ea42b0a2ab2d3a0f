import type { FinraTier } from "../rules/tier.ts";

/** A line of the file, field by field in FINRA's order. */
export type Fields = readonly [
  tier: string,
  symbol: string,
  issueName: string,
  venueName: string,
  mpid: string,
  shares: string,
  trades: string,
  lastUpdateDate: string,
];

/** What must become of a record: kept under this symbol, or refused for these reasons. */
export type Fate =
  | { readonly kept: { readonly symbol: string; readonly mpid: string } }
  | { readonly refused: readonly string[] };

export interface Trap {
  /** Fewer than the header's when the record is cut off. */
  readonly fields: readonly string[];
  readonly fate: Fate;
}

/** The reader refuses what has not the header's shape, before any rule sees it. */
export const raggedReason = "ROW_RAGGED";

/**
 * What real files do to a pipeline: spellings that must be kept and records that must be refused, each with its fate. Their symbols
 * begin with Z, which generated ones do not.
 */
export function createTraps(tier: FinraTier, tierText: string, date: string): readonly Trap[] {
  const record = (
    symbol: string,
    given: Partial<Record<"tier" | "name" | "mpid" | "shares" | "trades" | "date", string>> = {},
  ): Fields => [
    given.tier ?? tierText,
    symbol,
    given.name ?? "Zephyr Test Corp. Common Stock",
    "OTCN OTC LINK NQB IDQS",
    given.mpid ?? "OTCN",
    given.shares ?? "1200",
    given.trades ?? "12",
    given.date ?? date,
  ];
  const kept = (fields: Fields, symbol: string): Trap => ({ fields, fate: { kept: { symbol, mpid: "OTCN" } } });
  const refused = (fields: readonly string[], ...reasons: readonly string[]): Trap => ({
    fields,
    fate: { refused: reasons },
  });
  const otherTier = tier === "OTC" ? "NMS Tier 1" : "OTC";
  return [
    kept(record("zzlow"), "ZZLOW"),
    kept(record("ZZ.B"), "ZZ.B"),
    kept(record("ZZ-P"), "ZZ-P"),
    kept(record("ZZ/WS"), "ZZ/WS"),
    kept(record(" ZZPAD "), "ZZPAD"),
    kept(record("ZZ$CL"), "ZZCL"),
    kept(record("ZZQUO", { name: '"Zorba" Holdings, Inc. Common Stock' }), "ZZQUO"),
    kept(record("ZZPIP", { name: 'Zenith 5" Pipe, Ltd.' }), "ZZPIP"),
    kept(record("ZZUNI", { name: "Zürich Añejo 株式会社 Ω" }), "ZZUNI"),
    kept(record("ZZNIL", { shares: "0", trades: "3" }), "ZZNIL"),
    refused(record("ZZDUP", { shares: "500" }), "DUPLICATE_VENUE_ROW"),
    kept(record("zzdup", { shares: "900" }), "ZZDUP"),
    refused(record("ZZZERO", { shares: "0", trades: "0" }), "ZERO_VOLUME"),
    refused(record("ZZMPID", { mpid: " " }), "MPID_EMPTY"),
    refused(record("ZZNEG", { shares: "-400" }), "SHARES_NEGATIVE"),
    refused(record("***", { trades: "-1" }), "SYMBOL_EMPTY", "TRADES_NEGATIVE"),
    refused(record("ZZTIER", { tier: "Not an OTC tier" }), "TIER_UNKNOWN"),
    refused(record("ZZOTHER", { tier: otherTier }), "TIER_MISMATCH"),
    refused(record("ZZHALF", { shares: "12.5" }), "SHARES_INVALID"),
    refused(record("ZZEXP", { shares: "1e5" }), "SHARES_INVALID"),
    refused(record("ZZVERYLONGSYMBOLINDEED"), "SYMBOL_TOO_LONG"),
    refused(record("ZZDATE", { date: "2025-02-30" }), "LAST_UPDATE_DATE_INVALID"),
    refused(record("ZZCUT").slice(0, 6), raggedReason),
  ];
}
