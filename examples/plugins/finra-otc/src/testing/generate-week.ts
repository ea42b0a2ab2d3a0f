import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PlainDate, WeekEnding } from "@spine/core";
import { fileNameOf } from "../rules/file-name.ts";
import type { FinraTier } from "../rules/tier.ts";
import { publicationOf } from "../rules/week-rule.ts";
import { createMarket, type Listing } from "./market.ts";
import { createRandom, type Random } from "./random.ts";
import { createTraps, type Trap } from "./traps.ts";
import { TruthCounter, type WeekTruth } from "./truth.ts";

export interface GenerateWeekOptions {
  readonly week: WeekEnding;
  /** @defaultValue OTC */
  readonly tier?: FinraTier;
  /** The same seed has the same securities in every week. @defaultValue 1 */
  readonly seed?: string | number;
  /** Records of the file, traps included; at least 50. @defaultValue 5,000 */
  readonly rows?: number;
  /** @defaultValue true */
  readonly traps?: boolean;
  /** Above 0: the file as FINRA corrects it later, some quantities changed. @defaultValue 0 */
  readonly revision?: number;
  /** @defaultValue "\n" */
  readonly lineEnd?: "\n" | "\r\n";
  /** Whether the last line ends as the others do. @defaultValue true */
  readonly endsWithLineEnd?: boolean;
}

/** A file as FINRA would publish it, and what must come of it. */
export interface GeneratedWeek {
  readonly fileName: string;
  readonly text: string;
  readonly week: WeekEnding;
  readonly tier: FinraTier;
  readonly publishedOn: PlainDate;
  readonly truth: WeekTruth;
}

const header =
  "tierDescription|issueSymbolIdentifier|issueName|marketParticipantName|MPID|totalWeeklyShareQuantity|totalWeeklyTradeCount|lastUpdateDate";

const tierTexts: Readonly<Record<FinraTier, string>> = {
  NMS_TIER_1: "NMS Tier 1",
  NMS_TIER_2: "NMS Tier 2",
  OTC: "OTC",
};

/** Part of the listings that trade in a week. */
const activity = 0.9;
const correctedPart = 0.02;

/** Makes a weekly file of FINRA's shape and name; the same options make the same bytes. Writes nothing. */
export function generateWeek(options: GenerateWeekOptions): GeneratedWeek {
  const { week, tier = "OTC", seed = 1, rows = 5000, revision = 0, lineEnd = "\n" } = options;
  const publishedOn = publicationOf(tier, week);
  const random = createRandom("week", seed, week, tier);
  const corrections = createRandom("revision", seed, week, tier, revision);
  const traps = options.traps === false ? [] : createTraps(tier, tierTexts[tier], publishedOn);
  const market = createMarket(`${seed}|${tier}`, Math.ceil((rows - traps.length) / activity));

  const records = sample(market, rows - traps.length, random).map((listing): Trap => {
    const [shares, trades] = trade(listing, random);
    const isCorrected = revision > 0 && corrections.next() < correctedPart;
    return toRecord(listing, isCorrected ? shares + 100 : shares, trades, tierTexts[tier], publishedOn);
  });
  for (const trap of traps) records.splice(random.int(records.length + 1), 0, trap);

  const truth = new TruthCounter();
  const lines = [header];
  // A blank line is no record, but it is a line.
  const blankBefore = traps.length === 0 ? -1 : Math.floor(records.length / 2);
  for (const [index, record] of records.entries()) {
    if (index === blankBefore) lines.push("");
    lines.push(record.fields.join("|"));
    truth.add(record, lines.length);
  }
  return Object.freeze({
    fileName: fileNameOf(tier, publishedOn),
    text: lines.join(lineEnd) + (options.endsWithLineEnd === false ? "" : lineEnd),
    week,
    tier,
    publishedOn,
    truth: truth.toTruth(),
  });
}

/** Writes a generated file into a folder, which is made if need be; resolves to its path. */
export async function writeWeek(folder: string, generated: GeneratedWeek): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, generated.fileName);
  await writeFile(path, generated.text);
  return path;
}

/** Exactly `count` of the listings, in their order, each as likely as the others. */
function sample(listings: readonly Listing[], count: number, random: Random): readonly Listing[] {
  let wanted = count;
  return listings.filter((_, index) => {
    const isTaken = random.next() * (listings.length - index) < wanted;
    if (isTaken) wanted -= 1;
    return isTaken;
  });
}

function trade({ logShares, tradeSize }: Listing, random: Random): readonly [number, number] {
  const shares = Math.max(1, Math.round(Math.exp(logShares + 0.6 * random.normal())));
  return [shares, Math.min(shares, Math.max(1, Math.round(shares / tradeSize)))];
}

function toRecord(
  { symbol, issueName, venue }: Listing,
  shares: number,
  trades: number,
  tierText: string,
  date: string,
): Trap {
  return {
    fields: [tierText, symbol, issueName, venue.name, venue.mpid, `${shares}`, `${trades}`, date],
    fate: { kept: { symbol, mpid: venue.mpid } },
  };
}
