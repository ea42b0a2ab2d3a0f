import { defineGroup } from "@spine/orchestration";
import { domain } from "../domain.ts";

/**
 * The week as a v1 group: its steps share parameters and no data, so `week` and `tier` are given beside `file`. `groups/weekly.yaml`
 * is the same group for those who edit YAML.
 */
export const weekly = defineGroup({
  name: "finra.weekly",
  domain,
  description: "One FINRA weekly file through all stages; week and tier are given.",
  tags: ["finra", "weekly"],
  defaults: { tier: "OTC", weeks: 6 },
  policy: { execution: "parallel", maxConcurrency: 2, onFailure: "stop" },
  steps: [
    { name: "ingest", pipeline: "finra.otc.ingest_week" },
    { name: "normalize", pipeline: "finra.otc.normalize_week", dependsOn: ["ingest"] },
    { name: "aggregate", pipeline: "finra.otc.aggregate_week", dependsOn: ["normalize"] },
    { name: "venue_share", pipeline: "finra.otc.venue_share", dependsOn: ["normalize"] },
    { name: "rolling", pipeline: "finra.otc.rolling", dependsOn: ["aggregate"] },
  ],
});
