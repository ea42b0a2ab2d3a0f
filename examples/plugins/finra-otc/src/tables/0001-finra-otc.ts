import { defineMigration, type MigrationBuilder } from "@spine/sql";
import type { ColumnDefinitionBuilder, CreateTableBuilder } from "kysely";

/** The plugin's five tables; see `tables.ts` for what the columns mean. */
export const finraOtcTables = defineMigration({
  name: "0001-finra-otc",
  up: (build) => {
    const { schema, type } = build;
    return [
      captured(build, "finra_otc_raw")
        .addColumn("line_number", type.integer, required)
        .addColumn("tier_text", type.text)
        .addColumn("symbol", type.text)
        .addColumn("issue_name", type.text)
        .addColumn("venue_name", type.text)
        .addColumn("mpid", type.text)
        .addColumn("shares", type.text)
        .addColumn("trades", type.text)
        .addColumn("last_update_date", type.text)
        .addColumn("week_text", type.text)
        .addPrimaryKeyConstraint("finra_otc_raw_key", ["capture_id", "line_number"]),
      derived(build, "finra_otc_normalized")
        .addColumn("symbol", type.key, required)
        .addColumn("mpid", type.key, required)
        .addColumn("issue_name", type.text)
        .addColumn("venue_name", type.text)
        .addColumn("shares", type.bigint, required)
        .addColumn("trades", type.bigint, required)
        .addColumn("last_update_date", type.key)
        .addColumn("record_hash", type.key, required)
        .addColumn("line_number", type.integer, required)
        .addPrimaryKeyConstraint("finra_otc_normalized_key", ["capture_id", "symbol", "mpid"]),
      derived(build, "finra_otc_symbol_summary")
        .addColumn("symbol", type.key, required)
        .addColumn("issue_name", type.text)
        .addColumn("total_shares", type.bigint, required)
        .addColumn("total_trades", type.bigint, required)
        .addColumn("venue_count", type.integer, required)
        .addColumn("avg_trade_size", type.real, required)
        .addPrimaryKeyConstraint("finra_otc_symbol_summary_key", ["capture_id", "symbol"]),
      derived(build, "finra_otc_venue_share")
        .addColumn("mpid", type.key, required)
        .addColumn("venue_name", type.text)
        .addColumn("total_shares", type.bigint, required)
        .addColumn("total_trades", type.bigint, required)
        .addColumn("symbol_count", type.integer, required)
        .addColumn("share", type.real, required)
        .addColumn("venue_rank", type.integer, required)
        .addPrimaryKeyConstraint("finra_otc_venue_share_key", ["capture_id", "mpid"]),
      derived(build, "finra_otc_rolling")
        .addColumn("window_weeks", type.integer, required)
        .addColumn("symbol", type.key, required)
        .addColumn("avg_shares", type.real, required)
        .addColumn("avg_trades", type.real, required)
        .addColumn("min_shares", type.bigint, required)
        .addColumn("max_shares", type.bigint, required)
        .addColumn("trend", type.key, required)
        .addColumn("trend_percent", type.real, required)
        .addColumn("weeks_in_window", type.integer, required)
        .addColumn("is_complete", type.boolean, required)
        .addPrimaryKeyConstraint("finra_otc_rolling_key", ["capture_id", "symbol"]),
      // One security through time; everything else is read by capture, which the primary keys begin with.
      schema
        .createIndex("finra_otc_symbol_summary_symbol")
        .on("finra_otc_symbol_summary")
        .columns(["symbol", "week_ending"]),
      schema.createIndex("finra_otc_rolling_symbol").on("finra_otc_rolling").columns(["symbol", "week_ending"]),
    ];
  },
});

type Table = CreateTableBuilder<string, string>;

const required = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull();

function captured({ schema, type }: MigrationBuilder, name: string): Table {
  return schema
    .createTable(name)
    .addColumn("capture_id", type.key, required)
    .addColumn("week_ending", type.key, required)
    .addColumn("tier", type.key, required);
}

function derived(build: MigrationBuilder, name: string): Table {
  return captured(build, name)
    .addColumn("input_min_capture_id", build.type.key, required)
    .addColumn("input_max_capture_id", build.type.key, required);
}
