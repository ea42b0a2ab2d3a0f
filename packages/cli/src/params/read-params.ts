import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import {
  BadParamsError,
  didYouMean,
  err,
  type ErrorContext,
  ok,
  type Result,
  type SpineError,
  toSpineError,
  tryResult,
} from "@spine/core";
import type { ParamShape } from "./param-shapes.ts";

export interface ReadParamsOptions {
  /** What the parameters are for, in texts: `Workflow "finra.weekly_refresh"`. */
  readonly subject: string;
  readonly context?: ErrorContext;
  readonly shapes: ReadonlyMap<string, ParamShape>;
  /** Parameters given in other ways; those of `texts` win. */
  readonly base?: Readonly<Record<string, unknown>>;
}

/**
 * Reads parameters as they are typed: `k=v` by the type its schema has for `k` (text where it has none), `k:=json` as JSON. The
 * last one of a name wins. Fails with `PARAMS_INVALID`, naming each mistake.
 */
export function readParams(
  texts: readonly string[],
  { subject, context = {}, shapes, base = {} }: ReadParamsOptions,
): Result<Readonly<Record<string, unknown>>, SpineError> {
  const params: Record<string, unknown> = { ...base };
  const mistakes = new Map<string, string>();
  for (const text of texts) {
    const [, name, explicit, value] = /^([^=:\s]+)(:?)=(.*)$/s.exec(text) ?? [];
    if (name === undefined || value === undefined) {
      mistakes.set(text, `"${text}" is not name=value or name:=json.${didYouMean(text, shapes.keys())}`);
      continue;
    }
    const parsed = explicit === ":" ? parseJson(name, value) : valueOf(name, value, shapes.get(name)?.types ?? []);
    if (parsed.isErr()) mistakes.set(name, parsed.error);
    else params[name] = parsed.value;
  }
  if (mistakes.size === 0) return ok(params);
  return err(
    new BadParamsError(`${subject}: ${[...mistakes.values()].join(" ")}`, {
      invalid: Object.fromEntries(mistakes),
      context,
    }),
  );
}

/** Parameters of a JSON file: one object. Fails with `PARAMS_INVALID`, or what reading the file failed with. */
export function readParamsFile(path: string, cwd: string): Result<Readonly<Record<string, unknown>>, SpineError> {
  const file = resolve(cwd, path);
  return tryResult(
    () => readFileSync(file, "utf8"),
    (thrown) =>
      toSpineError(thrown, "STORAGE_ERROR", { path: file, remedy: "Check the path given with --params-file." }),
  ).andThen((text) => {
    const parsed = tryResult(
      (): unknown => JSON.parse(text),
      (thrown) => badFile(file, `is not JSON: ${thrown instanceof Error ? thrown.message : String(thrown)}`, thrown),
    );
    return parsed.andThen((value) => (isRecord(value) ? ok(value) : err(badFile(file, "must hold one JSON object"))));
  });
}

function valueOf(name: string, text: string, types: readonly string[]): Result<unknown, string> {
  if (types.length === 0 || types.includes("string")) return ok(text);
  if (types.includes("null") && text === "null") return ok(null);
  if (types.includes("boolean") && (text === "true" || text === "false")) return ok(text === "true");
  if ((types.includes("number") || types.includes("integer")) && isNumberText(text)) return ok(Number(text));
  if (types.includes("array") || types.includes("object")) return parseJson(name, text);
  return err(`"${name}" takes ${types.map(article).join(" or ")}, and ${JSON.stringify(text)} is not one.`);
}

function parseJson(name: string, text: string): Result<unknown, string> {
  return tryResult(
    (): unknown => JSON.parse(text),
    () => `"${name}" takes JSON, and ${JSON.stringify(text)} is not. Quote it for the shell: '${name}:=["a", 1]'.`,
  );
}

function isNumberText(text: string): boolean {
  return text.trim() === text && text !== "" && Number.isFinite(Number(text));
}

function article(type: string): string {
  if (type === "null") return "null";
  if (type === "boolean") return "true or false";
  return /^[aeio]/.test(type) ? `an ${type}` : `a ${type}`;
}

function badFile(path: string, why: string, cause?: unknown): SpineError {
  return new BadParamsError(`${path} ${why}.`, {
    context: { path, remedy: 'Write { "name": value, … } into it.' },
    cause,
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
