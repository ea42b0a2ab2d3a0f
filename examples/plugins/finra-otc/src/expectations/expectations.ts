import { defineExpectation, type Expectation, type WeekEnding } from "@spine/core";
import { domain, type FinraStage, refinement } from "../domain.ts";
import { type FinraTier, tiers } from "../rules/tier.ts";
import { delayWeeks, fridayToMonday } from "../rules/week-rule.ts";

export interface FinraExpectationsOptions {
  /** The first week that should be there. */
  readonly since: WeekEnding;
  /** @defaultValue all three */
  readonly tiers?: readonly FinraTier[] | undefined;
  /** Lengths of the rolling windows that should be there, in weeks. @defaultValue 6 */
  readonly windows?: readonly number[] | undefined;
}

const weeklyStages = ["INGEST", "NORMALIZE", "AGGREGATE", "VENUE_SHARE"] as const satisfies readonly FinraStage[];

/**
 * What should be there of FINRA's weekly files: for each tier `finra.otc.weekly.<tier>`, every week through its stages, and
 * `finra.otc.rolling_<weeks>.<tier>`, the windows that end with it. Due on the Monday on which FINRA publishes, late two days after that: after a
 * holiday the file comes on the Tuesday. A week's file is looked for in a folder, so a backfill is given `directory`.
 */
export function finraExpectations(options: FinraExpectationsOptions): readonly Expectation[] {
  const { since, tiers: wanted = tiers, windows = [6] } = options;
  return wanted.flatMap((tier) => [weeklyOf(tier, since), ...windows.map((weeks) => rollingOf(tier, weeks, since))]);
}

/** The name of the expectation of a tier's weeks: `finra.otc.weekly.nms_tier_1`. */
export function weeklyExpectation(tier: FinraTier): string {
  return `${domain}.weekly.${tier.toLowerCase()}`;
}

/** The name of the expectation of a tier's windows: `finra.otc.rolling_6.otc`. */
export function rollingExpectation(tier: FinraTier, weeks: number): string {
  return `${domain}.rolling_${weeks}.${tier.toLowerCase()}`;
}

function weeklyOf(tier: FinraTier, since: WeekEnding): Expectation {
  return defineExpectation({
    ...ofTier(tier, since),
    name: weeklyExpectation(tier),
    description: `Every week of ${tier}, from its file to venue shares.`,
    stages: stagesOf(weeklyStages),
    dimensions: { tier: [tier] },
    produce: {
      run: "finra.weekly_refresh",
      params: { week: "{{ week }}", tier: "{{ tier }}" },
      force: { force: true },
    },
  });
}

function rollingOf(tier: FinraTier, weeks: number, since: WeekEnding): Expectation {
  return defineExpectation({
    ...ofTier(tier, since),
    name: rollingExpectation(tier, weeks),
    description: `The ${weeks} weeks of ${tier} that end with each week.`,
    stages: stagesOf(["ROLLING"]),
    dimensions: { tier: [tier], weeks: [String(weeks)] },
    requires: [weeklyExpectation(tier)],
    produce: {
      run: "finra.otc.rolling",
      params: { week: "{{ week }}", tier: "{{ tier }}", weeks },
      force: { force: true },
    },
  });
}

function ofTier(tier: FinraTier, since: WeekEnding) {
  return {
    domain,
    frequency: { week: "Friday" },
    dateKey: "week",
    start: since,
    lag: { weeks: delayWeeks[tier], days: fridayToMonday },
    grace: { days: 2 },
  } as const;
}

function stagesOf(stages: readonly FinraStage[]) {
  return stages.map((stage) => ({ stage, tier: refinement[stage] }));
}
