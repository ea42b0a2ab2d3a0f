import { aggregateWeek } from "./aggregate-week.ts";
import { ingestWeek } from "./ingest-week.ts";
import { normalizeWeek } from "./normalize-week.ts";
import { rolling } from "./rolling.ts";
import { venueShare } from "./venue-share.ts";

/** In the order of the work. A tuple, as the entry makes types of it. */
export const pipelines = [ingestWeek, normalizeWeek, aggregateWeek, venueShare, rolling] as const;
