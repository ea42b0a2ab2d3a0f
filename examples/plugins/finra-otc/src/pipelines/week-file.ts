import { readdir } from "node:fs/promises";
import { join } from "node:path";
import {
  ConfigError,
  err,
  errAsync,
  ok,
  okAsync,
  type ResultAsync,
  SourceNotFoundError,
  type SpineError,
  tryAsync,
  weekEnding,
} from "@spine/core";
import { z } from "zod";
import { fileNameOf } from "../rules/file-name.ts";
import { type FileOfWeek, newestFileOf } from "../rules/newest-file.ts";
import { publicationOf, type WeekRule, weekRules } from "../rules/week-rule.ts";
import type { FinraTier } from "../rules/tier.ts";
import { tierSchema, weekSchema } from "./stage-schemas.ts";

/** How a weekly file is named to a pipeline or workflow: by its path, or by week, tier and the folder it lies in. */
export const weekFileShape = {
  /** Path; relative ones start at the working directory. */
  file: z.string().min(1).optional(),
  /** In place of `file`: a folder of files under FINRA's names, from which week and tier choose one. */
  directory: z.string().min(1).optional(),
  /** @defaultValue follows from tier and publication date by `weekRule` */
  week: weekSchema.optional(),
  /** @defaultValue from the file's name */
  tier: tierSchema.optional(),
  /** @defaultValue publication-delay */
  weekRule: z.enum(weekRules).optional(),
} as const;

export interface WeekFile {
  readonly file?: string | undefined;
  readonly directory?: string | undefined;
  readonly week?: string | undefined;
  readonly tier?: FinraTier | undefined;
  readonly weekRule?: WeekRule | undefined;
}

/** For a schema that has {@link weekFileShape}: one of the two ways, and all of it. */
export function checkWeekFile(context: z.core.ParsePayload<WeekFile>): void {
  const { file, directory, week, tier } = context.value;
  const refuse = (name: string | undefined, message: string): void =>
    void context.issues.push({ code: "custom", path: name === undefined ? [] : [name], message, input: context.value });
  // Of no member: neither of the two is missing as such.
  if (file === undefined && directory === undefined) refuse(undefined, "Pass file, or directory with week and tier.");
  if (directory === undefined) return;
  if (file !== undefined) refuse("directory", "Pass file or directory, not both.");
  if (week === undefined) refuse("week", "A directory does not tell which week. Pass week.");
  if (tier === undefined) refuse("tier", "A directory does not tell which tier. Pass tier.");
}

/** The path of a weekly file; fails with `SOURCE_NOT_FOUND` when the folder has none of that week. */
export function pathOf(given: WeekFile): ResultAsync<string, SpineError> {
  const { file, directory, week, tier, weekRule } = given;
  if (file !== undefined) return okAsync(file);
  if (directory === undefined || week === undefined || tier === undefined)
    return errAsync(new ConfigError("A weekly file is named by file, or by directory, week and tier."));
  return pathIn(directory, { tier, week: weekEnding(week), weekRule });
}

function pathIn(directory: string, wanted: FileOfWeek): ResultAsync<string, SpineError> {
  const { tier, week } = wanted;
  const names = tryAsync(
    () => readdir(directory),
    (cause) => notFound(`${directory} cannot be listed. Check the folder's path.`, { directory }, cause),
  );
  return names.andThen((listed) => {
    const name = newestFileOf(listed, wanted);
    if (name !== undefined) return ok(join(directory, name));
    const expected = fileNameOf(tier, publicationOf(tier, week));
    const text = `${directory} has no file of ${tier} for the week ending ${week}. Expected ${expected}, or one published later that week.`;
    return err(notFound(text, { directory, week, tier, expected }));
  });
}

function notFound(message: string, context: Readonly<Record<string, unknown>>, cause?: unknown): SpineError {
  return new SourceNotFoundError(message, { context, cause });
}
