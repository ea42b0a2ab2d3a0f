import { basename } from "node:path";
import { weekEnding } from "@spine/core";
import { StepResult, workflow } from "@spine/orchestration";
import { z } from "zod";
import { domain } from "../domain.ts";
import { checkWeekFile, weekFileShape } from "../pipelines/week-file.ts";
import { resolveWeek } from "../rules/resolve-week.ts";
import type { FinraTier } from "../rules/tier.ts";

const params = z
  .object({
    ...weekFileShape,
    /** Capture and compute again although nothing changed. */
    force: z.boolean().default(false),
    /** The file is one of the past, see `finra.otc.ingest_week`. */
    imported: z.boolean().default(false),
    /** Weeks of the rolling window. */
    weeks: z.int().min(1).max(520).default(6),
    /** A file with fewer records is not taken for a week. */
    minRecords: z.int().min(0).default(1),
    /** Part of refused records, in percent, above which a person should look. */
    reviewAbovePercent: z.number().min(0).max(100).default(5),
  })
  .check(checkWeekFile);

interface WeekFound {
  readonly week: string;
  readonly tier: FinraTier;
}

const retry = { maxAttempts: 3 } as const;

/**
 * One weekly file from disk to rolling windows. What is there already is skipped, and what a gate refuses ends the run; more refused
 * records than usual take the way through `review`, which marks the run for a person and goes on.
 */
export const weeklyRefresh = workflow("finra.weekly_refresh", {
  domain,
  description: "One FINRA weekly file from disk to venue shares and rolling windows.",
  params,
})
  .pipeline("ingest", "finra.otc.ingest_week", { retry })
  .lambda("week", ({ outputs, params: given, isDryRun }) =>
    isDryRun ? plannedWeek(given) : weekFound(outputs.ingest.week, outputs.ingest.tier),
  )
  .pipeline("normalize", "finra.otc.normalize_week", { retry })
  .choice("route", {
    // A dry run has no such outputs.
    when: "has(outputs.ingest.rejected) && (outputs.ingest.rejected + outputs.normalize.rejected) * 100.0 > params.reviewAbovePercent * outputs.ingest.recordsIn",
    then: "review",
    join: "aggregate",
  })
  .lambda("review", ({ outputs }) => {
    const { week, tier, rejectedByReason } = outputs.normalize;
    const toReview = outputs.ingest.rejected + outputs.normalize.rejected;
    return StepResult.ok(
      { toReview, unreadable: outputs.ingest.rejected, reasons: rejectedByReason },
      { events: [{ type: "finra.review_requested", payload: { week, tier, toReview } }] },
    );
  })
  .pipeline("aggregate", "finra.otc.aggregate_week", { retry })
  .pipeline("venue_share", "finra.otc.venue_share", { retry })
  .pipeline("rolling", "finra.otc.rolling", { retry })
  .lambda("summary", ({ outputs, isDryRun }) => {
    if (isDryRun) return StepResult.skip("a dry run has nothing to sum up");
    return StepResult.ok({
      week: outputs.ingest.week,
      tier: outputs.ingest.tier,
      recordsIn: outputs.ingest.recordsIn,
      normalized: outputs.normalize.recordCount,
      rejected: outputs.ingest.rejected + outputs.normalize.rejected,
      symbols: outputs.aggregate.recordCount,
      venues: outputs.venue_share.recordCount,
      totalShares: outputs.aggregate.totalShares,
      totalTrades: outputs.aggregate.totalTrades,
      reviewed: outputs.review !== undefined,
    });
  })
  .build();

/** The steps after ingest take week and tier by name, whoever knew them. */
function weekFound(week: string, tier: FinraTier): StepResult<WeekFound> {
  return StepResult.ok({ week, tier }, { updates: { week, tier } });
}

/** A dry run reads no file, so only the parameters and the name can tell. */
function plannedWeek({ file = "", week, tier, weekRule }: z.infer<typeof params>): StepResult<WeekFound> {
  const fileName = basename(file);
  return resolveWeek({ fileName, tier, week: week === undefined ? undefined : weekEnding(week), weekRule }).match(
    (found) => weekFound(found.week, found.tier),
    (error) => StepResult.fail(error.message, { category: "VALIDATION", cause: error }),
  );
}
