import { defineCheck, defineGate, type QualityMetrics, qualityRates, thresholds } from "@spine/core";

/** Records in = normalised + refused; anything else means that a record was lost or counted twice. */
const everyRecord = defineCheck<QualityMetrics>({
  name: "every_record_accounted_for",
  category: "INTEGRITY",
  check({ subject: { recordCount = 0, validCount = 0, invalidCount = 0 } }) {
    const accounted = validCount + invalidCount;
    return accounted === recordCount
      ? { status: "PASS", message: "Every record is normalised or refused", actual: accounted, expected: recordCount }
      : {
          status: "FAIL",
          message: "Records are neither normalised nor refused",
          actual: accounted,
          expected: recordCount,
        };
  },
});

/**
 * Decides whether a normalised week may be used. A week of which most records are refused is another kind of file, and its sums
 * would look like a market that collapsed; one of which more than a twentieth is refused is used and warned of.
 */
export const normalizeGate = defineGate<QualityMetrics>({
  name: "finra.otc.normalize",
  checks: [
    everyRecord,
    ...thresholds({ maxInvalidRate: 0.5 }),
    defineCheck<QualityMetrics>({
      name: "few_records_refused",
      category: "INTEGRITY",
      check({ subject }) {
        const rate = qualityRates(subject).invalidRate ?? 0;
        return rate <= 0.05
          ? { status: "PASS", message: "Few records are refused", actual: rate, expected: { max: 0.05 } }
          : { status: "WARN", message: "Many records are refused", actual: rate, expected: { max: 0.05 } };
      },
    }),
  ],
});
