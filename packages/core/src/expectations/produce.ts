import { ConfigError } from "../errors/families.ts";
import type { SpineError } from "../errors/spine-error.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { err, ok, type Result } from "../result.ts";
import type { Expectation } from "./expectation.ts";
import type { ExpectedPartition } from "./partitions.ts";

const template = /\{\{\s*([^{}\s]+)\s*\}\}/g;

/**
 * The parameters with which an expectation's target makes one partition: `{{ date }}`, `{{ partition }}`, the name of the date's part and those of
 * dimensions are replaced in every text. With `again`, `produce.force` goes over them. Fails with `BACKFILL_TARGET_MISSING`.
 */
export function paramsFor(
  { name, produce, dateKey }: Pick<Expectation, "name" | "produce" | "dateKey">,
  { date, label, partition, dimensions }: ExpectedPartition,
  { again = false }: { readonly again?: boolean | undefined } = {},
): Result<JsonObject, SpineError> {
  if (produce === undefined) return err(targetMissing(name));
  const values = new Map<string, string>(Object.entries(dimensions));
  if (dateKey !== undefined) values.set(dateKey, label);
  values.set("date", date).set("partition", partition);
  return ok(filled(again ? { ...produce.params, ...produce.force } : produce.params, values) as JsonObject);
}

/** The names that templates in a value use, each once. */
export function templateNames(value: Json): readonly string[] {
  const names = new Set<string>();
  const visit = (part: Json): void => {
    if (typeof part === "string") for (const [, name = ""] of part.matchAll(template)) names.add(name);
    else if (typeof part === "object" && part !== null) Object.values(part).forEach(visit);
  };
  visit(value);
  return [...names];
}

function filled(value: Json, values: ReadonlyMap<string, string>): Json {
  if (typeof value === "string") return value.replaceAll(template, (text, name: string) => values.get(name) ?? text);
  if (Array.isArray(value)) return Object.freeze(value.map((member: Json) => filled(member, values)));
  if (!isJsonObject(value)) return value;
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, member]) => [key, filled(member, values)])));
}

export function targetMissing(name: string): SpineError {
  return new ConfigError(
    `Expectation "${name}" does not say what makes a partition. Give it \`produce: { run, params }\`.`,
    { code: "BACKFILL_TARGET_MISSING", context: { expectation: name } },
  );
}
