import { recordHash, weekEnding } from "@spine/core";
import { expectErr, expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import {
  countReasons,
  dropDuplicates,
  normalizeRecord,
  normalizeWeek,
  type RawRecord,
  resolveColumns,
  toRawRecord,
} from "../src/index.ts";
import { buildRaw, buildRecord } from "./build-record.ts";

const week = weekEnding("2025-11-14");
const options = { week, tier: "OTC" } as const;

function reasonsOf(given: Partial<RawRecord>): readonly string[] {
  return normalizeRecord(buildRaw(given), 2, options).match(
    () => [],
    (reasons) => reasons.map(({ reasonCode }) => reasonCode),
  );
}

describe("normalizeRecord", () => {
  it("puts symbols and venues in upper case and takes the blanks off", async () => {
    const raw = buildRaw({ symbol: " brk.b ", mpid: " otcn ", shares: " 12 ", issueName: "  " });
    expect(await expectOk(normalizeRecord(raw, 7, options))).toEqual({
      lineNumber: 7,
      symbol: "BRK.B",
      issueName: null,
      mpid: "OTCN",
      venueName: "OTCN OTC LINK NQB IDQS",
      shares: 12,
      trades: 171,
      lastUpdateDate: "2025-12-15",
      recordHash: recordHash(["2025-11-14", "OTC", "BRK.B", "OTCN", 12, 171]),
    });
  });

  it.each([
    ["unicode in a name", { issueName: "Zürich 株式会社" }],
    ["a quantity of 13 digits", { shares: "9999999999999" }],
    ["no last update", { lastUpdateDate: "" }],
    ["trades without shares", { shares: "0" }],
    ["symbols with . - /", { symbol: "A.B-C/D" }],
    ["another spelling of the tier", { tier: "otc other" }],
    ["the week of the file in the record", { week: "2025-11-14" }],
  ])("accepts %s", (_what, given) => {
    expect(reasonsOf(given)).toEqual([]);
  });

  it.each([
    ["TIER_UNKNOWN", { tier: "not an otc tier" }],
    ["TIER_UNKNOWN", { tier: undefined }],
    ["TIER_MISMATCH", { tier: "NMS Tier 1" }],
    ["WEEK_MISMATCH", { week: "2025-11-21" }],
    ["SYMBOL_EMPTY", { symbol: "" }],
    ["SYMBOL_EMPTY", { symbol: "$$$ ***" }],
    ["SYMBOL_TOO_LONG", { symbol: "ABCDEFGHIJKLMNOPQRSTU" }],
    ["MPID_EMPTY", { mpid: "  " }],
    ["MPID_TOO_LONG", { mpid: "ABCDEFGHIJKLMNOPQRSTU" }],
    ["SHARES_NEGATIVE", { shares: "-1" }],
    ["SHARES_INVALID", { shares: "1.5" }],
    ["SHARES_INVALID", { shares: "1e6" }],
    ["SHARES_INVALID", { shares: "" }],
    ["SHARES_INVALID", { shares: "1,000" }],
    ["SHARES_TOO_LARGE", { shares: "9007199254740993" }],
    ["TRADES_NEGATIVE", { trades: "-3" }],
    ["TRADES_INVALID", { trades: "many" }],
    ["ZERO_VOLUME", { shares: "0", trades: "0" }],
    ["ZERO_VOLUME", { shares: "-0", trades: "00" }],
    ["LAST_UPDATE_DATE_INVALID", { lastUpdateDate: "2025-02-30" }],
    ["LAST_UPDATE_DATE_INVALID", { lastUpdateDate: "12/15/2025" }],
  ])("refuses with %s: %j", (reason, given) => {
    expect(reasonsOf(given)).toEqual([reason]);
  });

  it("names everything that is wrong with a record at once", () => {
    expect(reasonsOf({ symbol: "?", mpid: "", shares: "-1", trades: "x" })).toEqual([
      "SYMBOL_EMPTY",
      "MPID_EMPTY",
      "SHARES_NEGATIVE",
      "TRADES_INVALID",
    ]);
  });

  it("shows the offending value", () => {
    const result = normalizeRecord(buildRaw({ shares: "1.5" }), 2, options);
    expect(result._unsafeUnwrapErr()[0]?.reasonDetail).toBe('shares is "1.5", which is not a whole number');
  });

  it("keeps zero volume when told to", () => {
    const raw = buildRaw({ shares: "0", trades: "0" });
    expect(normalizeRecord(raw, 2, { ...options, keepZeroVolume: true }).isOk()).toBe(true);
  });

  it("hashes the same record alike and another one differently", async () => {
    const hashOf = async (given: Partial<RawRecord>): Promise<string> =>
      (await expectOk(normalizeRecord(buildRaw(given), 2, options))).recordHash;
    expect(await hashOf({ symbol: "aabb" })).toBe(await hashOf({}));
    expect(await hashOf({ shares: "1" })).not.toBe(await hashOf({}));
    expect(await hashOf({})).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe("dropDuplicates", () => {
  it("keeps the record with more shares, whichever comes first", () => {
    const small = buildRecord({ lineNumber: 2, shares: 5 });
    const large = buildRecord({ lineNumber: 3, shares: 9 });
    expect(dropDuplicates([small, large]).kept).toEqual([large]);
    expect(dropDuplicates([large, small]).duplicates).toEqual([{ record: small, kept: large }]);
  });

  it("keeps the earlier line among equals", () => {
    const [first, second] = [buildRecord({ lineNumber: 2 }), buildRecord({ lineNumber: 3 })];
    expect(dropDuplicates([second, first]).kept).toEqual([first]);
  });

  it("gives back every record once", () => {
    const records = [5, 9, 9, 1].map((shares, index) => buildRecord({ lineNumber: index + 2, shares }));
    const { kept, duplicates } = dropDuplicates([...records, buildRecord({ lineNumber: 9, mpid: "ARCA" })]);
    expect(kept.map(({ lineNumber }) => lineNumber)).toEqual([9, 3]);
    expect(duplicates.map(({ record }) => record.lineNumber)).toEqual([2, 4, 5]);
  });
});

describe("normalizeWeek", () => {
  const lined = (...raws: readonly RawRecord[]) => raws.map((raw, index) => ({ raw, lineNumber: index + 2 }));

  it("puts each record into exactly one of records and refused", () => {
    const result = normalizeWeek(
      lined(
        buildRaw(),
        buildRaw({ symbol: "" }),
        buildRaw({ symbol: "aabb", shares: "1" }),
        buildRaw({ mpid: "ARCA" }),
        buildRaw({ shares: "-1", trades: "-1" }),
      ),
      options,
    );
    expect(result.records.map(({ mpid }) => mpid)).toEqual(["ARCA", "OTCN"]);
    expect(result.refused.map(({ lineNumber }) => lineNumber)).toEqual([3, 4, 6]);
    expect(countReasons(result.refused)).toEqual({
      SYMBOL_EMPTY: 1,
      DUPLICATE_VENUE_ROW: 1,
      SHARES_NEGATIVE: 1,
      TRADES_NEGATIVE: 1,
    });
    expect(result.totalShares).toBe(2n * 6753871n);
  });

  it("tells which symbols lost characters", () => {
    const { cleanedSymbols } = normalizeWeek(lined(buildRaw({ symbol: "A$B" }), buildRaw({ symbol: " cd " })), options);
    expect(cleanedSymbols).toEqual([{ from: "A$B", to: "AB" }]);
  });

  it("adds up exactly beyond 2^53", () => {
    const raws = Array.from({ length: 2000 }, (_, index) => buildRaw({ symbol: `S${index}`, shares: "9999999999999" }));
    expect(normalizeWeek(lined(...raws), options).totalShares).toBe(9999999999999n * 2000n);
  });
});

describe("resolveColumns", () => {
  const finra =
    "tierDescription|issueSymbolIdentifier|issueName|marketParticipantName|MPID|totalWeeklyShareQuantity|totalWeeklyTradeCount|lastUpdateDate";

  it("knows FINRA's columns in any order and ignores others", async () => {
    const header = [...finra.split("|").toReversed(), "comment"];
    const columns = await expectOk(resolveColumns(header, { file: "x.csv" }));
    const row = Object.fromEntries(header.map((name) => [name, `<${name}>`]));
    expect(toRawRecord(row, columns)).toMatchObject({
      tier: "<tierDescription>",
      shares: "<totalWeeklyShareQuantity>",
      week: undefined,
    });
  });

  it("knows the short form", async () => {
    const header = "WeekEnding|Tier|Symbol|MPID|TotalShares|TotalTrades".split("|");
    const columns = await expectOk(resolveColumns(header, { file: "x.csv" }));
    expect(columns).toMatchObject({ week: "WeekEnding", symbol: "Symbol", shares: "TotalShares" });
    expect(columns.issueName).toBeUndefined();
  });

  it("says what a header lacks, and what it has", async () => {
    const error = await expectErr(resolveColumns([finra.replaceAll("|", ",")], { file: "x.csv" }), "SCHEMA_MISMATCH");
    expect(error.message).toContain("x.csv has no tierDescription, issueSymbolIdentifier");
    expect(error.message).toContain("with | between them");
  });

  it("refuses two columns for one field", async () => {
    const header = [...finra.split("|"), "symbol"];
    const error = await expectErr(resolveColumns(header, { file: "x.csv" }), "SCHEMA_MISMATCH");
    expect(error.message).toContain('has "issueSymbolIdentifier" and "symbol", which are the same field');
  });
});
