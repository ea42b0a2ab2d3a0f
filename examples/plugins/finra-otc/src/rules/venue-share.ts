import { err, ok, type Result, ValidationError } from "@spine/core";
import { compareText, groupBy, sumOf } from "./collections.ts";
import type { NormalizedRecord } from "./normalize-record.ts";

/** One venue's part of a tier's week. */
export interface VenueShare {
  readonly mpid: string;
  readonly venueName: string | null;
  readonly totalShares: bigint;
  readonly totalTrades: bigint;
  readonly symbolCount: number;
  /** Part of all shares of the week, 0–1; 0 for all when no share was traded. */
  readonly share: number;
  /** 1 for the largest; equal venues by MPID. */
  readonly rank: number;
}

const shareTolerance = 1e-4;

type Measured = Pick<NormalizedRecord, "symbol" | "mpid" | "venueName" | "shares" | "trades">;

/** Shares of the week by venue, the largest first. */
export function venueShares(records: readonly Measured[]): readonly VenueShare[] {
  const total = Number(sumOf(records, ({ shares }) => shares));
  return [...groupBy(records, ({ mpid }) => mpid)]
    .map(([mpid, group]) => ({
      mpid,
      venueName: group.find(({ venueName }) => venueName !== null)?.venueName ?? null,
      totalShares: sumOf(group, ({ shares }) => shares),
      totalTrades: sumOf(group, ({ trades }) => trades),
      symbolCount: new Set(group.map(({ symbol }) => symbol)).size,
    }))
    .toSorted(largestFirst)
    .map((venue, index) => ({
      ...venue,
      share: total === 0 ? 0 : Number(venue.totalShares) / total,
      rank: index + 1,
    }));
}

/**
 * Checks what must hold of {@link venueShares}: nothing negative, ranks 1..n without holes, and shares that make 1 ± 0.0001 unless
 * nothing was traded. Fails with `QUALITY_GATE_FAILED`, naming what does not hold.
 */
export function checkVenueShares(venues: readonly VenueShare[]): Result<readonly VenueShare[], ValidationError> {
  const broken: string[] = [];
  const sum = venues.reduce((total, { share }) => total + share, 0);
  const traded = venues.some(({ totalShares }) => totalShares > 0n);
  if (traded && Math.abs(sum - 1) > shareTolerance) broken.push(`the shares make ${sum}, not 1`);
  if (venues.some(({ rank }, index) => rank !== index + 1)) broken.push("the ranks have holes");
  const negative = venues.find(
    ({ totalShares, totalTrades, share }) => totalShares < 0n || totalTrades < 0n || share < 0,
  );
  if (negative !== undefined) broken.push(`venue ${negative.mpid} is negative`);
  if (broken.length === 0) return ok(venues);
  return err(
    new ValidationError(`Venue shares do not hold: ${broken.join("; ")}.`, {
      code: "QUALITY_GATE_FAILED",
      context: { broken },
    }),
  );
}

function largestFirst(
  left: Pick<VenueShare, "totalShares" | "mpid">,
  right: Pick<VenueShare, "totalShares" | "mpid">,
): number {
  if (left.totalShares === right.totalShares) return compareText(left.mpid, right.mpid);
  return left.totalShares > right.totalShares ? -1 : 1;
}
