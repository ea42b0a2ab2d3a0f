import {
  type Capture,
  type CaptureAccess,
  definePipeline,
  orThrow,
  PipelineError,
  type WeekEnding,
  weekEnding,
  weekWindow,
} from "@spine/core";
import { z } from "zod";
import { slotOf } from "../domain.ts";
import { type RollingSummary, rollingSummaries, type WeekOfSymbol } from "../rules/rolling.ts";
import type { FinraTier } from "../rules/tier.ts";
import { readSymbols } from "../tables/read.ts";
import { stageOutput, stageParams } from "./stage-schemas.ts";
import { runStage, type StageRow } from "./run-stage.ts";

const version = "1";

const output = stageOutput.extend({
  /** Length of the window. */
  weeks: z.int(),
  /** Weeks of the window that are aggregated. */
  weeksPresent: z.int(),
  /** Week endings of the window that are not, oldest first. */
  missingWeeks: z.array(z.string()),
  /** Symbols that traded in every week of the window. */
  completeSymbols: z.int(),
});

/**
 * Minimum, mean, maximum and trend of each symbol over the `weeks` weeks that end with `week`. Takes what there is: missing weeks are
 * listed, and each row says in how many weeks its symbol traded. Fails with `CAPTURE_NOT_FOUND` when no week is aggregated.
 */
export const rolling = definePipeline({
  key: "finra.otc.rolling",
  version,
  description: "Volume and trend of each symbol over a window of weeks.",
  params: stageParams.extend({ weeks: z.int().min(1).max(520).default(6) }),
  output,
  needs: ["sql"],
  async run(context) {
    const { week, tier, weeks, force } = context.params;
    const window = weekWindow(weekEnding(week), weeks);
    const inputs = await aggregatesOf(context.capture, window, tier);
    if (inputs.length === 0) {
      throw new PipelineError(
        `None of the ${weeks} weeks up to ${week} of ${tier} is aggregated. Run finra.otc.aggregate_week first.`,
        { code: "CAPTURE_NOT_FOUND", context: { week, tier, weeks } },
      );
    }
    return runStage<z.infer<typeof output>>(
      context,
      {
        slot: slotOf("ROLLING", { week, tier, weeks }),
        week,
        tier,
        table: "finra_otc_rolling",
        inputs: inputs.map(({ capture }) => capture),
        parameters: { weeks: inputs.map((input) => input.week) },
        version,
        force,
        output,
      },
      async () => {
        const traded: WeekOfSymbol[] = [];
        for (const input of inputs)
          traded.push(...(await readSymbols(context.sql, input.capture.captureId, input.week)));
        const symbols = rollingSummaries(traded, window);
        const present = new Set(inputs.map((input) => input.week));
        return {
          rows: symbols.map((symbol) => ({ window_weeks: weeks, ...toRow(symbol) })),
          facts: {
            week,
            tier,
            recordCount: symbols.length,
            rejected: 0,
            weeks,
            weeksPresent: present.size,
            missingWeeks: window.filter((one) => !present.has(one)),
            completeSymbols: symbols.filter(({ isComplete }) => isComplete).length,
          },
        };
      },
    );
  },
});

interface WeekInput {
  readonly week: WeekEnding;
  readonly capture: Capture;
}

async function aggregatesOf(
  access: CaptureAccess,
  window: readonly WeekEnding[],
  tier: FinraTier,
): Promise<readonly WeekInput[]> {
  const inputs: WeekInput[] = [];
  for (const week of window) {
    const capture = await orThrow(access.current(slotOf("AGGREGATE", { week, tier })));
    if (capture !== undefined) inputs.push({ week, capture });
  }
  return inputs;
}

function toRow(symbol: RollingSummary): StageRow {
  return {
    symbol: symbol.symbol,
    avg_shares: symbol.avgShares,
    avg_trades: symbol.avgTrades,
    min_shares: symbol.minShares,
    max_shares: symbol.maxShares,
    trend: symbol.trend,
    trend_percent: symbol.trendPercent,
    weeks_in_window: symbol.weeksInWindow,
    is_complete: symbol.isComplete,
  };
}
