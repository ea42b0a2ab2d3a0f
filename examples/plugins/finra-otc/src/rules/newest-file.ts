import type { WeekEnding } from "@spine/core";
import { compareText } from "./collections.ts";
import { parseFileName } from "./file-name.ts";
import type { FinraTier } from "./tier.ts";
import { weekOfPublication, type WeekRule } from "./week-rule.ts";

export interface FileOfWeek {
  readonly tier: FinraTier;
  readonly week: WeekEnding;
  readonly weekRule?: WeekRule | undefined;
}

/**
 * The file of a week among the names of a folder: of those whose name says this tier and whose date leads to this week, the one that was
 * published last, as FINRA republishes a week it corrects; of the same date the last by name. Undefined when there is none.
 */
export function newestFileOf(fileNames: readonly string[], { tier, week, weekRule }: FileOfWeek): string | undefined {
  return fileNames
    .flatMap((name) => {
      const { tier: namedTier, publishedOn } = parseFileName(name);
      if (namedTier !== tier || publishedOn === undefined) return [];
      return weekOfPublication(tier, publishedOn, weekRule) === week ? [{ name, publishedOn }] : [];
    })
    .toSorted((left, right) => compareText(left.publishedOn, right.publishedOn) || compareText(left.name, right.name))
    .at(-1)?.name;
}
