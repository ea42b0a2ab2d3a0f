/** What a record of a weekly file sums over: one security at one venue, one security over all of them, or something else. */
export type AggregateLevel = "SYMBOL_AND_FIRM" | "SYMBOL" | "OTHER";

/**
 * Reads FINRA's summary type: `ATS_W_SMBL_FIRM` and `OTC_W_SMBL_FIRM` sum a security at a venue, `…_SMBL` over all venues. Undefined for a
 * record that does not say.
 */
export function aggregateLevelOf(summaryType: string | undefined): AggregateLevel | undefined {
  const code = summaryType?.trim().toUpperCase() ?? "";
  if (code === "") return undefined;
  if (code.endsWith("_SMBL_FIRM")) return "SYMBOL_AND_FIRM";
  return code.endsWith("_SMBL") ? "SYMBOL" : "OTHER";
}
