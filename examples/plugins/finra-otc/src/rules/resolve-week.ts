import {
  err,
  ok,
  parsePlainDate,
  type PlainDate,
  parseWeekEnding,
  type Result,
  ValidationError,
  type WeekEnding,
} from "@spine/core";
import type { RawRecord } from "./columns.ts";
import { parseFileName } from "./file-name.ts";
import { type FinraTier, parseTier } from "./tier.ts";
import { weekOfPublication, type WeekRule } from "./week-rule.ts";

/** Which week of which tier a file is, and when FINRA published it. */
export interface FileWeek {
  readonly tier: FinraTier;
  readonly week: WeekEnding;
  readonly publishedOn: PlainDate | undefined;
}

export interface ResolveWeekOptions {
  /** Without folders. */
  readonly fileName: string;
  readonly tier?: FinraTier | undefined;
  readonly week?: WeekEnding | undefined;
  readonly weekRule?: WeekRule | undefined;
  /** The file's first record, if it has one. */
  readonly first?: RawRecord | undefined;
}

/**
 * Tells tier and week of a file: what the caller says, else what the name says, else what the first record says (its tier, its
 * lastUpdateDate for the publication). A week that the records state themselves beats one that follows from a publication.
 * Fails with
 * `VALIDATION_FAILED`, whose text names the parameter to pass.
 */
export function resolveWeek(options: ResolveWeekOptions): Result<FileWeek, ValidationError> {
  const { fileName, first } = options;
  const named = parseFileName(fileName);
  const tier = options.tier ?? named.tier ?? parseTier(first?.tier ?? "").unwrapOr(undefined);
  if (tier === undefined) {
    return err(
      new ValidationError(`Neither the name nor the first record of "${fileName}" tells its tier. Pass tier.`, {
        field: "tier",
      }),
    );
  }
  const publishedOn = named.publishedOn ?? parsePlainDate(first?.lastUpdateDate?.trim() ?? "").unwrapOr(undefined);
  const week = options.week ?? parseWeekEnding(first?.week?.trim() ?? "").unwrapOr(undefined);
  if (week !== undefined) return ok({ tier, week, publishedOn });
  if (publishedOn === undefined) {
    return err(
      new ValidationError(
        `Neither the name nor the first record of "${fileName}" has a publication date. Pass week, such as 2025-11-14.`,
        { field: "week" },
      ),
    );
  }
  return ok({ tier, week: weekOfPublication(tier, publishedOn, options.weekRule), publishedOn });
}
