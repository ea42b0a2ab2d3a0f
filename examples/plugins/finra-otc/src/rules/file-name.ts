import { parsePlainDate, type PlainDate } from "@spine/core";
import { type FinraTier, parseTier } from "./tier.ts";

/** What a file's name says of its content; what it does not say is undefined. */
export interface FileNameFacts {
  readonly tier: FinraTier | undefined;
  readonly publishedOn: PlainDate | undefined;
}

const extensions = /(?:\.[A-Za-z][A-Za-z0-9]*)+$/;
const dateAtEnd = /(?:^|[^0-9])(?:(\d{4})(\d{2})(\d{2})|(\d{4}-\d{2}-\d{2}))$/;
const dataset = /^finra_otc_weekly(?:_|$)/i;

/**
 * Reads `finra_otc_weekly_{tier1|tier2|otc}_YYYYMMDD.csv`: the tier, and the day FINRA published the file. The date may be
 * dashed, and `finra_otc_weekly_` may be absent; what is left besides must be a tier's exact name, so that the "otc" of the
 * data set is not taken for the tier.
 */
export function parseFileName(fileName: string): FileNameFacts {
  const stem = fileName.replace(extensions, "");
  const date = dateAtEnd.exec(stem);
  const publishedOn = date === null ? undefined : dateOf(date);
  const words = (publishedOn === undefined ? stem : stem.slice(0, -dateLength(date)))
    .replace(dataset, "")
    .replaceAll(/[_\s-]+/g, " ");
  return { tier: parseTier(words).unwrapOr(undefined), publishedOn };
}

/** The name FINRA would give to a file. */
export function fileNameOf(tier: FinraTier, publishedOn: PlainDate): string {
  return `finra_otc_weekly_${nameParts[tier]}_${publishedOn.replaceAll("-", "")}.csv`;
}

const nameParts: Readonly<Record<FinraTier, string>> = {
  NMS_TIER_1: "tier1",
  NMS_TIER_2: "tier2",
  OTC: "otc",
};

function dateOf([, year, month, day, dashed]: RegExpExecArray): PlainDate | undefined {
  return parsePlainDate(dashed ?? `${year}-${month}-${day}`).unwrapOr(undefined);
}

function dateLength(date: RegExpExecArray | null): number {
  return date?.[4] === undefined ? "YYYYMMDD".length : "YYYY-MM-DD".length;
}
