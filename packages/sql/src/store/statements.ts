import type { Instant } from "@spine/core";
import type { SqlTraits } from "../traits.ts";
import { type CaptureReads, buildCaptureReads } from "./capture-reads-sql.ts";
import { buildCaptureStatements, type CaptureStatements } from "./capture-sql.ts";
import { createStatementMaker } from "./statement.ts";
import { buildPayloadStatements, type PayloadStatements } from "./payload-sql.ts";
import { buildBackfillStatements, type BackfillStatements } from "./backfill-sql.ts";
import { buildOwnerStatements, type OwnerStatements } from "./owner-sql.ts";

/** What a store runs often, as text for its engine and its clock. */
export interface StoreStatements {
  readonly captures: CaptureStatements;
  readonly reads: CaptureReads;
  readonly payloads: PayloadStatements;
  readonly backfills: BackfillStatements;
  readonly owners: OwnerStatements;
}

export function buildStatements(traits: SqlTraits, now: () => Instant): StoreStatements {
  const make = createStatementMaker(traits, now);
  return Object.freeze({
    captures: buildCaptureStatements(make, traits),
    reads: buildCaptureReads(make),
    payloads: buildPayloadStatements(make, traits),
    backfills: buildBackfillStatements(make, traits),
    owners: buildOwnerStatements(make, traits),
  });
}
