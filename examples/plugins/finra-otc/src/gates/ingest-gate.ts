import { defineCheck, defineGate, historyCheck } from "@spine/core";
import type { AggregateLevel } from "../rules/aggregate-level.ts";

/** What the ingest of a file is judged by. */
export interface IngestedFile {
  /** Records that could be read. */
  readonly recordCount: number;
  /** The least a week has. */
  readonly minRecords: number;
  /** What the records that say so sum over, and how many of each there are. */
  readonly levels: Readonly<Partial<Record<AggregateLevel, number>>>;
}

/** A file with both has every trade twice: in its venue's record and in its security's (reference, "Do not mix aggregate levels"). */
const oneLevel = defineCheck<IngestedFile>({
  name: "one_aggregate_level",
  category: "INTEGRITY",
  check({ subject: { levels } }) {
    const others = Object.keys(levels).filter((level) => level !== "SYMBOL_AND_FIRM");
    return others.length === 0
      ? { status: "PASS", message: "Every record is a security at a venue" }
      : {
          status: "FAIL",
          message: "Records sum over more than one venue",
          actual: { ...levels },
          expected: "SYMBOL_AND_FIRM",
        };
  },
});

const enoughRecords = defineCheck<IngestedFile>({
  name: "min_record_count",
  category: "COMPLETENESS",
  check: ({ subject: { recordCount, minRecords } }) => ({
    status: recordCount >= minRecords ? "PASS" : "FAIL",
    message: recordCount >= minRecords ? "There are enough records" : "There are fewer records than a week has",
    actual: recordCount,
    expected: { min: minRecords },
  }),
});

const ofLastWeeks = {
  captures: 8,
  minHistory: 3,
  sameParts: ["tier"],
  valueOf: ({ recordCount }: IngestedFile) => recordCount,
} as const;

/**
 * Decides whether a captured file may be used: records of one level, as many as a week has, and not far fewer than the last weeks of
 * the tier had, which is how a download that broke off looks. A week that differs less than that is used and warned of.
 */
export const ingestGate = defineGate<IngestedFile>({
  name: "finra.otc.ingest",
  checks: [
    oneLevel,
    enoughRecords,
    historyCheck<IngestedFile>({ ...ofLastWeeks, name: "complete_as_last_weeks", maxDropPercent: 60 }),
    historyCheck<IngestedFile>({
      ...ofLastWeeks,
      name: "like_last_weeks",
      maxDropPercent: 25,
      maxRisePercent: 50,
      onBreach: "WARN",
    }),
  ],
});
