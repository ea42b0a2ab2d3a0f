import { defineMigration } from "@spine/sql";
import { domain, type FinraStage } from "../domain.ts";

const tables = [
  ["finra_otc_raw", "INGEST"],
  ["finra_otc_normalized", "NORMALIZE"],
  ["finra_otc_symbol_summary", "AGGREGATE"],
  ["finra_otc_venue_share", "VENUE_SHARE"],
  ["finra_otc_rolling", "ROLLING"],
] as const satisfies readonly (readonly [table: string, stage: FinraStage])[];

/** A view `…_current` for each table, for tools that know only SQL: the rows readers see now. */
export const currentViews = defineMigration({
  name: "0003-current-views",
  up: (build) => tables.map(([table, stage]) => build.currentView(table, { domain, stage })),
});
