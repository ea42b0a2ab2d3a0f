import { type CaptureSlot, type CaptureTier, partitionKey } from "@spine/core";

/** Whose data it is, in the ledger of captures. */
export const domain = "finra.otc";

/** How far a week is processed, and how refined it is then. */
export const refinement = {
  INGEST: "BRONZE",
  NORMALIZE: "SILVER",
  AGGREGATE: "GOLD",
  VENUE_SHARE: "GOLD",
  ROLLING: "GOLD",
} as const satisfies Readonly<Record<string, CaptureTier>>;

export type FinraStage = keyof typeof refinement;

/** The parts of a partition: a tier's week, and for rolling windows their length. */
export interface FinraPartition {
  readonly week: string;
  readonly tier: string;
  readonly weeks?: number;
}

/**
 * Where the captures of a stage are filed: `finra.otc tier=OTC/week=2025-11-14 NORMALIZE/SILVER`. A rolling window's length is part of
 * its partition: thirteen weeks are other data than six, not a correction of them.
 */
export function slotOf(stage: FinraStage, { week, tier, weeks }: FinraPartition): CaptureSlot {
  const partition = partitionKey({ week, tier, ...(weeks === undefined ? {} : { weeks }) });
  return { domain, partition, stage, tier: refinement[stage] };
}
