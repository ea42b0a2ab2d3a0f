import type { NormalizedRecord, RawRecord } from "../src/index.ts";

/** A record that every rule accepts. */
export function buildRaw(given: Partial<RawRecord> = {}): RawRecord {
  return {
    tier: "OTC",
    symbol: "AABB",
    issueName: "Asia Broadband Inc Common Stock",
    venueName: "OTCN OTC LINK NQB IDQS",
    mpid: "OTCN",
    shares: "6753871",
    trades: "171",
    lastUpdateDate: "2025-12-15",
    week: undefined,
    summaryType: undefined,
    ...given,
  };
}

export function buildRecord(given: Partial<NormalizedRecord> = {}): NormalizedRecord {
  return {
    lineNumber: 2,
    symbol: "AABB",
    issueName: "Asia Broadband Inc Common Stock",
    mpid: "OTCN",
    venueName: "OTCN OTC LINK NQB IDQS",
    shares: 1000,
    trades: 10,
    lastUpdateDate: null,
    recordHash: "hash",
    ...given,
  };
}
