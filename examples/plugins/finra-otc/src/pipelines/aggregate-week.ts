import { definePipeline, orThrow } from "@spine/core";
import { z } from "zod";
import { slotOf } from "../domain.ts";
import { aggregateSymbols, type SymbolSummary } from "../rules/aggregate.ts";
import { sumOf } from "../rules/collections.ts";
import { readNormalized } from "../tables/read.ts";
import { stageOutput, stageParams } from "./stage-schemas.ts";
import { runStage, type StageRow } from "./run-stage.ts";

const version = "1";

const output = stageOutput.extend({
  /** Exact, as decimal text: a sum may pass 2^53. */
  totalShares: z.string(),
  totalTrades: z.string(),
});

/** Sums the venues of each symbol. Fails with `CAPTURE_NOT_FOUND` when the week is not normalised, `PARTITION_BLOCKED` when a gate refused it. */
export const aggregateWeek = definePipeline({
  key: "finra.otc.aggregate_week",
  version,
  description: "Sums a week by symbol over all venues.",
  params: stageParams,
  output,
  needs: ["sql"],
  async run(context) {
    const { week, tier, force } = context.params;
    const input = await orThrow(context.capture.require(slotOf("NORMALIZE", { week, tier })));
    return runStage<z.infer<typeof output>>(
      context,
      {
        slot: slotOf("AGGREGATE", { week, tier }),
        week,
        tier,
        table: "finra_otc_symbol_summary",
        inputs: [input],
        version,
        force,
        output,
      },
      async () => {
        const symbols = aggregateSymbols(await readNormalized(context.sql, input.captureId));
        return {
          rows: symbols.map(toRow),
          facts: {
            week,
            tier,
            recordCount: symbols.length,
            rejected: 0,
            totalShares: sumOf(symbols, (symbol) => symbol.totalShares).toString(),
            totalTrades: sumOf(symbols, (symbol) => symbol.totalTrades).toString(),
          },
        };
      },
    );
  },
});

function toRow(symbol: SymbolSummary): StageRow {
  return {
    symbol: symbol.symbol,
    issue_name: symbol.issueName,
    total_shares: symbol.totalShares,
    total_trades: symbol.totalTrades,
    venue_count: symbol.venueCount,
    avg_trade_size: symbol.avgTradeSize,
  };
}
