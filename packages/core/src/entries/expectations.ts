// Expectations and backfills
export {
  certificateHolds,
  certificateOf,
  type CertificateDraft,
  type ReadinessFacts,
  type StageFacts,
} from "../expectations/certificate.ts";
export type { Delay } from "../expectations/delay.ts";
export {
  defineExpectation,
  type Expectation,
  type ExpectationAdvice,
  type ExpectationDefinition,
  type ExpectedStage,
  isExpectation,
  lintExpectation,
  type Produce,
  type ProduceDefinition,
} from "../expectations/expectation.ts";
export {
  createExpectations,
  type ExpectationRange,
  type Expectations,
  type ExpectationsOptions,
  type LatePartition,
  type Readiness,
} from "../expectations/expectations.ts";
export type { DateRange, Frequency, NamedDate, WeekdayName } from "../expectations/frequency.ts";
export {
  type AcceptedGap,
  type Gap,
  type GapReport,
  gapsOf,
  type PartitionReport,
  type PartitionStatus,
  type StageHeads,
  type StageReport,
} from "../expectations/gaps.ts";
export { type ExpectedPartition, expectedPartitions, type PartitionRange } from "../expectations/partitions.ts";
export { paramsFor } from "../expectations/produce.ts";
export type { Blocker, Certificate, CertifiedStage } from "../expectations/readiness.ts";
export type { Contributed } from "../expectations/registries.ts";
export type {
  Backfill,
  BackfillCounts,
  BackfillDirection,
  BackfillItem,
  BackfillItemStatus,
  BackfillMode,
  BackfillStatus,
  NewBackfill,
} from "../backfill/backfill.ts";
export { type BackfillPlan, planBackfill, type PlanBackfillOptions } from "../backfill/plan.ts";
