import { definePipeline, orThrow } from "@spine/core";
import { z } from "zod";
import { slotOf } from "../domain.ts";
import { venueShareGate } from "../gates/venue-share-gate.ts";
import { compareText } from "../rules/collections.ts";
import { type VenueShare, venueShares } from "../rules/venue-share.ts";
import { readNormalized } from "../tables/read.ts";
import { stageOutput, stageParams } from "./stage-schemas.ts";
import { runStage, type StageRow } from "./run-stage.ts";

const version = "1";

const output = stageOutput.extend({
  /** The venue of rank 1; null for a week without records. */
  topVenue: z.string().nullable(),
  /** Its part of all shares, 0–1. */
  topShare: z.number(),
});

/**
 * Ranks the venues of a week by their part of all shares. Fails with `QUALITY_GATE_FAILED` when {@link venueShareGate} finds that the parts
 * make no whole, `CAPTURE_NOT_FOUND` when the week is not normalised, `PARTITION_BLOCKED` when a gate refused it.
 */
export const venueShare = definePipeline({
  key: "finra.otc.venue_share",
  version,
  description: "Ranks the venues of a week by their part of all shares.",
  params: stageParams,
  output,
  needs: ["sql"],
  async run(context) {
    const { week, tier, force } = context.params;
    const input = await orThrow(context.capture.require(slotOf("NORMALIZE", { week, tier })));
    return runStage<z.infer<typeof output>>(
      context,
      {
        slot: slotOf("VENUE_SHARE", { week, tier }),
        week,
        tier,
        table: "finra_otc_venue_share",
        inputs: [input],
        version,
        force,
        output,
      },
      async () => {
        const venues = venueShares(await readNormalized(context.sql, input.captureId));
        const [top] = venues;
        return {
          rows: venues.toSorted((left, right) => compareText(left.mpid, right.mpid)).map(toRow),
          facts: {
            week,
            tier,
            recordCount: venues.length,
            rejected: 0,
            topVenue: top?.mpid ?? null,
            topShare: top?.share ?? 0,
          },
          judge: (running) => running.gate(venueShareGate, venues),
        };
      },
    );
  },
});

function toRow(venue: VenueShare): StageRow {
  return {
    mpid: venue.mpid,
    venue_name: venue.venueName,
    total_shares: venue.totalShares,
    total_trades: venue.totalTrades,
    symbol_count: venue.symbolCount,
    share: venue.share,
    venue_rank: venue.rank,
  };
}
