import { definePlugin } from "@spine/core";
import { domain } from "./domain.ts";
import { weekly } from "./groups/weekly.ts";
import { pipelines } from "./pipelines/pipelines.ts";
import { finraOtcTables } from "./tables/0001-finra-otc.ts";
import { weeklyRefresh } from "./workflows/weekly-refresh.ts";

/**
 * FINRA's weekly OTC transparency files: capture, normalise, aggregate, rank.
 * @example
 * const spine = await orThrow(createSpine({ store: sqlite("spine.db"), plugins: [finraOtc] }));
 * const run = await orThrow(spine.workflows.run("finra.weekly_refresh", { params: { file: "finra_otc_weekly_otc_20251215.csv" } }));
 */
export const finraOtc = definePlugin({
  name: "finra-otc",
  domain,
  pipelines,
  workflows: [weeklyRefresh],
  groups: [weekly],
  migrations: [finraOtcTables],
});
