import { addDays, addWeeks, fridayBefore, type PlainDate, type WeekEnding } from "@spine/core";
import type { FinraTier } from "./tier.ts";

/** How the week of a file follows from its publication date; see {@link weekOfPublication}. */
export const weekRules = ["publication-delay", "friday-before"] as const;
export type WeekRule = (typeof weekRules)[number];

/** Whole weeks between a week's end and its publication (FINRA Rules 6110 and 6610; reference §4.16). */
export const delayWeeks: Readonly<Record<FinraTier, number>> = {
  NMS_TIER_1: 2,
  NMS_TIER_2: 4,
  OTC: 4,
};

/** From a week's Friday to the Monday of FINRA's publications. */
export const fridayToMonday = 3;

/**
 * The week a file published on `publishedOn` is about.
 *
 * `publication-delay`: FINRA publishes tier 1 two weeks and tier 2 and OTC four weeks after the week's end, on the Monday that
 * follows (issue 2, "The domain plugin"). So the week is the last Friday before publication, less the delay: OTC of Monday
 * 2025-12-15 → Friday 2025-12-12 → four weeks → 2025-11-14. A file that comes later in its week, after a holiday, gives the same.
 *
 * `friday-before`: the last Friday before publication, as the earlier system had it (reference §4.3).
 *
 * @defaultValue rule publication-delay
 */
export function weekOfPublication(
  tier: FinraTier,
  publishedOn: PlainDate,
  rule: WeekRule = "publication-delay",
): WeekEnding {
  const friday = fridayBefore(publishedOn);
  return rule === "friday-before" ? friday : addWeeks(friday, -delayWeeks[tier]);
}

/** The Monday on which FINRA publishes a week. {@link weekOfPublication} leads back to the week. */
export function publicationOf(tier: FinraTier, week: WeekEnding): PlainDate {
  return addDays(addWeeks(week, delayWeeks[tier]), fridayToMonday);
}
