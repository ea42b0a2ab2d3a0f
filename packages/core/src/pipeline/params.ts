import { BadParamsError, PipelineError } from "../errors/families.ts";
import type { SpineError } from "../errors/spine-error.ts";
import { didYouMean } from "../keys.ts";
import { err, ok, type Result } from "../result.ts";
import type { Pipeline } from "./pipeline.ts";
import { checkSchema, memberNames, type Schema, type SchemaIssue } from "./schema.ts";

export interface ParseParamsOptions {
  /** What the parameters are for, in texts: `Pipeline "finra.otc.ingest_week"`. */
  readonly subject: string;
  readonly context?: Readonly<Record<string, unknown>>;
}

/**
 * Parses parameters by a schema; the caller's object is never written to. Fails with `PARAMS_INVALID`, whose text and fields list
 * every missing and every wrong parameter.
 */
export async function parseParams<T>(
  schema: Schema<unknown, T> | undefined,
  params: unknown,
  options: ParseParamsOptions,
): Promise<Result<T, BadParamsError>> {
  if (schema === undefined) return ok(params as T);
  const verdict = await checkSchema(schema, params);
  return verdict.valid ? ok(verdict.value) : err(badParams(verdict.issues, options));
}

/** Checks what a pipeline returned. Fails with `OUTPUT_INVALID`. */
export async function parseOutput(pipeline: Pipeline, output: unknown): Promise<Result<unknown, SpineError>> {
  if (pipeline.output === undefined) return ok(output);
  const verdict = await checkSchema(pipeline.output, output);
  if (verdict.valid) return ok(verdict.value);
  const texts = verdict.issues.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
  return err(
    new PipelineError(
      `Pipeline "${pipeline.key}" returned what its output schema does not allow: ${texts.join("; ")}.`,
      {
        code: "OUTPUT_INVALID",
        context: { pipeline: pipeline.key, issues: texts },
      },
    ),
  );
}

/** Refuses parameters no schema knows, as far as the schemas can tell; the text suggests the nearest name. */
export function refuseUnknownParams(
  schemas: readonly (Schema | undefined)[],
  params: Readonly<Record<string, unknown>>,
  options: ParseParamsOptions,
): Result<void, BadParamsError> {
  const names = schemas.map((schema) => (schema === undefined ? undefined : memberNames(schema)));
  if (names.includes(undefined)) return ok(undefined);
  const known = new Set(names.flatMap((list) => list ?? []));
  const unknown = Object.keys(params).filter((name) => !known.has(name));
  if (unknown.length === 0) return ok(undefined);
  const texts = unknown.map((name) => `"${name}" is not a parameter.${didYouMean(name, known)}`);
  return err(
    new BadParamsError(`${options.subject}: ${texts.join(" ")}`, {
      invalid: Object.fromEntries(unknown.map((name) => [name, "unknown"])),
      context: { ...options.context, unknown },
    }),
  );
}

function badParams(issues: readonly SchemaIssue[], options: ParseParamsOptions): BadParamsError {
  const missing = issues.filter((issue) => issue.missing).map(({ path }) => path);
  const wrong = issues.filter((issue) => !issue.missing);
  const sentences = [
    ...(missing.length === 0 ? [] : [`Missing required parameters: ${missing.join(", ")}.`]),
    ...wrong.map(({ path, message }) => sentence(path === "" ? message : `Invalid parameter "${path}": ${message}`)),
  ];
  return new BadParamsError(`${options.subject}: ${sentences.join(" ")}`, {
    missing,
    invalid: Object.fromEntries(wrong.map(({ path, message }) => [path, message])),
    ...(options.context === undefined ? {} : { context: options.context }),
  });
}

function sentence(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`;
}
