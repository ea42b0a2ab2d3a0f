import { didYouMean, err, ok, type Result, ValidationError } from "@spine/core";

/** How FINRA classes securities in its weekly files, spelt as stored. */
export const tiers = ["NMS_TIER_1", "NMS_TIER_2", "OTC"] as const;
export type FinraTier = (typeof tiers)[number];

/**
 * Every spelling that names a tier, in lower case with single spaces. Exact on purpose: the earlier system took any text with
 * "otc" in it for the OTC tier (reference §7).
 */
const aliases: ReadonlyMap<string, FinraTier> = new Map<string, FinraTier>([
  ["nms_tier_1", "NMS_TIER_1"],
  ["nms tier 1", "NMS_TIER_1"],
  ["tier 1", "NMS_TIER_1"],
  ["tier1", "NMS_TIER_1"],
  ["t1", "NMS_TIER_1"],
  ["nms_tier_2", "NMS_TIER_2"],
  ["nms tier 2", "NMS_TIER_2"],
  ["tier 2", "NMS_TIER_2"],
  ["tier2", "NMS_TIER_2"],
  ["t2", "NMS_TIER_2"],
  ["otc", "OTC"],
  ["otc other", "OTC"],
]);

/**
 * Reads a tier as files and people write it: `NMS Tier 1`, `tier1`, `OTC Other`. Case and repeated white space do not count.
 * Fails with `VALIDATION_FAILED`.
 */
export function parseTier(text: string): Result<FinraTier, ValidationError> {
  const tier = aliases.get(text.trim().replaceAll(/\s+/g, " ").toLowerCase());
  if (tier !== undefined) return ok(tier);
  return err(
    new ValidationError(`"${text}" is not a FINRA tier.${didYouMean(text, tiers)}`, {
      field: "tier",
      value: text,
    }),
  );
}
