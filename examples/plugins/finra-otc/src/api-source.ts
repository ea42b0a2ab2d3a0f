import { ConfigError, parsePlainDate } from "@spine/core";
import { json, type RateLimiter, createRateLimiter } from "@spine/sources";
import { byOffset, type HttpAuth, httpSource, type HttpSource } from "@spine/sources/http";
import { z } from "zod";
import { domain } from "./domain.ts";

/** A record of the data set `weeklySummary`, as far as the plugin uses it. */
const weeklySummary = z.object({
  tierIdentifier: z.enum(["T1", "T2", "OTC"]),
  issueSymbolIdentifier: z.string().min(1),
  issueName: z.string().nullable(),
  MPID: z.string().nullable(),
  marketParticipantName: z.string().nullable(),
  summaryTypeCode: z.string(),
  weekStartDate: z.iso.date(),
  totalWeeklyShareQuantity: z.number(),
  totalWeeklyTradeCount: z.number(),
  lastUpdateDate: z.iso.date().nullable(),
});

export type WeeklySummaryRow = z.infer<typeof weeklySummary>;

export interface WeeklyApiOptions {
  /** @defaultValue "https://api.finra.org" */
  readonly baseUrl?: string;
  /** For those who are registered; the public data sets need none. */
  readonly auth?: HttpAuth;
  /** @defaultValue 20 requests a second, shared by all sources of one call */
  readonly rateLimit?: RateLimiter;
  /** Records of a page; FINRA gives 5,000 at most. @defaultValue 5000 */
  readonly pageSize?: number;
}

/**
 * FINRA's query service for the weekly OTC summaries, page by page. Takes the parameters `weekStart`, the Monday of a week, and `tier`.
 * @example
 * const api = weeklyApi();
 * const week = await orThrow(api.fetch({ params: { weekStart: "2025-11-10", tier: "T1" } }));
 */
export function weeklyApi(options: WeeklyApiOptions = {}): HttpSource<WeeklySummaryRow> {
  const { baseUrl = "https://api.finra.org", auth, pageSize = 5000 } = options;
  const { rateLimit = createRateLimiter({ requests: 20, perMs: 1000 }) } = options;
  return httpSource({
    name: "finra.otc.weekly_api",
    domain,
    url: new URL("/data/group/otcMarket/name/weeklySummary", baseUrl),
    headers: { accept: "application/json" },
    body: ({ weekStart, tier }) => ({
      compareFilters: [
        { fieldName: "weekStartDate", compareType: "EQUAL", fieldValue: dayOf(weekStart) },
        { fieldName: "tierIdentifier", compareType: "EQUAL", fieldValue: String(tier) },
      ],
    }),
    pagination: byOffset({ size: pageSize, in: "body" }),
    format: json(),
    schema: weeklySummary,
    rateLimit,
    ...(auth === undefined ? {} : { auth }),
  });
}

function dayOf(value: unknown): string {
  const day = parsePlainDate(String(value));
  if (day.isErr()) throw new ConfigError(`weekStart is no day. ${day.error.message}`, { cause: day.error });
  return day.value;
}
