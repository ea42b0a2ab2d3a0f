import { definePlugin, type Plugin, weekEnding } from "@spine/core";
import { domain } from "./domain.ts";
import { finraExpectations, type FinraExpectationsOptions } from "./expectations/expectations.ts";
import { weekly } from "./groups/weekly.ts";
import { pipelines } from "./pipelines/pipelines.ts";
import { finraOtcTables } from "./tables/0001-finra-otc.ts";
import { summaryType } from "./tables/0002-summary-type.ts";
import { currentViews } from "./tables/0003-current-views.ts";
import { weeklyRefresh } from "./workflows/weekly-refresh.ts";

/**
 * FINRA's weekly OTC transparency files: capture, normalise, aggregate, rank; with what a host says should be there.
 * @example
 * const spine = await orThrow(createSpine({ store: sqlite("spine.db"), plugins: [finraOtcSince({ since: weekEnding("2024-01-05"), tiers: ["OTC"] })] }));
 * const report = await orThrow(spine.expectations.gaps("finra.otc.weekly.otc"));
 */
export function finraOtcSince(options: FinraExpectationsOptions): Plugin {
  return definePlugin({
    name: "finra-otc",
    domain,
    pipelines,
    workflows: [weeklyRefresh],
    groups: [weekly],
    migrations: [finraOtcTables, summaryType, currentViews],
    expectations: finraExpectations(options),
  });
}

/**
 * {@link finraOtcSince} for all tiers from the first week of 2025.
 * @example
 * const spine = await orThrow(createSpine({ store: sqlite("spine.db"), plugins: [finraOtc] }));
 * const run = await orThrow(spine.workflows.run("finra.weekly_refresh", { params: { file: "finra_otc_weekly_otc_20251215.csv" } }));
 */
export const finraOtc = finraOtcSince({ since: weekEnding("2025-01-03") });
