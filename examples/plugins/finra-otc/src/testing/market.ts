import { createRandom, type Random } from "./random.ts";

/** A venue as FINRA's files name it. */
export interface Venue {
  readonly mpid: string;
  readonly name: string;
  /** How likely a security trades there, 0–1. */
  readonly reach: number;
  /** Added to the logarithm of the volume. */
  readonly size: number;
}

/** A security at a venue: one record a week, when it trades. */
export interface Listing {
  readonly symbol: string;
  readonly issueName: string;
  readonly venue: Venue;
  /** Mean of the logarithm of its weekly shares. */
  readonly logShares: number;
  /** Shares a trade. */
  readonly tradeSize: number;
}

const venues: readonly Venue[] = [
  { mpid: "OTCN", name: "OTCN OTC LINK NQB IDQS", reach: 0.75, size: 0.6 },
  { mpid: "OTCX", name: "OTCX OTC LINK ECN ATS", reach: 0.55, size: 0 },
  { mpid: "ARCA", name: "ARCA GLOBAL OTC", reach: 0.3, size: 0.3 },
  { mpid: "PPEX", name: "PPEX NORTH CAPITAL PRIVATE SECURITIES CORPORATION", reach: 0.12, size: -1.5 },
  { mpid: "ALTS", name: "ALTS LODAS SECURITIES ALTERNATIVE TRADING SYSTEM", reach: 0.004, size: -2 },
  { mpid: "VIAT", name: "VIAT VARIABLE INVESTMENT ADVISORS, INC.", reach: 0.003, size: -2 },
];

const first = [
  "Amber",
  "Blue Ridge",
  "Cedar",
  "Delta",
  "Elk Creek",
  "Fjord",
  "Granite",
  "Harbor",
  "Iron",
  "Juniper",
  "Kestrel",
  "Lumen",
] as const;
const second = [
  "Gold",
  "Energy",
  "Therapeutics",
  "Capital",
  "Mining",
  "Robotics",
  "Foods",
  "Networks",
  "Shipping",
  "Lithium",
] as const;
const form = [
  "Inc. Common Stock",
  "Corp. Common Stock",
  "Ltd. Ordinary Shares",
  "PLC Sponsored ADR",
  "AG ADR (Switzerland)",
  "N V Unsponsored ADR",
] as const;

/** Codes no generated security has, so that traps can use them. */
const reservedLetter = "Z";

/** The securities and venues of a seed: `size` listings in the order of a file, by symbol, then venue. */
export function createMarket(seed: string | number, size: number): readonly Listing[] {
  const random = createRandom("market", seed);
  const symbols = new Set<string>();
  const listings: Listing[] = [];
  while (listings.length < size) {
    const symbol = symbolOf(random);
    if (symbols.has(symbol)) continue;
    symbols.add(symbol);
    const issueName = `${random.pick(first)} ${random.pick(second)} ${random.pick(form)}`;
    // Volumes of real weeks are about log-normal: most securities trade a few thousand shares, some many millions.
    const base = 8 + 2.3 * random.normal();
    const tradeSize = Math.exp(5 + 1.2 * random.normal());
    for (const venue of venues) {
      if (random.next() >= venue.reach) continue;
      listings.push({ symbol, issueName, venue, logShares: base + venue.size, tradeSize });
    }
  }
  return listings
    .slice(0, size)
    .toSorted((left, right) => (left.symbol < right.symbol ? -1 : left.symbol > right.symbol ? 1 : 0));
}

function symbolOf(random: Random): string {
  const letters = Array.from({ length: 4 }, () => String.fromCharCode(65 + random.int(25)));
  const symbol = `${letters.join("")}${random.pick(["", "F", "Y"])}`;
  return symbol.startsWith(reservedLetter) ? `A${symbol.slice(1)}` : symbol;
}
