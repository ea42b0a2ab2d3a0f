import { defineMigration } from "@spine/sql";

/** Keeps what a record says it sums over, which files from FINRA's query service tell of each record. */
export const summaryType = defineMigration({
  name: "0002-summary-type",
  up: ({ schema, type }) => [schema.alterTable("finra_otc_raw").addColumn("summary_type", type.text)],
});
