import { err, ok, type Result, SchemaError } from "@spine/core";

/** One record as the file has it: texts, untouched. A column the file has not is undefined. */
export interface RawRecord {
  readonly tier: string | undefined;
  readonly symbol: string | undefined;
  readonly issueName: string | undefined;
  readonly venueName: string | undefined;
  readonly mpid: string | undefined;
  readonly shares: string | undefined;
  readonly trades: string | undefined;
  readonly lastUpdateDate: string | undefined;
  /** Only in the short form of the file, which has a week in each row. */
  readonly week: string | undefined;
  /** What the record sums over, `OTC_W_SMBL_FIRM`: only in files from FINRA's query service. */
  readonly summaryType: string | undefined;
}

/** Which column of the file holds a field. */
export type ColumnMap = Readonly<Record<keyof RawRecord, string | undefined>>;

/** FINRA's own column first, then the other spellings that are accepted (reference §4.16). Case does not count. */
const spellings: Readonly<Record<keyof RawRecord, readonly string[]>> = {
  tier: ["tierDescription", "Tier"],
  symbol: ["issueSymbolIdentifier", "Symbol"],
  issueName: ["issueName"],
  venueName: ["marketParticipantName"],
  mpid: ["MPID"],
  shares: ["totalWeeklyShareQuantity", "TotalShares"],
  trades: ["totalWeeklyTradeCount", "TotalTrades"],
  lastUpdateDate: ["lastUpdateDate"],
  week: ["weekEnding"],
  summaryType: ["summaryTypeCode"],
};

const required = ["tier", "symbol", "mpid", "shares", "trades"] as const;

const fieldOf: ReadonlyMap<string, keyof RawRecord> = new Map(
  Object.entries(spellings).flatMap(([field, names]) =>
    names.map((name) => [name.toLowerCase(), field as keyof RawRecord] as const),
  ),
);

/**
 * Finds the fields in a file's header; columns nobody knows are ignored. Fails with `SCHEMA_MISMATCH` when a required one is
 * absent or a field has two columns.
 * @param options.file for the text
 */
export function resolveColumns(
  header: readonly string[],
  options: { readonly file: string },
): Result<ColumnMap, SchemaError> {
  const columns: Partial<Record<keyof RawRecord, string>> = {};
  for (const name of header) {
    const field = fieldOf.get(name.trim().toLowerCase());
    if (field === undefined) continue;
    const other = columns[field];
    if (other !== undefined)
      return err(mismatch(options.file, `has "${other}" and "${name}", which are the same field`));
    columns[field] = name;
  }
  const absent = required.filter((field) => columns[field] === undefined);
  if (absent.length > 0) {
    const wanted = absent.map((field) => spellings[field][0]).join(", ");
    const found = header.map((name) => `"${name}"`).join(", ");
    return err(mismatch(options.file, `has no ${wanted}; it has ${found}`));
  }
  return ok(columns as ColumnMap);
}

/** A record's fields, by a file's columns. */
export function toRawRecord(row: Readonly<Record<string, string | undefined>>, columns: ColumnMap): RawRecord {
  const text = (field: keyof RawRecord): string | undefined => {
    const column = columns[field];
    return column === undefined ? undefined : row[column];
  };
  return {
    tier: text("tier"),
    symbol: text("symbol"),
    issueName: text("issueName"),
    venueName: text("venueName"),
    mpid: text("mpid"),
    shares: text("shares"),
    trades: text("trades"),
    lastUpdateDate: text("lastUpdateDate"),
    week: text("week"),
    summaryType: text("summaryType"),
  };
}

function mismatch(file: string, why: string): SchemaError {
  return new SchemaError(
    `The header of ${file} ${why}. A FINRA weekly file has the columns of its data set, with | between them.`,
    { field: "header" },
  );
}
