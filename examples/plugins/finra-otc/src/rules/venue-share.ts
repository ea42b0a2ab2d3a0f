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

function largestFirst(
  left: Pick<VenueShare, "totalShares" | "mpid">,
  right: Pick<VenueShare, "totalShares" | "mpid">,
): number {
  if (left.totalShares === right.totalShares) return compareText(left.mpid, right.mpid);
  return left.totalShares > right.totalShares ? -1 : 1;
}
