import { defineCheck, defineGate } from "@spine/core";
import type { VenueShare } from "../rules/venue-share.ts";

const shareTolerance = 1e-4;

const makeAWhole = defineCheck<readonly VenueShare[]>({
  name: "shares_make_a_whole",
  category: "BUSINESS_RULE",
  check({ subject: venues }) {
    const sum = venues.reduce((total, { share }) => total + share, 0);
    const whole = venues.some(({ totalShares }) => totalShares > 0n) ? 1 : 0;
    return Math.abs(sum - whole) <= shareTolerance
      ? { status: "PASS", message: "The shares make a whole", actual: sum, expected: whole }
      : { status: "FAIL", message: "The shares do not make a whole", actual: sum, expected: whole };
  },
});

const ranksWithoutHoles = defineCheck<readonly VenueShare[]>({
  name: "ranks_without_holes",
  category: "INTEGRITY",
  check({ subject: venues }) {
    const at = venues.findIndex(({ rank }, index) => rank !== index + 1);
    return at === -1
      ? { status: "PASS", message: "The ranks have no holes" }
      : { status: "FAIL", message: "The ranks have holes", actual: venues[at]?.rank ?? null, expected: at + 1 };
  },
});

const nothingNegative = defineCheck<readonly VenueShare[]>({
  name: "nothing_negative",
  category: "INTEGRITY",
  check({ subject: venues }) {
    const venue = venues.find(
      ({ totalShares, totalTrades, share }) => totalShares < 0n || totalTrades < 0n || share < 0,
    );
    return venue === undefined
      ? { status: "PASS", message: "Nothing is negative" }
      : { status: "FAIL", message: "A venue is negative", actual: venue.mpid };
  },
});

/** Decides whether a ranking of venues may be used: what must hold of it whatever the week was like. Takes the largest venue first. */
export const venueShareGate = defineGate<readonly VenueShare[]>({
  name: "finra.otc.venue_share",
  checks: [makeAWhole, ranksWithoutHoles, nothingNegative],
});
